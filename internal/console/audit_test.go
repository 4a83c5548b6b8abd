package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// The log says who did what to which thing, under the days of the reader's zone.
func TestAuditInSentences(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo <Berg>", desk.RoleAgent)
	b := r.signedIn(ada)
	b.post("/console/you/zone", url.Values{"zone": {"Asia/Tokyo"}}).wants(t, http.StatusOK)
	issue := r.report("ana", "My line is down")
	_, err := r.app.Reply(t.Context(), app.By{Agent: bo}, app.ReplyInput{Issue: issue, Text: "Which street?", Visibility: desk.VisibilityQuiet})
	check(t, err)
	r.clock.Advance(4 * time.Hour) // 01:00 of the next day in Tokyo
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error { return tx.Audit(app.By{Agent: bo}, "new.thing", "news/1", "") }))
	page := b.get("/console/audit")
	page.wants(t, http.StatusOK, `<h2>2 March 2026</h2>`, `<h2>1 March 2026</h2>`, "Asia/Tokyo", ">21:00</time>", ">01:00</time>",
		`>Bo &lt;Berg&gt;</a> replied to <a href="/console/issues/`+string(issue)+`">issue …`, "signed in.", ">the desk @help</a>", "new.thing", "news/1")
	page.lacks(t, "Which street?", "<Berg>")
	if strings.Index(page.body, "2 March 2026</h2>") > strings.Index(page.body, "1 March 2026</h2>") {
		t.Error("the newest day is not the first")
	}
	only := b.get("/console/audit?kind=issue")
	only.wants(t, http.StatusOK, "replied to")
	only.lacks(t, "signed in.", "new.thing")
	b.get("/console/audit?until=2026-03-01").lacks(t, "new.thing", "2 March 2026</h2>")
	b.get("/console/audit?until=2026-02-28").wants(t, http.StatusOK, "No entries.")
	b.get("/console/audit?until=soon").wants(t, http.StatusOK, "2026-03-01", `value="soon"`)
	by := b.get("/console/audit?agent=" + bo)
	by.wants(t, http.StatusOK, "replied to", `value="`+bo+`" selected`)
	by.lacks(t, "the desk @help")
	german := must(http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/console/audit", http.NoBody))(t)
	german.Header.Set("Accept-Language", "de")
	b.do(german).wants(t, http.StatusOK, "hat auf <a href", "den Helpdesk @help")
}

// A page of a rare kind is found behind many entries of others, and pages go on.
func TestAuditPages(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	b := r.signedIn(ada)
	fill := func(what string, n int) {
		check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
			for range n {
				r.clock.Advance(time.Millisecond)
				tx.Now = r.clock.Now()
				if err := tx.Audit(app.By{Agent: ada}, what, "desks/help", ""); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	fill("pile.undo", 3)
	fill("desk.edit", 5*pageSize)
	b.get("/console/audit?kind=crowd").wants(t, http.StatusOK, "took a change back")
	first := b.get("/console/audit?kind=instance&agent=" + ada)
	_, rest, more := strings.Cut(first.body, `class="older"><a href="`)
	if !more {
		t.Fatal("there is no next page")
	}
	next, _, _ := strings.Cut(rest, `"`)
	b.get(strings.ReplaceAll(next, "&amp;", "&")).wants(t, http.StatusOK, "changed <a href", `value="instance" selected`)
}
