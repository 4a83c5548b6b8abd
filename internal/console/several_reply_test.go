package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// Marked issues get the same reply, each by the reporter's name. What each would get is shown
// before; where it is refused, the form comes back with those and the words.
func TestReplyToSeveral(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issues := []string{string(r.report("ana", "My line is down")), string(r.report("ben", "No light here"))}
	b := r.signedIn(bo)
	read := r.app.Now().Add(-time.Minute).Format(time.RFC3339Nano)
	page := b.post("/console/several", url.Values{"do": {"reply"}, "issue": issues, "view": {"new"}, "seen_at": {read}})
	page.wants(t, http.StatusOK, "My line is down", "No light here", "It goes to 2 issues", `name="seen_at" value="`+read+`"`)
	some := b.get("/console/several/reply?" + url.Values{"shown": issues, "issue": issues[:1]}.Encode())
	if some.wants(t, http.StatusOK, "No light here"); strings.Count(some.body, `name="issue"`) != 2 || strings.Count(some.body, " checked>") != 1 {
		t.Errorf("who was left out is ticked: %s", some.body)
	}
	form := url.Values{"issue": issues, "shown": issues, "view": {"new"}, "key": {"k"}, "language": {"en"}, "on": {app.DraftOnSeveral}, "text": {"Hello {name}, we look into it for you."}, "status": {"in_progress"}}
	with := func(name, value string) url.Values {
		out := url.Values{name: {value}}
		for n, v := range form {
			if n != name {
				out[n] = v
			}
		}
		return out
	}
	page = b.post("/console/several/reply", with("do", "preview"))
	page.wants(t, http.StatusOK, "Hello ana, we look", "Hello ben, we look", "we look into it for you.</textarea>")
	for what, wrong := range map[string]url.Values{
		"password":  with("text", "Send us your password"),
		"look like": with("text", "Guten Tag, wir sehen uns das heute noch an und melden uns dann wieder."),
	} {
		b.post("/console/several/reply", wrong).wants(t, http.StatusUnprocessableEntity, what, "</textarea>")
	}
	b.post("/console/several/reply", url.Values{"text": {"Hello"}, "do": {"send"}}).wants(t, http.StatusUnprocessableEntity, "name 1 to 50 issues", "Hello</textarea>")
	b.get("/console/several/reply").wants(t, http.StatusOK, "ark the issues in the list first")
	phrase := must(r.app.AddPhrase(t.Context(), app.By{}, desk.Phrase{Desk: "help", Language: "en", Name: "Hello", Text: "Hello {name}. {initials}"}))(t)
	page = b.post("/console/several/phrase", with("phrase", string(phrase.ID)))
	page.wants(t, http.StatusOK, "for you. Hello {name}.")
	page = b.post("/console/several/reply", with("do", "send"))
	page.wants(t, http.StatusOK, "goes out to 2", `data-key="u"`)
	act := regexp.MustCompile(`name="act" value="([^"]+)"`).FindStringSubmatch(page.body)
	if act == nil {
		t.Fatal("no undo is offered")
	}
	b.post("/console/several/undo", url.Values{"act": {act[1]}}).wants(t, http.StatusOK, "Taken back for 2")
	again := "/console/several/reply?" + url.Values{"issue": issues}.Encode()
	b.get(again).wants(t, http.StatusOK, "we look into it for you.</textarea>")
	page = b.get(again)
	form["seen_at"] = regexp.MustCompile(`name="seen_at" value="([^"]+)"`).FindStringSubmatch(page.body)[1:]
	must(r.app.Comment(t.Context(), app.By{Agent: "cy@acme.example"}, desk.IssueID(issues[0]), "I know them"))(t)
	page = b.post("/console/several/reply", with("key", "l"))
	page.wants(t, http.StatusConflict, "1 of 2 get it", "Gets nothing:", "My line is down", "we look into it for you.</textarea>", "Undo")
	if strings.Contains(page.body, "No light here") {
		t.Error("who gets it is on the form still")
	}
	many := url.Values{}
	for range app.MaxSeveral + 1 {
		many.Add("issue", issues[0])
	}
	b.get("/console/several/reply?"+many.Encode()).wants(t, http.StatusOK, "a reply goes to at most 50", "open an incident")
}

// The whole of it by keyboard, and on a phone.
func TestReplyToSeveralByKeyboard(t *testing.T) {
	for _, view := range []browser.View{{}, {Width: 390, Height: 844}} {
		r := newRoom(t)
		r.agent(bo, "Bo Berg", desk.RoleAgent)
		ana, ben := r.report("ana", "My line is down"), r.report("ben", "No light here")
		s := r.screen(view)
		s.open("/console/issues")
		signIn(bo)(s.Tab)
		s.open("/console/several/reply?" + url.Values{"issue": {string(ana), string(ben)}}.Encode())
		s.accessible()
		s.Tab.Do(chromedp.Focus(chromedp.CSS("#text")))
		s.press("We look into it now, {name}.")
		s.tabTo("button[value=send]", 20)
		s.Tab.Do(chromedp.Focus(chromedp.CSS("#text")))
		s.Release(browser.Press(kb.Enter, chromedp.ModifierAlt))
		s.wants("#composer", "We look into it now, ana.", "We look into it now, ben.")
		s.accessible()
		s.Tab.Do(chromedp.Focus(chromedp.CSS("#text")))
		s.send()
		s.wants("#toast", "goes out to 2")
		for _, id := range []desk.IssueID{ana, ben} {
			if !r.answered(id) {
				t.Errorf("%s gets nothing", id)
			}
		}
		s.calm()
	}
}
