package console

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/internal/markup"
	"earshot/internal/templates"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page is a template in one language.
type page struct{ name, language string }

func pagesOf(speech *locale.Catalogue, names ...string) templates.Set[page] {
	out := templates.Set[page]{}
	for _, l := range speech.Languages() {
		funcs := funcsIn(l)
		for _, name := range names {
			out.Add(page{name, l.Code}, templateFiles, funcs, "layout.html",
				"templates/layout.html", "templates/parts_*.html", "templates/"+name+".html")
		}
	}
	return out
}

// funcsIn are the functions of the templates, in one language.
func funcsIn(l *locale.Language) template.FuncMap {
	return template.FuncMap{
		"t":    l.HTML,
		"lang": func() string { return l.Code },
		"when": l.Time,
		"time": func(t time.Time) template.HTML {
			return template.HTML(`<time datetime="` + iso(t) + `">` + template.HTMLEscapeString(l.Time(t)) + `</time>`)
		},
		"status":   func(s desk.Status) mark { return statusOf(l, s) },
		"stands":   func(s desk.IncidentStatus) mark { return standsOf(l, s) },
		"impact":   func(i desk.Impact) string { return l.T("console_impact." + string(i)) },
		"who":      func(a desk.Actor) string { return nameOf(l, a) },
		"initials": func(a desk.Actor) string { return initialsOf(l, a) },
		"hue":      hueOf,
		"reasons":  func() []reason { return reasons(l) },
		"problem":  func(p api.Problem) string { return problem(l, p) },
		"words":    func(s string) template.HTML { return template.HTML(markup.Render(s, nil)) },
		// The stored posts of others were sanitised when they were heard.
		"sanitised": func(s string) template.HTML { return template.HTML(markup.Sanitise(s)) },
		"scopes":    joined[desk.Scope],
		"texts":     func() (string, error) { return scriptTexts(l) },
		"kbd":       func(s any) template.HTML { return element("kbd", "", s) },
		"b":         func(s any) template.HTML { return element("b", "", s) },
		"inCode":    inCode,
		"code":      func(s any) template.HTML { return element("code", "", s) },
		"say":       func(s string) template.HTML { return recordedIn(l, s).HTML() },
		"why":       func(i desk.Issue) template.HTML { return whyIn(l, i).HTML() },
		"through":   func(sources []string) string { return throughIn(l, sources) },
		"flood":     func(q desk.Quarantined) template.HTML { return floodIn(l, q).HTML() },
		"held":      func(f desk.Flood) string { return l.T("console_held." + string(f)) },
		"role":      func(r desk.AgentRole) string { return l.T("console_role." + string(r)) },
		"iso":       iso,
		"seconds":   func(d time.Duration) int { return int(d.Seconds()) },
		"join":      joined[string],
		"picture":   func(d desk.Desk, r desk.PictureRole) string { return desk.PicturePath(d.Handle, r, d.Picture(r)) },
		"linkrows":  linkRows,
		"nothing":   func() []string { return nil },
		"plot":      plotHours,
		"plotDays":  plotDays,
		"dict":      dict,
		"icon":      icon,
		"viewIcon":  viewIcon,
	}
}

// scriptTexts are the texts of console.js, as JSON.
func scriptTexts(l *locale.Language) (string, error) {
	b, err := json.Marshal(map[string]map[string]string{"script": l.Texts("console_script."), "view": l.Texts("console_view."), "status": l.Texts("console_status."), "search": l.Texts("console_search.")})
	return string(b), err
}

func joined[T ~string](list []T) string {
	out := make([]string, len(list))
	for n, s := range list {
		out[n] = string(s)
	}
	return strings.Join(out, ", ")
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// element is one element around escaped text; name and attributes are ours.
func element(name, attributes string, text any) template.HTML {
	return template.HTML("<" + name + attributes + ">" + template.HTMLEscapeString(fmt.Sprint(text)) + "</" + name + ">")
}

// inCode escapes a text, and shows as code what stands in it between backticks.
func inCode(text string) template.HTML {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "`")
		code, after, closed := strings.Cut(rest, "`")
		if !open || !closed {
			b.WriteString(template.HTMLEscapeString(text))
			return template.HTML(b.String()) //nolint:gosec // it is escaped
		}
		b.WriteString(template.HTMLEscapeString(before))
		b.WriteString(string(element("code", "", code)))
		text = after
	}
}

// dict hands several values to a template that takes one.
func dict(pairs ...any) (map[string]any, error) {
	out := map[string]any{}
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes names and values")
	}
	for n := 0; n < len(pairs); n += 2 {
		name, ok := pairs[n].(string)
		if !ok {
			return nil, fmt.Errorf("a name in dict is no text")
		}
		out[name] = pairs[n+1]
	}
	return out, nil
}

// nameOf is what a person is called: their name, or else their address.
func nameOf(l *locale.Language, a desk.Actor) string {
	for _, s := range []string{a.Name, a.Acct, string(a.ID)} {
		if s = desk.CleanName(s); s != "" {
			return s
		}
	}
	return l.T("console.unknown_person")
}

// mark is a status as people see it: a shape beside the word, for those who do
// not tell colours apart.
type mark struct{ Key, Shape, Word string }

var shapes = map[desk.Status]string{
	desk.StatusNew:          "●",
	desk.StatusAcknowledged: "◔",
	desk.StatusInProgress:   "◕",
	desk.StatusWaiting:      "◑",
	desk.StatusHandedOff:    "↗",
	desk.StatusFixed:        "✓?",
	desk.StatusResolved:     "✓",
	desk.StatusClosed:       "–",
}

func statusOf(l *locale.Language, s desk.Status) mark {
	return mark{string(s), shapes[s], l.T("console_status." + string(s))}
}

// frame holds the parts that the layout needs on every page.
type frame struct {
	Title    string
	Language string // its code
	Agent    desk.Agent
	Sections []section
	Runs     []section // those of them that are in the menu of running the instance
	Running  bool      // the page is one of those
	Here     string    // the name of the section the page is in
	Site     desk.Site
	Live     bool // what happens is told to the page
	Present  int  // for how many seconds a presence holds
	// OpenIncidents is how many are going on, as the navigation says it; "" for none.
	OpenIncidents string
	assets
	counts
	Colour string // address of the stylesheet with the provider's colour, "" for none
	Proxy  string // for an admin: requests come through a proxy that is not set up
	Said   string
	Undo   undoable
	Data   any
}

// sectionAt is the name of the section in which a page is.
func sectionAt(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, Root+"/"), "/")
	return name
}

// send answers with a page.
func (c *Console) send(v *visit, status int, name string, f frame) error {
	f.Language, f.Agent, f.Sections, f.Here, f.Site, f.assets = v.speech.Code, v.agent, sectionsOf(v.agent), sectionAt(v.URL.Path), c.site, c.assets
	if f.Icon == "" {
		f.Icon = iconFor(0)
	}
	for _, s := range f.Sections {
		if s.Runs {
			f.Runs, f.Running = append(f.Runs, s), f.Running || s.Name == f.Here
		}
	}
	f.Colour, f.Proxy = c.colour(v.Context()), c.proxyNotice(v)
	f.Live, f.Present = c.live != nil, int(app.PresenceFor.Seconds())
	f.OpenIncidents = c.countIncidents(v)
	var b bytes.Buffer
	if err := c.pages.Show(&b, page{name, v.speech.Code}, f); err != nil {
		return fmt.Errorf("rendering the page %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.speech.Code)
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes())
	return nil
}
