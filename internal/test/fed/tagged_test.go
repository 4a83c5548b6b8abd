package fed_test

import (
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/test/fed"
)

// Hashtags of a broadcast are real, before and after an edit, and lead to
// one page; those of a reply are text.
func TestHashtagsOfABroadcast(t *testing.T) { onBothStores(t, hashtagsOfABroadcast) }

func hashtagsOfABroadcast(t *testing.T, c *fed.Cluster) {
	p, eve := c.Provider(acme), c.Peer()
	eve.Send(p.Site.SharedInbox(), M{"id": eve.URL + "/follow", "type": "Follow", "actor": string(eve.Actor), "object": string(p.Site.Desk("help"))})
	c.Settle()
	tagged := func(object string, kind string) (tags []string, content, href string) {
		t.Helper()
		for _, g := range eve.Got() {
			o, is := g.Body["object"].(M)
			if !is || o["id"] != object || g.Body["type"] != kind {
				continue
			}
			content = o["content"].(string)
			tags = nil
			for _, each := range o["tag"].([]any) {
				if tag := each.(M); tag["type"] == "Hashtag" {
					tags, href = append(tags, tag["name"].(string)), tag["href"].(string)
				}
			}
		}
		return tags, content, href
	}
	b, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Tonight #Wartung in #Süd, see https://acme.example/#plan\n#wartung", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	tags, content, _ := tagged(string(b.Object), "Create")
	if strings.Join(tags, " ") != "#Wartung #Süd" {
		t.Errorf("the tags are %q", tags)
	}
	if link := `<a href="` + p.Site.URL + `/@help?tag=wartung" class="mention hashtag" rel="tag">#<span>Wartung</span></a>`; !strings.Contains(content, link) || strings.Count(content, "hashtag") != 3 {
		t.Errorf("the content is %s", content)
	}
	_, err = p.EditPost(ctx, app.By{}, b.ID, "Done: #Wartung")
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	tags, content, href := tagged(string(b.Object), "Update")
	if strings.Join(tags, " ") != "#Wartung" || strings.Count(content, "hashtag") != 1 {
		t.Errorf("edited: %q in %s", tags, content)
	}
	if href != p.Site.URL+"/@help?tag=wartung" {
		t.Errorf("after the edit the tag leads to %s", href)
	}
	eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "<p>@help no net</p>")))
	c.Settle()
	reply := p.Say(p.Only().Issue.ID, "Known: #Wartung")
	c.Settle()
	if tags, content, _ := tagged(string(reply.Object), "Create"); len(tags) > 0 || strings.Contains(content, "hashtag") || content == "" {
		t.Errorf("the reply has the tags %q in %s", tags, content)
	}
}
