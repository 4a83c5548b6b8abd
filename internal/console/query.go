package console

import (
	"net/url"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// query is the part of the address about the list beside a thread. Forms carry
// it along, so that an act ends where it began.
type query struct {
	View   view
	Desk   desk.Handle
	Status desk.Status // only those that stand so, "" for all; "stands", as forms set a "status"
	Since  string      // days of the agent, as 2026-03-01, on which an issue was opened
	Until  string      // the last of them
	Search string
	After  string
	said   string // the last action, as visit.saying names it
}

func queryOf(q url.Values) query {
	out := query{View: view(q.Get("view")), Desk: desk.Handle(q.Get("desk")), Status: desk.Status(q.Get("stands")), Since: q.Get("since"), Until: q.Get("until"),
		Search: q.Get("q"), After: q.Get("after"), said: q.Get("said")}
	if today, ok := olderNames[out.View]; ok {
		out.View = today
	}
	if _, ok := views[out.View]; !ok {
		out.View = viewNew
	}
	if !slices.Contains(desk.Statuses(), out.Status) {
		out.Status = ""
	}
	for _, day := range []*string{&out.Since, &out.Until} {
		if _, err := time.Parse(time.DateOnly, *day); err != nil {
			*day = "" // no day
		}
	}
	return out
}

// Narrowed says whether only some of the view are listed.
func (q query) Narrowed() bool { return q.Status != "" || q.Since != "" || q.Until != "" }

// Piles says whether piles stand above the list: where it begins, and may have new issues.
func (q query) Piles() bool {
	new := q.View == viewNew || q.View == viewOpen || q.View == viewAll
	return new && q.Search == "" && q.After == "" && !q.Narrowed()
}

// input makes the request for the list: a view does not narrow a search.
func (q query) input(a desk.Agent) app.ListInput {
	in := app.ListInput{Search: q.Search, For: a.Email, Page: store.Page{After: q.After, Limit: pageSize}}
	if q.Search == "" {
		in.IssueFilter = views[q.View](a)
		in.Rows = true // the others are in the piles above
	}
	in.Desk = q.Desk
	if q.Status != "" {
		in.Status = q.Status
	}
	if first, err := time.Parse(time.DateOnly, q.Since); err == nil { // no day is no limit
		in.Since = desk.DayBegins(first, a.Zone())
	}
	if last, err := time.Parse(time.DateOnly, q.Until); err == nil {
		in.Until = desk.DayBegins(last.AddDate(0, 0, 1), a.Zone())
	}
	return in
}

func (q query) encode() string { return q.values().Encode() }

func (q query) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"view": string(q.View), "desk": string(q.Desk), "stands": string(q.Status), "since": q.Since, "until": q.Until, "q": q.Search, "after": q.After, "said": q.said} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
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
