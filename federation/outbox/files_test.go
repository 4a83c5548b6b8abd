package outbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// onePixel is a PNG.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAQAAAAB/ecQqAAAADUlEQVR42mNgGAXUBAABUAABNLg62QAAAABJRU5ErkJggg=="

// The pictures of a reply are documents with their type, size and description; an Update
// brings others, and none is left after a deletion.
func TestPicturesOfAReply(t *testing.T) {
	i := newInstance(t)
	site := i.App.Site()
	issue := i.report(ana, true, nil)
	raw, err := base64.StdEncoding.DecodeString(onePixel)
	ok(t, err)
	u, err := i.App.Upload(t.Context(), app.By{}, "", raw)
	ok(t, err)
	p := i.say(app.ReplyInput{Issue: issue, Text: "This light", Visibility: desk.VisibilityDirect, Files: []app.FileInput{{ID: u.ID, Alt: "a red <light>"}}})
	i.run()
	attached := func(id desk.ActivityID) string {
		t.Helper()
		d, found := i.document(string(id))
		if !found {
			t.Fatalf("%s is not stored", id)
		}
		var a struct {
			Object struct{ Attachment []map[string]any }
		}
		ok(t, json.Unmarshal(d.JSON, &a))
		return fmt.Sprint(a.Object.Attachment)
	}
	at := site.File(u.ID)
	for id, want := range map[desk.ActivityID]string{
		app.CreateID(site, p.ID): "[map[height:48 mediaType:image/png name:a red <light> type:Document url:" + at + " width:48]]",
	} {
		if got := attached(id); got != want {
			t.Errorf("attached is %s, not %s", got, want)
		}
	}
	_, err = i.App.EditPost(t.Context(), app.By{}, p.ID, "This light", []app.FileInput{{ID: u.ID}})
	ok(t, err)
	_, err = i.App.EditPost(t.Context(), app.By{}, p.ID, "This light", []app.FileInput{})
	ok(t, err)
	i.run()
	// Each Update says what the post is when it goes out.
	if got := attached(app.UpdateID(site, p.ID, 2)); got != "[]" {
		t.Errorf("attached is %s", got)
	}
	_, err = i.App.RetractPost(t.Context(), app.By{}, p.ID)
	ok(t, err)
	i.run()
	if d, _ := i.document(string(app.CreateID(site, p.ID))); !d.Gone || bytes.Contains(d.JSON, []byte(u.ID)) {
		t.Errorf("after the deletion: %s", d.JSON)
	}
}
