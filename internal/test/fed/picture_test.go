package fed_test

import (
	"net/http"
	"testing"

	"earshot/internal/app"
	"earshot/internal/test/fed"
	"earshot/store"
)

// A report that is only a picture is listed and found by what the picture shows.
func TestPictureWithoutWords(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	note := eve.Note(1, p.Site.Desk("help"), "<p></p>")
	note["attachment"] = []M{{"type": "Document", "mediaType": "image/png", "url": "https://peer.example/a.png", "name": "Photo of the zzmodem"}}
	if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(note)); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	if got := p.Only().Issue.Excerpt; got != "Photo of the zzmodem" {
		t.Errorf("listed as %q", got)
	}
	err := p.View(ctx, func(tx *app.Tx) error {
		found, _, err := tx.Terms().Search([]string{"zzmodem"}, store.Page{Limit: 10})
		if len(found) != 1 {
			t.Errorf("found: %v", found)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
