package fed_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// inboundOnly works off the inbound queue and no other.
func inboundOnly(t *testing.T, p *fed.Provider) {
	t.Helper()
	for _, w := range p.Fed.Workers() {
		for more := w.Queue == store.QueueInbound; more; {
			n, err := w.RunOnce(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			more = n > 0
		}
	}
}

// Posts that answer posts of other servers are heard before those
// servers are asked, and so is what waits behind them. The posts above come later, and
// stand where they belong.
func TestHeardBeforeTheThreadIsComplete(t *testing.T) { onBothStores(t, heardBeforeComplete) }

func heardBeforeComplete(t *testing.T, c *fed.Cluster) {
	p, eve, ana, far := c.Provider(acme), c.Peer(), c.Peer(), c.Peer()
	chain(far, 3, map[int]desk.ActorID{1: far.Actor, 2: far.Actor, 3: far.Actor}, "")
	far.Asked()
	for n := 3; n < 33; n++ { // notes/3 is there, the others are not
		note := eve.Note(n, p.Site.Desk("help"), fmt.Sprintf("<p>@help %d</p>", n))
		note["inReplyTo"] = fmt.Sprintf("%s/notes/%d", far.URL, n)
		eve.Send(p.Site.SharedInbox(), eve.Create(note))
	}
	real := ana.Note(1, p.Site.Desk("help"), "<p>@help no light</p>")
	ana.Send(p.Site.SharedInbox(), ana.Create(real))
	inboundOnly(t, p)
	if n, asked := len(p.Issues()), far.Asked(); n != 31 || len(asked) > 0 {
		t.Fatalf("%d issues are open, want 31; asked for %q", n, asked)
	}
	c.Settle()
	for _, v := range p.Issues() {
		got := said(p.Show(v.Issue.ID))
		if v.Issue.Report == desk.ObjectID(eve.URL+"/notes/3") && strings.Join(got, "|") != "post word 1|post word 2|post word 3|report @help 3" {
			t.Errorf("the thread reads %q", got)
		}
	}
}

// A report that proves to belong to a thread joins it when that is known.
func TestLateAncestorsJoinAThread(t *testing.T) { onBothStores(t, lateAncestorsJoin) }

func lateAncestorsJoin(t *testing.T, c *fed.Cluster) {
	p, ana, far, eve := c.Provider(acme), c.Peer(), c.Peer(), c.Peer()
	report := ana.Note(20, p.Site.Desk("help"), "<p>@help no light</p>")
	ana.Send(p.Site.SharedInbox(), ana.Create(report))
	c.Settle()
	old := p.Only().Issue.ID
	last := chain(far, 2, map[int]desk.ActorID{1: far.Actor, 2: far.Actor}, report["id"].(string))
	note := eve.Note(9, p.Site.Desk("help"), "<p>@help you see</p>")
	note["inReplyTo"] = last
	if status, body := eve.Send(p.Site.SharedInbox(), eve.Create(note)); status != http.StatusAccepted {
		t.Fatal(status, body)
	}
	inboundOnly(t, p)
	if n := len(p.Issues()); n != 2 {
		t.Fatalf("%d issues before the thread is complete, want 2", n)
	}
	c.Settle()
	want := []string{"report @help no light", "post word 1", "post word 2", "post @help you see"}
	if got := said(p.Show(old)); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the thread reads %q, want %q", got, want)
	}
	for _, v := range p.Issues() {
		if i := v.Issue; i.ID != old && (i.Status != desk.StatusClosed || i.Reason != desk.ReasonDuplicate || i.Excerpt != "" || len(said(p.Show(i.ID))) > 0) {
			t.Errorf("the issue that was opened first is %s %s %q", i.Status, i.Reason, i.Excerpt)
		}
	}
	answer := eve.Note(10, p.Site.Desk("help"), "<p>@help and again</p>")
	answer["inReplyTo"] = note["id"]
	eve.Send(p.Site.SharedInbox(), eve.Create(answer))
	c.Settle()
	if got := said(p.Show(old)); len(got) != 5 {
		t.Errorf("after an answer the thread reads %q", got)
	}
}

// What was answered stays where it was said.
func TestAnsweredIssueIsLinked(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, ana, eve, far := c.Provider(acme), c.Peer(), c.Peer(), c.Peer()
	report := ana.Note(20, p.Site.Desk("help"), "<p>@help no light</p>")
	ana.Send(p.Site.SharedInbox(), ana.Create(report))
	c.Settle()
	old := p.Only().Issue.ID
	note := eve.Note(9, p.Site.Desk("help"), "<p>@help you see</p>")
	note["inReplyTo"] = chain(far, 1, nil, report["id"].(string))
	eve.Send(p.Site.SharedInbox(), eve.Create(note))
	inboundOnly(t, p)
	for _, v := range p.Issues() {
		if v.Issue.ID != old {
			p.Say(v.Issue.ID, "Which street?")
		}
	}
	c.Settle()
	for _, v := range p.Issues() {
		links := 0
		for _, e := range p.Show(v.Issue.ID).Timeline {
			if e.Event.Kind == desk.KindLink {
				links++
			}
		}
		if v.Issue.Status == desk.StatusClosed || links != 1 {
			t.Errorf("an issue is %s, with %d links: %q", v.Issue.Status, links, said(p.Show(v.Issue.ID)))
		}
	}
}
