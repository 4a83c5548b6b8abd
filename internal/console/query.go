package console

import (
	"net/url"

	"earshot/internal/desk"
)

// query is what the address says of the list beside a thread. Forms carry it
// along, so that an act ends where it began.
type query struct {
	View   view
	Desk   desk.Handle
	Search string
	After  string
	said   string // what was just done, as visit.saying names it
}

func queryOf(q url.Values) query {
	out := query{View: view(q.Get("view")), Desk: desk.Handle(q.Get("desk")), Search: q.Get("q"), After: q.Get("after"), said: q.Get("said")}
	if _, ok := views[out.View]; !ok {
		out.View = viewNew
	}
	return out
}

func (q query) encode() string {
	v := url.Values{}
	for name, value := range map[string]string{"view": string(q.View), "desk": string(q.Desk), "q": q.Search, "after": q.After, "said": q.said} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v.Encode()
}

// List is the address of the list.
func (q query) List() string { return Root + "/issues?" + q.encode() }

// In is the address of the same list in another view.
func (q query) In(v view) string { return query{View: v, Desk: q.Desk}.List() }

// Issue is the address of an issue in the list.
func (q query) Issue(id desk.IssueID) string { q.said = ""; return q.issue(id) }

func (q query) issue(id desk.IssueID) string {
	return Root + "/issues/" + url.PathEscape(string(id)) + "?" + q.encode()
}

// Next is the address of the list's next page.
func (q query) Next(after string) string { q.After, q.said = after, ""; return q.List() }
