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

// count counts the lines of every view, at one desk or "" for all. What it reads does not
// grow with the number of issues.
func (c *Console) count(v *visit, h desk.Handle) (counts, error) {
	var filters []store.IssueFilter
	var of []view // of which view each is
	add := func(name view, f store.IssueFilter) {
		f.Desk, f.Rows = h, true
		filters, of = append(filters, f), append(of, name)
	}
	for _, name := range viewOrder {
		f := views[name](v.agent)
		if name == viewMine {
			for _, part := range unfinished(f) {
				add(name, part)
			}
			continue
		}
		add(name, f)
	}
	// New ones whose reporter spoke again are in two views, and wait once.
	const both view = ""
	add(both, store.IssueFilter{Status: desk.StatusNew, NeedsUs: true, Awake: true})
	numbers, piles, err := c.app.CountIssues(v.Context(), h, filters)
	if err != nil {
		return counts{}, err
	}
	sums := map[view]int{}
	for n, name := range of {
		sums[name] += numbers[n]
	}
	for _, name := range []view{viewNew, viewOpen, viewAll} {
		sums[name] += piles // each is a line above the issues
	}
	out := counts{Views: map[view]string{}}
	for _, name := range viewOrder {
		out.Views[name] = shownCount(v.speech, sums[name])
	}
	waiting := sums[viewNew] + sums[viewNeedsUs] - sums[both]
	out.Waiting, out.Icon = shownCount(v.speech, waiting), iconFor(waiting)
	return out, c.countSaved(v, h, &out)
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
