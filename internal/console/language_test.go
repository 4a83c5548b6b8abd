package console

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"earshot/internal/desk"
)

// in opens a page as a browser that asks for a language.
func (b *plainBrowser) in(language, path string) seen {
	b.Helper()
	req := must(http.NewRequestWithContext(b.Context(), http.MethodGet, b.server.URL+path, http.NoBody))(b.T)
	req.Header.Set("Accept-Language", language)
	return b.do(req)
}

// unsaid is what a page shows where a text is missing: its key, or a placeholder.
var unsaid = regexp.MustCompile(`console[a-z_]*\.[a-z0-9_]+\b[^/"]|\{[a-z]+\}`)

// forScript are texts that console.js fills in.
var forScript = regexp.MustCompile(`data-texts="[^"]*"`)

// Every page speaks the language that the browser asks for, or that was chosen.
func TestLanguages(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("ada@acme.example")
	for _, l := range r.desks.speech.Languages() {
		for _, path := range []string{"/console/issues", "/console/issues?view=mine", "/console/issues?said=saved", "/console/issues/" + string(issue),
			"/console/issues?q=nothing", "/console/no-such-page", "/console/broadcasts", "/console/today", "/console/desks", "/console/desks/help", "/console/sources",
			"/console/silence", "/console/quarantine", "/console/queue", "/console/queue?waiting=1", "/console/people", "/console/people/ada@acme.example", "/console/audit", "/console/you"} {
			page := b.in(l.Code+", tlh;q=0.3", path)
			page.wants(t, page.status, `<html lang="`+l.Code+`">`, l.T("layout.skip"))
			if got := page.header.Get("Content-Language"); got != l.Code {
				t.Errorf("%s in %s says it is in %q", path, l.Code, got)
			}
			if found := unsaid.FindString(forScript.ReplaceAllString(page.body, "")); found != "" {
				t.Errorf("%s in %s lacks a text: %q", path, l.Code, found)
			}
		}
		r.plainBrowser().in(l.Code, "/console/sign-in").wants(t, http.StatusOK, `<html lang="`+l.Code+`">`)
	}
	b.in("de", "/console/issues/"+string(issue)).wants(t, http.StatusOK, "@ana@m.example leise antworten", "Kommentar fürs Team", ">öffentlich<")
	b.in("fr", "/console/you").wants(t, http.StatusOK, "Où vous êtes connecté", "&#34;next&#34;:&#34;Signalement suivant&#34;")

	// A choice wins over the browser's language, until it is taken back.
	b.post("/console/you/language", url.Values{"language": {"nl"}}).wants(t, http.StatusOK, `<html lang="nl">`, `value="nl" lang="nl" selected`, "Opgeslagen.")
	b.in("de", "/console/issues").wants(t, http.StatusOK, `<html lang="nl">`, "Meldingen")
	b.post("/console/you/language", url.Values{"language": {"tlh"}}).wants(t, http.StatusBadRequest, "die taal is er hier niet")
	b.post("/console/you/language", url.Values{"language": {""}}).wants(t, http.StatusOK, `<html lang="en">`)
}
