package console

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/internal/test/browser"
	"earshot/store"
)

// The preview is the reply as it goes out: the mention, the warning, links, and no more.
// Nothing is stored but the draft.
func TestPreviewIsWhatGoesOut(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn(bo)
	b.get("/console/issues/"+string(issue)).wants(t, http.StatusOK, `id="to-preview"`, "/preview#preview") // without a script, it is in view
	form := url.Values{"on": {"issues/" + string(issue)}, "audience": {"quiet"}, "text": {"Look at https://status.example/now & wait <b>here</b>"}, "language": {"en"}}
	page := b.post("/console/issues/"+string(issue)+"/preview", form)
	page.wants(t, http.StatusOK, `id="preview"`, "@<span>ana</span>", `href="https://status.example/now"`, "&amp; wait &lt;b&gt;here&lt;/b&gt; ^BB", `dir="auto" lang="en"`, "@help@",
		"Look at https://status.example/now &amp; wait") // and the words are still in the form
	r.saidNow(issue)
	// What then goes out is the same.
	_, words, _ := strings.Cut(page.body, `<section class="preview"`)
	r.press(b, issue, form)
	var sent desk.Post
	pending := r.lastSaid(issue).ID
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) (err error) {
		sent, _, err = tx.PublishPost(pending)
		return err
	}))
	if html := markup.Sanitise(sent.HTML); !strings.Contains(html, "ana") || !strings.Contains(words, html) {
		t.Errorf("%q is sent, not what was shown: %s", html, words)
	}
	// A text that cannot be sent is refused here as there, and comes back.
	form.Set("text", "   ")
	b.post("/console/issues/"+string(issue)+"/preview", form).wants(t, http.StatusUnprocessableEntity, `role="alert"`)
	// Colleagues read a comment as it is.
	form.Set("text", "He called")
	form.Set("audience", "comment")
	if page := b.post("/console/issues/"+string(issue)+"/preview", form); page.status != http.StatusOK || strings.Contains(page.body, `id="preview"`) {
		t.Errorf("a comment is previewed: %d", page.status)
	}
}

// press sends a reply by the composer's form.
func (r *room) press(b *plainBrowser, issue desk.IssueID, form url.Values) {
	r.Helper()
	form.Set("to", form.Get("audience"))
	b.post("/console/issues/"+string(issue)+"/say", form).wants(r.T, http.StatusOK)
	form.Del("to")
}

// By keyboard it is one press; it is shown in place, and a change takes it away.
func TestPreviewByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	loads := s.Loads()
	s.press("r")
	s.press("Which street?")
	s.Release(browser.Press(kb.Enter, chromedp.ModifierAlt))
	s.wants("#preview", "Acme Help", "@ana Which street? ^BB", "22 of 500")
	if !s.is(`document.activeElement.id === "preview"`) || s.reads("#over") != "" {
		t.Error("the focus is not on the preview")
	}
	s.press("r")
	s.press(" And the house?")
	if s.is(`document.querySelector("#preview")`) {
		t.Error("what was changed is still shown")
	}
	s.send()
	s.wants("#timeline", "Which street? And the house? ^BB")
	if more := s.Loads() - loads; more != 0 {
		t.Errorf("%d pages are loaded", more)
	}
	s.calm()
}

func TestLengthOf(t *testing.T) {
	for text, want := range map[string]int{
		"":                                    0,
		"abc":                                 3,
		"e\u0301a":                            2, // a letter and its accent
		"👩‍👩‍👧 ok":                            4,
		"👍🏽":                                  1,
		"^BB `x`":                             7,
		"see https://a.example/some/long/way": 4 + addressCounts,
	} {
		if got := lengthOf(text); got != want {
			t.Errorf("%q has %d characters, want %d", text, got, want)
		}
	}
}

// An agent who writes in another language than the menu says is asked once.
func TestLanguageIsAskedOnce(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn(bo)
	say := "/console/issues/" + string(issue) + "/say"
	form := url.Values{"on": {"issues/" + string(issue)}, "key": {"k"}, "to": {"quiet"}, "text": {"Wir haben die Störung gefunden, und morgen ist alles wieder da."}, "language": {"en"}}
	b.post(say, form).wants(t, http.StatusUnprocessableEntity, "he words look like Deutsch, and the language is set to English", `<input type="hidden" name="tongue" value="de en">`,
		`<option value="en" lang="en" selected>English</option>`)
	r.saidNow(issue)
	form.Set("tongue", "de en")
	b.post(say, form).wants(t, http.StatusOK)
	if p := r.lastSaid(issue); p.Language != "en" {
		t.Errorf("it went out in %q", p.Language)
	}
	// Marked as it is, nothing is asked.
	form = url.Values{"on": {"issues/" + string(issue)}, "key": {"l"}, "to": {"quiet"}, "text": {form.Get("text")}, "language": {"de"}}
	b.post(say, form).wants(t, http.StatusOK)
	if p := r.lastSaid(issue); p.Language != "de" {
		t.Errorf("it went out in %q", p.Language)
	}
}

// A reply may be asked about for its language, its words and its pictures: all at once, so
// that a second press sends it.
func TestQuestionsAreAskedAtOnce(t *testing.T) {
	const words = "Please send us your password, and we will look at the fault of the line in your street."
	for name, picture := range map[string]string{"of the words": "", "and of a picture": lamp(t)} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.agent(bo, "Bo Berg", desk.RoleAgent)
			issue := r.report("ana", "My line is down")
			b := r.signedIn(bo)
			form := url.Values{"on": {"issues/" + string(issue)}, "key": {"k"}, "to": {"quiet"}, "text": {words}, "language": {"de"}}
			page := b.post("/console/issues/"+string(issue)+"/say", form)
			if picture != "" {
				page = b.upload("/console/issues/"+string(issue)+"/say", "picture", picture, form)
			}
			for questions := 1; page.status == http.StatusUnprocessableEntity; questions++ {
				if questions > 1 {
					t.Fatal("it is asked a second time")
				}
				for _, field := range []string{"tongue", "meant", "undescribed", "attached"} {
					form.Del(field)
					if m := regexp.MustCompile(`name="` + field + `" value="([^"]*)"`).FindStringSubmatch(page.body); m != nil {
						form.Set(field, html.UnescapeString(m[1]))
					}
				}
				page = b.post("/console/issues/"+string(issue)+"/say", form)
			}
			if page.status != http.StatusOK || !r.answered(issue) {
				t.Errorf("it is not sent: %d", page.status)
			}
		})
	}
}

// A broadcast is shown as its followers will see it: its tags are links, its warning stands
// before the words, and nothing is sent.
func TestPreviewOfABroadcast(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleLead)
	b := r.signedIn(bo)
	b.get("/console/broadcasts").wants(t, http.StatusOK, `formaction="/console/broadcasts/preview#preview"`)
	form := url.Values{"desk": {"help"}, "on": {"desks/help"}, "text": {"No power in the #North <b>."}, "warning": {"Outage"}, "language": {"en"}, "key": {"k"}}
	page := b.post("/console/broadcasts/preview", form)
	page.wants(t, http.StatusOK, `id="preview"`, "As followers see it", "/@help?tag=", "&lt;b&gt;", `<summary dir="auto">Outage</summary>`, `value="Outage"`)
	posts, _, err := r.app.Broadcasts(t.Context(), "help", store.Page{})
	if err != nil || len(posts) != 0 {
		t.Errorf("after a preview there are %d broadcasts (%v)", len(posts), err)
	}
}
