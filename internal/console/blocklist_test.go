package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A list as Mastodon exports it is read as on the command line, and the page
// reports the result.
func TestBlockList(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	must(r.app.AddBlock(t.Context(), app.By{}, "old.example", "of old"))(t)
	must(r.app.AddBlock(t.Context(), app.By{}, "https://else.example/users/x", ""))(t)
	list := "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n" +
		"bad.example,suspend,false,false,\"<b>spam</b>\",false\nold.example,suspend,false,false,,false\n" +
		"loud.example,silence,false,false,,false\nx***.example,suspend,false,false,,false\n"
	b := r.signedIn("ada@acme.example")
	blocked := func() string {
		page := b.get("/console/silence/domain_blocks.csv")
		if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Content-Type"), "text/csv") {
			t.Errorf("the list answers %d, %v", page.status, page.header)
		}
		return page.body
	}
	b.upload("/console/silence/import", "list", list, nil).wants(t, http.StatusOK, "1 server was blocked. 1 was blocked before. 1 is only silenced",
		"Line 5 was not read", "&lt;b&gt;spam&lt;/b&gt;")
	if got := blocked(); !strings.Contains(got, "bad.example,suspend,false,false,<b>spam</b>,false") || !strings.Contains(got, "old.example,suspend,false,false,of old") ||
		strings.Contains(got, "loud.example") || strings.Contains(got, "else.example") {
		t.Errorf("blocked are %s", got)
	}
	b.upload("/console/silence/import", "list", list, url.Values{"silenced": {"1"}}).wants(t, http.StatusOK, "1 server was blocked. 2 were blocked before.")
	if got := blocked(); !strings.Contains(got, "loud.example") {
		t.Errorf("blocked are %s", got)
	}
	acts, _, err := r.app.AuditEntries(t.Context(), store.AuditFilter{Agent: "ada@acme.example"}, store.Page{})
	check(t, err)
	added := 0
	for _, a := range acts {
		if a.What == "block.add" {
			added++
		}
	}
	if added != 2 {
		t.Errorf("%d blocks are in the audit log", added)
	}

	// A mistake leaves everything as it was.
	b.post("/console/silence/import", nil).wants(t, http.StatusBadRequest, "choose the file")
	b.upload("/console/silence/import", "list", strings.Repeat("x", maxUpload), nil).wants(t, http.StatusBadRequest, "1,024 kB")
	var many strings.Builder
	for n := range 1200 {
		fmt.Fprintf(&many, "s%04d.example\n", n)
	}
	b.upload("/console/silence/import", "list", many.String(), nil).wants(t, http.StatusOK, "1,200 servers were blocked.")
	if n := strings.Count(blocked(), ",suspend,"); n != 1203 {
		t.Errorf("%d are blocked", n)
	}
}
