package fed_test

import (
	"context"
	"testing"

	"earshot/internal/app"
	"earshot/internal/test/fed"
)

// A post behind a warning is answered behind the same one, unless the agent
// takes it off; an edit of the post counts.
func TestWarningIsAnsweredBehindOne(t *testing.T) { onBothStores(t, warningIsAnswered) }

func warningIsAnswered(t *testing.T, c *fed.Cluster) {
	for n, tt := range []struct {
		what, kind string
		summary    any
		sensitive  bool
		change     M // of an edit before the answer; nil: none
		unwarned   bool
		want       any // summary; nil: none
		sent       bool
	}{
		{what: "a warning", summary: "Outage,\n rant", sensitive: true, want: "Outage, rant", sent: true},
		{what: "with characters of HTML", summary: "&lt;b&gt; &amp; you", sensitive: true, want: "&lt;b> & you", sent: true},
		{what: "without the mark", summary: "rant", want: "rant"},
		{what: "only the mark", sensitive: true, sent: true},
		{what: "none"},
		{what: "taken off", summary: "rant", sensitive: true, unwarned: true},
		{what: "added later", change: M{"summary": "rant", "sensitive": true}, want: "rant", sent: true},
		{what: "removed later", summary: "rant", sensitive: true, change: M{"summary": nil, "sensitive": false}},
		{what: "an article in short", kind: "Article", summary: "In short"},
		{what: "a sensitive article", kind: "Article", summary: "In short", sensitive: true, want: "In short", sent: true},
	} {
		p, peer := c.Provider(acme), c.Peer()
		note := peer.Note(n, p.Site.Desk("help"), "<p>@help no net</p>")
		note["summary"], note["sensitive"] = tt.summary, tt.sensitive
		if tt.kind != "" {
			note["type"] = tt.kind
		}
		peer.Send(p.Site.SharedInbox(), peer.Create(note))
		c.Settle()
		if tt.change != nil {
			for k, v := range tt.change {
				note[k] = v
			}
			note["updated"] = c.Clock.Now().Format("2006-01-02T15:04:05Z")
			peer.Send(p.Site.SharedInbox(), M{"id": peer.URL + "/edit", "type": "Update", "actor": peer.Actor, "object": note})
			c.Settle()
		}
		peer.Got()
		post, err := p.Reply(context.Background(), app.By{}, app.ReplyInput{Issue: p.Only().Issue.ID, Text: "One lamp?", Unwarned: tt.unwarned, Now: true})
		if err != nil {
			t.Fatal(tt.what, err)
		}
		c.Settle()
		var sent M
		for _, g := range peer.Got() {
			if o, is := g.Body["object"].(M); is && o["id"] == string(post.Object) {
				sent = o
			}
		}
		if sent == nil || sent["summary"] != tt.want || sent["sensitive"] != tt.sent {
			t.Errorf("%s: the reply has summary %q, sensitive %v, want %q, %v", tt.what, sent["summary"], sent["sensitive"], tt.want, tt.sent)
		}
	}
}
