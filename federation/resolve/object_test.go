package resolve

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/desk"
)

func TestObject(t *testing.T) {
	p := newPeer(t)
	p.serve("/1", note("/1", "HOST/alice"))
	r, _ := newResolver(t, nil)
	for range 2 {
		o := must(r.Object(ctx, p.object("/1")))(t)
		if o.Type != as.Note || o.AttributedTo != p.actor("/alice") || o.Content != "hi" {
			t.Errorf("got %+v", o)
		}
	}
	p.expect("/1", 2) // not cached
}

func TestObjectBehindAnActivityIsFetchedByItsOwnID(t *testing.T) {
	p, evil := newPeer(t), newPeer(t)
	p.serve("/1", note("/1", "HOST/alice"))
	p.serve("/1/activity", `{"type":"Create","id":"HOST/1/activity","actor":"HOST/alice",
		"object":{"type":"Note","id":"HOST/1","attributedTo":"HOST/alice","content":"embedded"}}`)
	p.serve("/2/activity", `{"type":"Update","id":"HOST/2/activity","actor":"HOST/alice","object":"HOST/1"}`)
	p.serve("/nested", `{"type":"Create","id":"HOST/nested","actor":"HOST/alice","object":"HOST/1/activity"}`)
	p.serve("/nothing", `{"type":"Create","id":"HOST/nothing","actor":"HOST/alice"}`)
	p.serve("/boost", `{"type":"Announce","id":"HOST/boost","actor":"HOST/alice","object":"HOST/1"}`)
	evil.serve("/steal", `{"type":"Create","id":"HOST/steal","actor":"HOST/mal","object":"`+p.URL+`/1"}`)
	r, _ := newResolver(t, nil)

	for _, path := range []string{"/1/activity", "/2/activity"} {
		o := must(r.Object(ctx, p.object(path)))(t)
		if o.ID != p.object("/1") || o.Content != "hi" {
			t.Errorf("%s: got %+v", path, o)
		}
	}
	p.expect("/1", 2)
	for _, id := range []string{p.URL + "/nested", p.URL + "/nothing", evil.URL + "/steal"} {
		_, err := r.Object(ctx, desk.ObjectID(id))
		expectKind(t, err, Invalid)
	}
	if o := must(r.Object(ctx, p.object("/boost")))(t); o.Type != as.Announce {
		t.Errorf("got a %s", o.Type)
	}
	p.expect("/1", 2)
}

func TestObjectOfForeignAuthorIsRefused(t *testing.T) {
	p := newPeer(t)
	p.serve("/1", note("/1", "https://victim.example/bob"))
	p.serve("/2", `{"type":"Note","id":"HOST/2","attributedTo":["HOST/alice","https://victim.example/bob"]}`)
	p.serve("/3", `{"type":"Note","id":"HOST/3","attributedTo":"1"}`)
	p.serve("/4", `{"type":"Note","id":"http://127.0.0.1/4","attributedTo":"http://127.0.0.1/bob"}`) // another port
	p.serve("/5", `{"type":"Note","type":"Create","id":"HOST/5"}`)
	p.serve("/6", `[]`)
	r, _ := newResolver(t, nil)
	for _, path := range []string{"/1", "/2", "/3", "/4", "/5", "/6"} {
		_, err := r.Object(ctx, p.object(path))
		expectKind(t, err, Invalid)
	}
	_, err := r.Object(ctx, p.object("/none"))
	expectKind(t, err, NotFound)
}

// A post is asked for with the ETag that it had, and only there.
func TestObjectIf(t *testing.T) {
	p, asked := newPeer(t), []string{}
	body := p.document(note("/1", "HOST/alice"))
	p.handle("/1", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match"))
		if r.Header.Get("If-None-Match") == `W/"a"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `W/"a"`)
		body(w, r)
	})
	p.handle("/2", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/1", http.StatusFound) })
	p.status("/3", http.StatusNotModified)
	p.handle("/4", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", strings.Repeat("x", maxTag+1))
		p.document(note("/4", "HOST/alice"))(w, r)
	})
	r, _ := newResolver(t, nil)
	for _, c := range []struct {
		path, tag string
		whole     bool
		now       string
	}{
		{"/1", "", true, `W/"a"`},
		{"/1", `W/"old"`, true, `W/"a"`},
		{"/1", `W/"a"`, false, `W/"a"`},
		{"/4", "", true, ""},
	} {
		o, now, err := r.ObjectIf(ctx, p.object(c.path), c.tag)
		if err != nil || (o != nil) != c.whole || now != c.now {
			t.Errorf("%s %s: %+v, %q, %v", c.path, c.tag, o, now, err)
		}
	}
	if want := []string{"", `W/"old"`, `W/"a"`}; !slices.Equal(asked, want) {
		t.Errorf("asked with %q", asked)
	}
	if o, _, err := r.ObjectIf(ctx, p.object("/2"), `W/"a"`); err != nil || o == nil { // the ETag is not of where it leads
		t.Errorf("redirected: %+v, %v", o, err)
	}
	if _, _, err := r.ObjectIf(ctx, p.object("/3"), ""); err == nil { // 304 that was not asked for
		t.Error("304 without a condition")
	}
}
