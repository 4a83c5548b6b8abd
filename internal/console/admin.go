package console

import (
	"net/http"
	"strings"

	"earshot/internal/desk"
	"earshot/store"
)

// section is one of the pages beside the issues.
type section struct {
	Name  string // below Root, and the key of its name
	needs desk.Scope
	Runs  bool // about running the instance: in the menu of those
}

// sections are those pages, in the order in which they are offered.
var sections = []section{
	{"today", desk.ScopeRead, false},
	{"incidents", desk.ScopeRead, false},
	{"broadcasts", desk.ScopeRead, false},
	{"phrases", desk.ScopePublish, false},
	{"quarantine", desk.ScopeRead, false},
	{"setup", desk.ScopeAdmin, true},
	{"desks", desk.ScopeAdmin, true},
	{"people", desk.ScopeAdmin, true},
	{"sources", desk.ScopeAdmin, true},
	{"silence", desk.ScopeAdmin, true},
	{"flags", desk.ScopeAdmin, true},
	{"webhooks", desk.ScopeAdmin, true},
	{"queue", desk.ScopeAdmin, true},
	{"drops", desk.ScopeAdmin, true},
	{"audit", desk.ScopeAdmin, true},
	{"notify", desk.ScopeRead, false},
	{"you", desk.ScopeRead, false},
}

// sectionsOf returns the pages that an agent may see.
func sectionsOf(a desk.Agent) (out []section) {
	for _, s := range sections {
		if a.May(s.needs) {
			out = append(out, s)
		}
	}
	return out
}

// allowed lets only those in whose role allows it.
func allowed(scope desk.Scope, p action) action {
	return func(v *visit) error {
		if !v.agent.May(scope) {
			return desk.Forbidden("role_too_weak", "your role is %q, and this needs the right %q: ask an admin", v.agent.Role, scope)
		}
		return p(v)
	}
}

// sheet is a page beside the issues: its subject and its rows.
type sheet[T any] struct {
	Rows  []T
	Older string // the address of the next page, "" at the end
	More  any
}

// sheetOf makes a page of a list.
func sheetOf[T any](v *visit, rows []T, next string) sheet[T] {
	s := sheet[T]{Rows: rows}
	if next != "" {
		q := v.URL.Query()
		q.Set("after", next)
		q.Del("said")
		s.Older = v.URL.Path + "?" + q.Encode()
	}
	return s
}

func (v *visit) page() store.Page {
	return store.Page{After: v.URL.Query().Get("after"), Limit: pageSize}
}

// show answers with a page beside the issues.
func (c *Console) show(v *visit, name string, data any) error {
	return c.showAs(v, http.StatusOK, name, data)
}

func (c *Console) showAs(v *visit, status int, name string, data any) error {
	return c.send(v, status, name, frame{Title: v.speech.T("console_section." + name), Said: v.saying(v.URL.Query().Get("said")), Data: data})
}

// done redirects to a page beside the issues after something was done there. A path may
// have a query.
func (v *visit) done(path, said string) error {
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	http.Redirect(v.w, v.Request, Root+path+mark+"said="+said, http.StatusSeeOther)
	return nil
}
