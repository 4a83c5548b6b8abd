package console

import (
	"fmt"
	"html/template"
)

// drawings are the lines of the icons, on 16 by 16 points. Each stands beside words
// that say the same.
var drawings = map[string]string{
	"tray":     "M2 9.5 4 3h8l2 6.5V13H2zM2 9.5h3.5l1 2h3l1-2H14",
	"person":   "M10.75 5.25a2.75 2.75 0 1 1-5.5 0 2.75 2.75 0 0 1 5.5 0zM2.5 14c.5-3 2.5-4.25 5.5-4.25s5 1.25 5.5 4.25",
	"at":       "M10.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zm0-2.5v3.25a1.75 1.75 0 0 0 3.5 0V8a6 6 0 1 0-2.5 4.9",
	"speech":   "M2 3h12v8.5H7.5L4 14.5v-3H2zM5 6h6M5 8.5h4",
	"ring":     "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 7.9v.2",
	"clock":    "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.75V8l2.25 1.5",
	"moon":     "M13.5 9.75A6 6 0 1 1 6.25 2.5a5 5 0 0 0 7.25 7.25z",
	"tick":     "m2.5 8.5 3.5 3.75 7.5-8.5",
	"lines":    "M2 4h12M2 8h12M2 12h12",
	"bookmark": "M4 2h8v12l-4-3-4 3z",
	"plane":    "M14 2 2 7l4.75 2.25L9 14zM14 2 6.75 9.25",
	"lock":     "M3.5 7.5h9V14h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
	"eye":      "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
	"pencil":   "m3 13 .75-3.25L11 2.5 13.5 5l-7.25 7.25zM9 4.5 11.5 7",
	"back":     "M5.5 3 2 6.5 5.5 10M2 6.5h8a3.5 3.5 0 0 1 0 7H7",
	"chain":    "m6.25 9.75 3.5-3.5M7 4.5l1.25-1.25a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.25 1.25a3 3 0 0 1-4.5-4.5L4.5 7",
	"out":      "M9 2h5v5M14 2 7.5 8.5M12 9.5V14H2V4h4.5",
}

// viewIcons are the icons of the views; those that agents saved have a bookmark.
var viewIcons = map[view]string{
	viewNew: "tray", viewMine: "person", viewMentioned: "at", viewNeedsUs: "speech", viewOpen: "ring",
	viewWaiting: "clock", viewSnoozed: "moon", viewDone: "tick", viewAll: "lines",
}

// icon is a drawing in the colour and the size of the words beside it. Who hears the
// page hears these only.
func icon(name string) (template.HTML, error) {
	lines, ok := drawings[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="` + lines + `"/></svg>`), nil //nolint:gosec // it is ours
}

func viewIcon(v view) (template.HTML, error) { return icon(viewIcons[v]) }
