package public

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func (p *place) upload() desk.FileID {
	p.Helper()
	var b bytes.Buffer
	check(p.T, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 60, 40))))
	return must(p.app.Upload(p.Context(), app.By{}, "", b.Bytes()))(p.T).ID
}

// A picture of a post is there for all while the post is out, as a picture and as nothing else.
func TestFilesOfPosts(t *testing.T) {
	p := newPlace(t)
	id := p.upload()
	at := desk.FilePath(id)
	gone := func(when string) {
		t.Helper()
		if w := p.get(at); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", when, w.Code)
		}
	}
	gone("before it is sent")
	b := must(p.app.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "This light is red.", Files: []app.FileInput{{ID: id, Alt: `a <red> light`}}}))(t)
	gone("before it is out")
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error { _, _, err := tx.PublishPost(b.ID); return err }))
	w := p.get(at)
	for name, want := range map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex", "Content-Disposition": "inline"} {
		if got := w.Header().Get(name); w.Code != http.StatusOK || got != want {
			t.Errorf("%d, %s: %q", w.Code, name, got)
		}
	}
	if !strings.HasPrefix(w.Body.String(), "\x89PNG") {
		t.Errorf("it is %.10q", w.Body)
	}
	for _, page := range []string{"/@help", "/posts/" + string(b.ID)} {
		wants(t, p.page(page), `<img src="`+at+`" width="60" height="40" loading="lazy" decoding="async" alt="a &lt;red&gt; light">`)
	}
	must(p.app.RetractPost(t.Context(), app.By{}, b.ID))(t)
	gone("after its deletion")
}
