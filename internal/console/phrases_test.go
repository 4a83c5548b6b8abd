package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

func (r *room) phrase(name, language, text string) desk.Phrase {
	r.Helper()
	return must(r.app.AddPhrase(r.Context(), app.By{}, desk.Phrase{Desk: "help", Language: language, Name: name, Text: text}))(r.T)
}

// By the keyboard alone: ";" opens a list that finds a phrase by some of its letters, and it
// comes to the caret with the reporter's name, the agent's initials and the agent's time.
func TestPhraseByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	zone := "Asia/Tokyo"
	must(r.app.EditAgent(t.Context(), app.By{}, bo, app.AgentEdit{TimeZone: &zone}))(t)
	r.phrase("Which street?", "en", "Which street are you in?")
	r.phrase("Restart the router", "en", "Hello {name}, it is {time} on {date}. {name}, does a restart help? {initials} {other")
	r.phrase("Fibre", "de", "Wo?")
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.Phone())
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.press("r")
	s.press("Before.After")
	for range len("After") {
		s.press(kb.ArrowLeft)
	}
	s.press(";") // within a word
	if s.is("document.querySelector('#offers')") {
		t.Error("a ; within a word opens the list")
	}
	s.press(kb.Backspace + " ;")
	s.sees("document.querySelectorAll('#offers [role=option]').length === 3")
	if got := browser.Eval[string](s.Tab, "document.querySelector('#offers').innerText"); !strings.HasSuffix(got, "Fibre (de)") {
		t.Errorf("the phrases are %q: another language is not last", got)
	}
	s.press("rtr") // rout-er: a letter is left out
	s.sees("document.querySelectorAll('#offers [role=option]').length === 1")
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
	s.press(kb.Enter)
	const want = "Before. Hello ana, it is 21:00 on 1 March 2026. ana, does a restart help? BB {otherAfter"
	s.sees("document.querySelector('#text').value.includes('Hello')")
	if got := s.typed(); got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
	if !s.is("document.activeElement.id === 'text' && document.querySelector('#text').selectionStart === " + "document.querySelector('#text').value.length - 5") {
		t.Error("the caret is not behind the phrase")
	}
	s.press(" ;whi" + kb.Escape)
	if s.is("document.querySelector('#offers') || document.activeElement.id !== 'text'") {
		t.Error("Escape does not close the list and stay in the text")
	}
	s.press("c")
	if s.is("document.querySelector('#offers')") {
		t.Error("a closed list comes back while one types on")
	}
	s.calm()
}

// Emoji come by ":" and their name, colleagues by "@" in a comment, in the list of the phrases.
func TestEmojiAndColleaguesByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy.cole@acme.example", "Cyra Cole", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.press("r")
	s.press("From 10:30 on: fine :tad")
	s.sees("document.querySelectorAll('#offers [role=option]').length === 1")
	s.wants("#over", "Emoji: 1")
	s.press(kb.Enter)
	if got := s.typed(); got != "From 10:30 on: fine 🎉" {
		t.Errorf("the text is %q", got)
	}
	s.press(" @cy") // a reply calls no colleague
	if s.is("document.querySelector('#offers')") {
		t.Error("colleagues are offered for a reply")
	}
	s.Tab.Do(chromedp.Click(chromedp.CSS(".composer input[value=comment]")), chromedp.Focus(chromedp.CSS("#text")))
	s.press("r")
	s.sees("document.querySelectorAll('#offers [role=option]').length === 1")
	s.wants("#offers", "Cyra Cole")
	s.press(kb.Tab)
	if got := s.typed(); got != "From 10:30 on: fine 🎉 @cy.cole " {
		t.Errorf("the text is %q", got)
	}
	s.calm()
}

// Without a script the server puts the phrase behind what was typed; leads manage
// phrases, others do not.
func TestPhrasesWithoutScript(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	issue := r.report("ana", "My line is down")
	page := "/console/issues/" + string(issue)
	lead, agent := r.signedIn(cy), r.signedIn(bo)
	agent.get(page).lacks(t, `name="phrase"`, "/console/phrases")
	agent.get("/console/phrases").wants(t, http.StatusForbidden)

	lead.get("/console/phrases").wants(t, http.StatusOK, "no phrases yet")
	typed := url.Values{"desk": {"help"}, "name": {"Street"}, "language": {"en"}, "text": {"Which <street>, {naem}?"}}
	lead.post("/console/phrases", typed).wants(t, http.StatusBadRequest, "there is no placeholder {naem}", "Which &lt;street&gt;, {naem}?</textarea>")
	typed.Set("text", "Which <street>, {name}?")
	lead.post("/console/phrases", typed).wants(t, http.StatusOK, "Saved.", "Which &lt;street&gt;, {name}?")
	lead.post("/console/phrases", typed).wants(t, http.StatusConflict, "has a phrase “Street” in this language already")
	agent.post("/console/phrases", typed).wants(t, http.StatusForbidden)
	p := must(r.app.Phrases(t.Context(), "help"))(t)[0]

	form := agent.get(page).form()
	form.Set("text", "Hello.")
	form.Set("audience", "quiet")
	form.Set("phrase", string(p.ID))
	agent.post(page+"/phrase", form).wants(t, http.StatusOK, "Hello. Which &lt;street&gt;, ana?</textarea>")
	agent.get(page).wants(t, http.StatusOK, "Hello. Which &lt;street&gt;, ana?</textarea>", "not sent yet")

	typed.Set("phrase", string(p.ID))
	typed.Set("name", "Road")
	lead.post("/console/phrases", typed).wants(t, http.StatusOK, "Saved.", "Road")
	lead.post("/console/phrases/remove", url.Values{"desk": {"help"}, "phrase": {string(p.ID)}}).wants(t, http.StatusOK, "Removed.", "no phrases yet")
	agent.post(page+"/phrase", form).wants(t, http.StatusNotFound)
}
