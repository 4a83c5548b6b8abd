package console

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// counts are the numbers beside the views, and that of the reporters who wait for us:
// with a new issue, or because they spoke.
type counts struct {
	Views   map[view]string `json:"views"`   // as a page shows them; "" for nothing
	Waiting string          `json:"waiting"` // in the title
	Icon    string          `json:"icon"`    // the favicon's address
	saved   []desk.SavedView
}

// unfinished are the filters of an agent's own issues that are counted: done ones are
// listed, below the others.
func unfinished(f store.IssueFilter) []store.IssueFilter {
	open, paused := f, f
	open.Category, paused.Category = desk.CategoryOpen, desk.CategoryPaused
	return []store.IssueFilter{open, paused}
}

// count counts the lines of every view, at one desk or "" for all, and of those that are saved.
// What it reads does not grow with the number of issues.
func (c *Console) count(v *visit, h desk.Handle) (counts, error) {
	saved, err := c.app.ViewsFor(v.Context(), v.agent.Email)
	if err != nil {
		return counts{}, err
	}
	var lists []app.CountInput
	var of []view // of which view each is
	add := func(name view, q query) {
		lists, of = append(lists, q.counted(v.agent)), append(of, name)
	}
	for _, name := range viewOrder {
		add(name, query{View: name, Desk: h})
	}
	for _, s := range saved {
		if s.Search == "" { // the issues that a search finds would be read to be counted
			add(savedKey(s), queryOfSaved(s))
		}
	}
	// New ones whose reporter spoke again are in two views, and wait once.
	const both view = ""
	lists, of = append(lists, app.CountInput{Filters: []store.IssueFilter{{Desk: h, Rows: true, Status: desk.StatusNew, NeedsUs: true, Awake: true}}}), append(of, both)
	numbers, err := c.app.CountLists(v.Context(), lists)
	if err != nil {
		return counts{}, err
	}
	out, sums := counts{Views: map[view]string{}, saved: saved}, map[view]int{}
	for n, name := range of {
		if sums[name] = numbers[n]; name != both {
			out.Views[name] = shownCount(v.speech, numbers[n])
		}
	}
	waiting := sums[viewNew] + sums[viewNeedsUs] - sums[both]
	out.Waiting, out.Icon = shownCount(v.speech, waiting), iconFor(waiting)
	return out, nil
}

// counted is the list as its lines are counted.
func (q query) counted(a desk.Agent) app.CountInput {
	f := q.input(a).IssueFilter
	out := app.CountInput{Filters: []store.IssueFilter{f}, Piles: q.Piles(), Desk: q.Desk}
	if q.View == viewMine && q.Status == "" {
		out.Filters = unfinished(f)
	}
	return out
}

// shownCount writes a number as a page shows it.
func shownCount(l *locale.Language, n int) string {
	switch {
	case n == 0:
		return ""
	case n >= app.MaxCount:
		return l.Fill("{n}+", "n", app.MaxCount-1)
	}
	return l.Fill("{n}", "n", n)
}

// showCounts answers the page's script, which asks when something has happened.
func (c *Console) showCounts(v *visit) error {
	n, err := c.count(v, desk.Handle(v.URL.Query().Get("desk")))
	if err != nil {
		return err
	}
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Cache-Control", "no-store")
	_, _ = v.w.Write(b)
	return nil
}

// iconMost is the largest number that a favicon shows.
const iconMost = 99

// iconFor is the address of the favicon that shows how many wait.
func iconFor(waiting int) string {
	if waiting == 0 {
		return "/favicon.svg"
	}
	return fmt.Sprintf("%s/icon/%d.svg", Root, min(waiting, iconMost+1))
}

// icon is the favicon with a number.
func (c *Console) icon(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimSuffix(mux.Vars(r)["file"], ".svg"))
	if err != nil || n < 1 || n > iconMost+1 {
		http.Error(w, "there is no such icon", http.StatusNotFound)
		return
	}
	shown := strconv.Itoa(n)
	if n > iconMost {
		shown = "99+"
	}
	size := map[int]int{1: 44, 2: 38, 3: 27}[len(shown)]
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#b3480f"/><text x="32" y="%d" font-family="system-ui,sans-serif" font-weight="700" font-size="%d" text-anchor="middle" fill="#fff">%s</text></svg>`,
		32+size*36/100, size, html.EscapeString(shown))
}
