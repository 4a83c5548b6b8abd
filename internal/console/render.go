package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/markup"
)

//go:embed templates/*.html
var templateFiles embed.FS

func parsePages(names ...string) (map[string]*template.Template, error) {
	out := map[string]*template.Template{}
	for _, name := range names {
		t, err := template.New("layout.html").Funcs(funcs).ParseFS(templateFiles,
			"templates/layout.html", "templates/parts_*.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

var funcs = template.FuncMap{
	"words": func(s string) template.HTML { return template.HTML(markup.Render(s, nil)) },
	// What is kept of other people's posts was sanitised when it was heard.
	"sanitised": func(s string) template.HTML { return template.HTML(markup.Sanitise(s)) },
	"iso":       func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"when":      func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04 UTC") },
	"seconds":   func(d time.Duration) int { return int(d.Seconds()) },
	"status":    statusOf,
	"who":       nameOf,
	"initial":   initialOf,
	"reasons":   reasons,
	"nothing":   func() []string { return nil },
	"dict":      dict,
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
func nameOf(a desk.Actor) string {
	for _, s := range []string{a.Name, a.Acct, string(a.ID)} {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return "somebody"
}

// initialOf stands for a picture: theirs would tell their server who reads.
func initialOf(a desk.Actor) string {
	for _, r := range nameOf(a) {
		if r != '@' && r != ' ' {
			return strings.ToUpper(string(r))
		}
	}
	return "?"
}

// mark is a status as people see it: a shape beside the word, for those who do
// not tell colours apart.
type mark struct{ Key, Shape, Word string }

func statusOf(s desk.Status) mark {
	m, ok := map[desk.Status]mark{
		desk.StatusNew:          {"new", "●", "new"},
		desk.StatusAcknowledged: {"acknowledged", "◔", "acknowledged"},
		desk.StatusInProgress:   {"in_progress", "◕", "in progress"},
		desk.StatusWaiting:      {"waiting", "◑", "waiting for them"},
		desk.StatusHandedOff:    {"handed_off", "↗", "handed off"},
		desk.StatusFixed:        {"fixed", "✓?", "fixed, we believe"},
		desk.StatusResolved:     {"resolved", "✓", "resolved"},
		desk.StatusClosed:       {"closed", "–", "closed"},
	}[s]
	if !ok {
		return mark{string(s), "", string(s)}
	}
	return m
}

// frame is what the layout needs of every page.
type frame struct {
	Title    string
	Agent    desk.Agent
	Sections []section
	Here     string // the path of the section the page is in
	Site     desk.Site
	assets
	Said string
	Data any
}

// sectionAt is the path of the section in which a page is.
func sectionAt(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, Root+"/"), "/")
	return "/" + name
}

// send answers with a page.
func (c *Console) send(v *visit, status int, name string, f frame) error {
	f.Agent, f.Sections, f.Here, f.Site, f.assets = v.agent, sectionsOf(v.agent), sectionAt(v.URL.Path), c.site, c.assets
	var b bytes.Buffer
	if err := c.pages[name].Execute(&b, f); err != nil {
		return fmt.Errorf("rendering the page %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes())
	return nil
}
