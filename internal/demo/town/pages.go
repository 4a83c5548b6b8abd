package town

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/style"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

var sheet = sheetFiles()

// The pages, parsed when the program starts: a mistake in one is found by any
// test.
var pageTemplates = parsePages("home", "profile", "thread", "tag", "error")

func parsePages(names ...string) map[string]*template.Template {
	out := map[string]*template.Template{}
	for _, name := range names {
		out[name] = template.Must(template.New("layout.html").Funcs(template.FuncMap{
			"path": pathOf, "clock": func(at time.Time) string { return at.UTC().Format("2 Jan 15:04") },
			"iso": stamp, "anchor": anchor, "mine": func(f frame) desk.ActorID { return f.Viewer.ID }, "initial": initial, "hue": hue, "font": pageFont, "indent": func(d int) int { return min(d, 4) },
		}).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return out
}

const pagePolicy = "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (t *Town) pages(m *http.ServeMux) {
	static, err := fs.Sub(staticFiles, "static")
	if err != nil { // the folder is compiled in
		panic(err)
	}
	m.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	for _, f := range sheet {
		m.HandleFunc("GET /static/"+f.Name, func(w http.ResponseWriter, r *http.Request) {
			if path.Ext(f.Name) == ".woff2" {
				w.Header().Set("Content-Type", style.FontType)
			}
			http.ServeContent(w, r, f.Name, time.Time{}, bytes.NewReader(f.Body))
		})
	}
	m.HandleFunc("GET /{$}", t.pageHome)
	m.HandleFunc("GET /events", t.serveEvents)
	protect := http.NewCrossOriginProtection()
	m.Handle("POST /write", protect.Handler(http.HandlerFunc(t.write)))
	m.Handle("POST /do", protect.Handler(http.HandlerFunc(t.do)))
}

// pageFont is the part of the font that every page needs, "" in a build without it.
func pageFont() string {
	if len(sheet) == 1 {
		return ""
	}
	return sheet[0].Name
}

// sheetFiles are the stylesheet, with the sizes and the font of all pages, and the font's parts.
func sheetFiles() []style.File {
	own, err := staticFiles.ReadFile("static/town.css")
	if err != nil { // it is compiled in
		panic(err)
	}
	whole, parts, err := style.Sheet(own)
	if err != nil {
		panic(err)
	}
	return append(parts, style.File{Name: "town.css", Body: whole})
}

// frame holds the parts of every page.
type frame struct {
	Town   string
	Host   string
	Title  string
	Desk   string
	Tags   []string
	People []face
	Viewer face // through whose eyes the page is seen; zero: a stranger's
	Data   any
}

// face is a person of the town on a page.
type face struct {
	ID                                  desk.ActorID
	Username, Name, Acct, Bio, Language string
	Bot                                 bool
}

func (t *Town) face(a *actor) face {
	if a == nil {
		return face{}
	}
	return face{a.id, a.username, a.displayName(), t.acctOf(a), a.person.Bio, a.person.Language, a.person.Bot}
}

// frame is filled under the lock.
func (t *Town) frame(title string, viewer *actor, data any) frame {
	f := frame{Town: t.name, Host: string(t.host), Title: title, Desk: t.hintDesk, Tags: t.hintTags, Viewer: t.face(viewer), Data: data}
	for _, name := range t.names {
		if a := living(t.people[name]); a != nil {
			f.People = append(f.People, t.face(a))
		}
	}
	return f
}

// show renders a page; it does not hold the lock.
func (t *Town) show(w http.ResponseWriter, status int, page string, f frame) {
	var b bytes.Buffer
	if err := pageTemplates[page].Execute(&b, f); err != nil {
		t.log.Error("render page", "page", page, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may have gone
}

func (t *Town) showError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch desk.ErrorCode(err) {
	case desk.CodeInvalid:
		status = http.StatusBadRequest
	case desk.CodeNotFound:
		status = http.StatusNotFound
	case desk.CodeConflict:
		status = http.StatusConflict
	case desk.CodeForbidden:
		status = http.StatusForbidden
	default:
		t.log.Error("page failed", "error", err)
	}
	t.mu.Lock()
	f := t.frame("That did not work", nil, desk.ErrorMessage(err))
	t.mu.Unlock()
	t.show(w, status, "error", f)
}

// pathOf is where a post of the town is shown, or one of others within it.
func pathOf(id desk.ObjectID) string {
	u, err := url.Parse(string(id))
	if err != nil {
		return "/"
	}
	return u.EscapedPath()
}

func initial(name string) string {
	for _, r := range strings.TrimLeft(name, "#@ ") {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// hue picks one of eight colours for a handle.
func hue(acct string) int {
	sum := 0
	for _, b := range []byte(strings.ToLower(acct)) {
		sum = (sum*31 + int(b)) % 9973
	}
	return sum % 8
}
