package public

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

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
	if head := p.do(http.MethodHead, at); head.Code != http.StatusOK || head.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
		t.Errorf("HEAD: %d, %s bytes of %d", head.Code, head.Header().Get("Content-Length"), w.Body.Len())
	}
	if again := p.get(at, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("known: %d", again.Code)
	}
	for _, page := range []string{"/@help", "/posts/" + string(b.ID)} {
		wants(t, p.page(page), `<img src="`+at+`" width="60" height="40" loading="lazy" decoding="async" alt="a &lt;red&gt; light">`)
	}
	must(p.app.RetractPost(t.Context(), app.By{}, b.ID))(t)
	gone("after its deletion")
}

// Feeds carry the pictures of broadcasts with what they show.
func TestPicturesInFeeds(t *testing.T) {
	p := newPlace(t)
	at := "https://social.acme.example" + desk.FilePath(p.pictured("").Attachments[0].File)
	var f atomFeed
	check(t, xml.Unmarshal(p.get("/feed.atom").Body.Bytes(), &f))
	validAtom(t, f, "https://social.acme.example/feed.atom")
	shown := `<p><img src="` + at + `" width="60" height="40" alt="a &lt;red&gt; light"></p>`
	if e := f.Entries[0]; len(e.Links) != 2 || e.Links[1] != (atomLink{"enclosure", "image/png", at, "a <red> light"}) || !strings.HasSuffix(e.Content.Text, shown) {
		t.Errorf("the entry is %+v", e)
	}
	item := p.jsonFeed("/feed.json")["items"].([]any)[0].(map[string]any)
	if got := fmt.Sprint(item["attachments"]); got != "[map[mime_type:image/png title:a <red> light url:"+at+"]]" || !strings.HasSuffix(item["content_html"].(string), shown) {
		t.Errorf("the item is %v", item)
	}
}

// A sensitive picture is seen by those who open it: on the page it is folded, in feeds it is a
// link to the page.
func TestSensitivePicturesAreFolded(t *testing.T) {
	p := newPlace(t)
	b := p.pictured("An accident")
	at := desk.FilePath(b.Attachments[0].File)
	lacks(t, p.get("/feed.atom").Body.String()+p.get("/feed.json").Body.String(), at)
	wants(t, p.get("/feed.atom").Body.String(), "Sensitive pictures")
	page := p.page("/posts/" + string(b.ID))
	if strings.Count(page, "<details>") != 1 {
		t.Errorf("behind a warning: %s", page)
	}

	// One that answers a sensitive post without a warning has none either.
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error { b.Warning = ""; return tx.Posts().Put(b) }))
	for lang, word := range map[string]string{"en": "Sensitive pictures", "de": "Heikle Bilder", "es": "Imágenes delicadas", "fr": "Images sensibles", "nl": "Gevoelige afbeeldingen"} {
		for _, path := range []string{"/@help", "/posts/" + string(b.ID)} {
			page := p.page(path + "?lang=" + lang)
			before, folded, _ := strings.Cut(page, "<details><summary>"+word+"</summary>")
			if inside, _, _ := strings.Cut(folded, "</details>"); !strings.Contains(inside, `src="`+at) || strings.Contains(before, at) || !strings.Contains(before, "This light is red.") {
				t.Errorf("%s in %s: %s", path, lang, page)
			}
		}
	}
}

// pictured is a broadcast with a picture that is out.
func (p *place) pictured(warning string) desk.Post {
	p.Helper()
	b := must(p.app.Broadcast(p.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "This light is red.", Warning: warning, Files: []app.FileInput{{ID: p.upload(), Alt: "a <red> light"}}}))(p.T)
	check(p.T, p.app.Update(p.Context(), func(tx *app.Tx) (err error) { b, _, err = tx.PublishPost(b.ID); return err }))
	return b
}

// Bytes are read for those who get some of them.
func TestBytesAreReadLate(t *testing.T) {
	for name, c := range map[string]struct {
		method, header, value string
		status                int
		body                  string
		reads                 int
	}{
		"GET":            {"GET", "", "", 200, "0123456789", 1},
		"HEAD":           {"HEAD", "", "", 200, "", 0},
		"known":          {"GET", "If-None-Match", `"v"`, 304, "", 0},
		"other":          {"GET", "If-None-Match", `"w"`, 200, "0123456789", 1},
		"a part":         {"GET", "Range", "bytes=7-", 206, "789", 1},
		"no part":        {"GET", "Range", "bytes=70-", 416, "", 0},
		"HEAD of a part": {"HEAD", "Range", "bytes=0-1", 206, "", 0},
	} {
		reads := 0
		body := &later{size: 10, read: func() ([]byte, error) { reads++; return []byte("0123456789"), nil }}
		r := httptest.NewRequest(c.method, "/", nil)
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		w := httptest.NewRecorder()
		pictureHead(w, "image/png", "v")
		http.ServeContent(w, r, "", time.Time{}, body)
		if w.Code != c.status || reads != c.reads || c.status < 400 && w.Body.String() != c.body {
			t.Errorf("%s: %d %q after %d reads", name, w.Code, w.Body, reads)
		}
	}
}
