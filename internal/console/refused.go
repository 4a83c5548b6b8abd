package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/answer"
	"earshot/internal/desk"
)

// A form that is refused comes back: the page that it is on is made as it is now, and
// what was typed and the reason are put into the form. So every form of every page has
// this, and no template says so.

// comesBack answers a form that was refused with the page that it is on. It says false
// where that cannot be: the page is not for this agent, or has gone.
func (c *Console) comesBack(v *visit, err error) bool {
	if v.Method != http.MethodPost || v.PostFormValue("quiet") == "true" { // the script shows no page
		return false
	}
	p := failureOf(v.speech, err)
	if p.Code == desk.CodeInternal {
		return false
	}
	to, bad := url.Parse(Root + pageOfForm(v))
	if bad != nil {
		return false
	}
	r := v.Clone(v.Context())
	r.Method, r.URL, r.RequestURI, r.Body, r.ContentLength = http.MethodGet, to, to.RequestURI(), http.NoBody, 0
	r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
	r.Header.Del("Content-Type")
	page := &answer.Kept{}
	c.router.ServeHTTP(page, r)
	if page.Status != http.StatusOK || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		return false
	}
	f := returned{path: v.URL.Path, typed: v.PostForm, reason: string(p.Says.HTML()), label: v.speech.T("console_composer.text"), again: p.Code == desk.CodeUnavailable}
	if desk.ErrorID(err) == "form_unreadable" {
		f.typed = nil
	}
	body, bad := refill(page.Body.Bytes(), f)
	if bad != nil {
		c.log.Error("a form could not be filled in again", "path", v.URL.Path, "err", bad)
		return false
	}
	for _, name := range []string{"Content-Type", "Content-Language"} {
		v.w.Header().Set(name, page.Header().Get(name))
	}
	v.w.WriteHeader(p.Status)
	_, _ = v.w.Write(body)
	return true
}

// pageOfForm is the address of the page on which a form is, below Root.
func pageOfForm(v *visit) string {
	form := v.PostForm
	path := strings.TrimPrefix(v.URL.Path, Root)
	first, below, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	id := mux.Vars(v.Request)["id"]
	list := strings.TrimPrefix(queryOf(form).List(), Root)
	withDesk := func(page string) string {
		return page + "?" + url.Values{"desk": {form.Get("desk")}}.Encode()
	}
	switch first {
	case "issues":
		at := strings.TrimPrefix(queryOf(form).Issue(v.issueID()), Root)
		if strings.HasSuffix(below, "/merge") || strings.HasSuffix(below, "/link") {
			page, q, _ := strings.Cut(at, "?")
			return page + "/link?" + q + "&" + url.Values{"find": {form.Get("find")}}.Encode()
		}
		return at
	case "several":
		if below != "reply" && below != "phrase" {
			return list
		}
		return severalAddress(form)
	case "views":
		return list
	case "posts":
		if issue := form.Get("issue"); issue != "" {
			return strings.TrimPrefix(queryOf(form).Issue(desk.IssueID(issue)), Root)
		}
		return withDesk("/broadcasts")
	case "drafts", "files":
		return strings.TrimPrefix(formPage(form), Root)
	case "piles":
		return path
	case "incidents":
		if id == "" {
			of := url.Values{}
			for _, name := range []string{"issue", "crowd", "desk", "pile", "object", "with", "find"} {
				of[name] = form[name]
			}
			return path + "?" + of.Encode()
		}
		at := strings.TrimPrefix(incidentAddress(desk.IncidentID(id)), Root)
		switch _, does, _ := strings.Cut(below, "/"); does {
		case "tell", "hold", "retry":
			return at + "/told"
		case "link":
			return at + "/voices"
		}
		return at
	case "people":
		if _, email := mux.Vars(v.Request)["email"]; email {
			_, page := v.whose()
			return page
		}
		if below != "" {
			return "/people/" + url.PathEscape(form.Get("email"))
		}
	case "desks":
		if below != "" {
			return pageOfDesk(desk.Handle(form.Get("handle")))
		}
	case "phrases", "broadcasts":
		return withDesk("/" + first)
	}
	return "/" + first
}
