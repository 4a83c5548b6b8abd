package fed_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// sentTo lists what reached a peer: the type, the words, the post that it answers, the
// people that it mentions and the desk that signed it.
func sentTo(p *fed.Peer) (out []string) {
	for _, g := range p.Got() {
		o, ok := g.Body["object"].(M)
		if !ok {
			continue
		}
		var mentions []string
		if tags, ok := o["tag"].([]any); ok {
			for _, t := range tags {
				mentions = append(mentions, fmt.Sprint(t.(M)["href"]))
			}
		}
		signer := g.KeyID[strings.LastIndex(g.KeyID[:strings.Index(g.KeyID, "#")], "/")+1 : strings.Index(g.KeyID, "#")]
		answers, _ := o["inReplyTo"].(string)
		words, _ := o["content"].(string)
		if i := strings.Index(words, "</a>"); i >= 0 {
			words = words[i:]
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s by %s to %v in %s", g.Body["type"], strings.Trim(between(words), " "), signer, mentions, answers)))
	}
	return out
}

// between takes the tags out of HTML.
func between(html string) string {
	var b strings.Builder
	in := false
	for _, r := range html {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Two reporters on two servers: each gets each word of ours once, in their own thread,
// mentioned alone, from the desk that has the issue then.
func TestMergedIssueAnswersEach(t *testing.T) { onBothStores(t, mergedAnswersEach) }

func mergedAnswersEach(t *testing.T, c *fed.Cluster) {
	p, ana, ben := c.Provider(acme), c.Peer(), c.Peer()
	ctx := context.Background()
	reports := map[*fed.Peer]string{}
	for _, peer := range []*fed.Peer{ana, ben} {
		note := peer.Note(1, p.Site.Desk("help"), "<p>@help no light</p>")
		reports[peer] = note["id"].(string)
		peer.Send(p.Site.SharedInbox(), peer.Create(note))
	}
	c.Settle()
	of := map[desk.ObjectID]desk.IssueID{}
	for _, v := range p.Issues() {
		of[v.Issue.Report] = v.Issue.ID
	}
	a, b := of[desk.ObjectID(reports[ana])], of[desk.ObjectID(reports[ben])]
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	_, err := p.Merge(ctx, app.By{}, app.MergeInput{Into: a, Issue: b})
	check("merging", err)
	wants := func(peer *fed.Peer, want ...string) {
		t.Helper()
		for n := range want {
			want[n] = strings.ReplaceAll(want[n], "ME", fmt.Sprintf("[%s]", peer.Actor))
			want[n] = strings.ReplaceAll(want[n], "REPORT", reports[peer])
		}
		if got := sentTo(peer); !slices.Equal(got, want) {
			t.Errorf("%s got\n%s\nwant\n%s", peer.Actor, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	first := p.Say(a, "On our way", desk.StatusChange{To: desk.StatusInProgress})
	c.Settle()
	create := "Create On our way by help to ME in REPORT"
	wants(ana, create)
	wants(ben, create)

	_, err = p.EditPost(ctx, app.By{}, first.ID, "We are there")
	check("editing", err)
	c.Settle()
	update := "Update We are there by help to ME in REPORT"
	wants(ana, create, update)
	wants(ben, create, update)

	// Ben answers his copy: the one issue has it. Then he wants no more.
	answer := ben.Note(2, p.Site.Desk("help"), "<p>@help thanks</p>")
	copied := p.Show(a)
	for _, e := range copied.Timeline {
		for _, k := range e.Copies {
			answer["inReplyTo"] = string(k.Post.Object)
		}
	}
	ben.Send(p.Site.SharedInbox(), ben.Create(answer))
	c.Settle()
	if v := p.Only(); v.Issue.ID != a || !v.Issue.NeedsUs || !slices.Contains(said(v), "post @help thanks") {
		t.Errorf("the answer to a copy: %s needs us %t, %q", v.Issue.ID, v.Issue.NeedsUs, said(v))
	}
	_, err = p.AddDesk(ctx, app.By{}, desk.Desk{Handle: "tram", Name: "Tram", Names: []string{"tram"}, Calls: []string{"fail"}})
	check("adding a desk", err)
	_, err = p.MoveIssue(ctx, app.By{}, app.MoveInput{Issue: a, To: "tram"})
	check("moving", err)
	p.Say(a, "The tram desk here")
	c.Settle()
	moved := "Create The tram desk here by tram to ME in "
	wants(ana, create, update, moved+"REPORT")
	wants(ben, create, update, moved+answer["id"].(string))
	_, err = p.RetractPost(ctx, app.By{}, first.ID)
	check("deleting", err)
	c.Settle()
	for _, peer := range []*fed.Peer{ana, ben} {
		if got := sentTo(peer); len(got) != 4 || !strings.HasPrefix(got[3], "Delete") || !strings.Contains(got[3], "by help") {
			t.Errorf("what the old desk said is deleted by it: %q", got)
		}
	}
	// An answer to the new desk, which the reporter never named, joins as before.
	again := ana.Note(3, p.Site.Desk("tram"), "<p>@tram it works</p>")
	for _, e := range p.Show(a).Timeline {
		if e.Post != nil && e.Post.Ours() && e.Post.Desk == "tram" {
			again["inReplyTo"] = string(e.Post.Object)
		}
	}
	ana.Send(p.Site.SharedInbox(), ana.Create(again))
	block := M{"@context": "https://www.w3.org/ns/activitystreams", "id": ben.URL + "/block", "type": "Block", "actor": string(ben.Actor), "object": string(p.Site.Desk("tram"))}
	ben.Send(p.Site.SharedInbox(), block)
	c.Settle()
	if v := p.Only(); !slices.Contains(said(v), "post @tram it works") {
		t.Errorf("an answer to the new desk: %q", said(v))
	}
	p.Say(a, "Good to hear")
	c.Settle()
	if a, b := len(sentTo(ana)), len(sentTo(ben)); a != 5 || b != 4 {
		t.Errorf("after Ben's block Ana got %d and Ben %d, want 5 and 4", a, b)
	}
	if waiting, dead := p.Waiting(); waiting+dead > 0 {
		t.Errorf("%d jobs wait, %d died", waiting, dead)
	}
}
