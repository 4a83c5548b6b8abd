package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// screen is an agent at a browser, in front of the console.
type screen struct {
	*room
	*browser.Tab
}

// screen opens a tab of its own for everybody who calls it, without cookies.
func (r *room) screen(v browser.View) *screen {
	r.Helper()
	return &screen{r, browser.Start(r.T).Open(v)}
}

func (s *screen) open(path string) { s.Helper(); s.Go(s.server.URL + path) }

// press presses keys, one after the other, wherever the focus is.
func (s *screen) press(keys string) { s.Helper(); s.Tab.Do(browser.Press(keys)) }

// send presses Ctrl+Enter, which leads to the next page.
func (s *screen) send() {
	s.Helper()
	s.Release(browser.Press(kb.Enter, chromedp.ModifierCtrl))
}

// leaves presses keys that lead to another page.
func (s *screen) leaves(keys string) { s.Helper(); s.Release(browser.Press(keys)) }

func (s *screen) click(selector string) {
	s.Helper()
	s.Release(chromedp.Click(chromedp.CSS(selector)))
}

// is evaluates a JavaScript expression.
func (s *screen) is(expression string) bool {
	s.Helper()
	return browser.Eval[bool](s.Tab, "!!("+expression+")")
}

func (s *screen) reads(selector string) string {
	s.Helper()
	return browser.Eval[string](s.Tab, "document.querySelector('"+selector+"')?.innerText ?? ''")
}

func (s *screen) wants(selector string, texts ...string) {
	s.Helper()
	got := s.reads(selector)
	for _, text := range texts {
		if !strings.Contains(got, text) {
			s.Errorf("%s says %q, want %q", selector, got, text)
		}
	}
}

// tabTo moves the focus with the Tab key alone until it is on what a selector
// names, at most so many times.
func (s *screen) tabTo(selector string, most int) {
	s.Helper()
	for n := 0; n <= most; n++ {
		if s.is("document.activeElement?.matches('" + selector + "')") {
			return
		}
		s.press(kb.Tab)
	}
	s.Fatalf("%s is not reached with %d times Tab", selector, most)
}

// calm checks that nothing was asked of strangers and the browser had nothing
// to complain of.
func (s *screen) calm() {
	s.Helper()
	for _, stranger := range s.Strangers(s.server.URL) {
		s.Errorf("asked %s", stranger)
	}
	for _, c := range s.Complaints() {
		s.Errorf("the browser says %s", c)
	}
}

// saidNow checks our posts in an issue: role, state, status.
func (r *room) saidNow(issue desk.IssueID, want ...string) {
	r.Helper()
	var got []string
	for _, e := range must(r.app.ShowIssue(r.Context(), issue))(r.T).Timeline {
		if p := e.Post; p != nil && p.Ours() && (e.Event.Kind == desk.KindReply || e.Event.Kind == desk.KindComment) {
			got = append(got, strings.Join(strings.Fields(fmt.Sprint(p.Role, " ", p.State, " ", p.Status)), " "))
		}
	}
	if !slices.Equal(got, want) {
		r.Errorf("said %q, want %q", got, want)
	}
}

// The first admin comes in by the link, finds who waits, and answers with the
// keyboard: takes it back, says it better, and is told what a colleague said
// meanwhile.
func TestStory(t *testing.T) {
	r := newRoom(t)
	link, _, err := r.accounts.FirstLink(t.Context())
	check(t, err)
	s := r.screen(browser.View{})
	s.Go(link.URL)
	s.Tab.Do(chromedp.SendKeys(chromedp.CSS("input[name=email]"), ada), chromedp.SendKeys(chromedp.CSS("input[name=name]"), "Ada Alt"))
	s.Release(chromedp.SendKeys(chromedp.CSS("input[name=password]"), password+"\r"))
	s.wants("body", "First steps") // where the first admin lands
	issue := r.report("ana", "My line is down")
	s.open("/console/issues")
	s.press("j")
	s.leaves(kb.Enter)
	s.wants("#thread", "ana", "My line is down", "Reply quietly to @ana@m.example")

	s.press("r")
	if !s.is("document.activeElement.id === 'text'") {
		t.Fatal("r does not lead into the text")
	}
	s.press("What street?")
	s.wants("#count", "12 of 500, as most servers allow")
	s.send()
	s.wants("#timeline", "What street? ^AA", "goes out in")
	s.leaves("u")
	s.wants("#toast", "Undone")
	s.wants("#timeline", "removed by us")
	s.press("w") // ask, and wait for them
	if !s.is("document.querySelector('.composer select[name=status]').value === 'waiting'") {
		t.Error("w does not choose a status")
	}
	if got := browser.Eval[string](s.Tab, "(t => { t.select(); return t.value })(document.querySelector('#text'))"); got != "What street? ^AA" {
		t.Errorf("what was taken back is not there to be changed: %q", got)
	}
	s.press("Which street?")
	must(r.app.Comment(t.Context(), app.By{Agent: bo}, issue, "It is the harbour cabinet"))(t)
	s.send()
	s.wants("#composer", "Meanwhile bo@acme.example commented")
	s.wants("#timeline", "It is the harbour cabinet")
	if got := browser.Eval[string](s.Tab, "document.querySelector('#text').value"); got != "Which street?" {
		t.Errorf("the draft is %q", got)
	}
	s.send() // the focus is in the text: a second press is one press
	s.wants("#timeline", "Which street? ^AA", "waiting for the reporter")

	leave := must(r.app.JobCounts(t.Context()))(t)
	s.press("n") // a comment
	s.press("She sounds worried")
	s.send()
	s.wants("#timeline", "comment, stays here")
	r.saidNow(issue, "reply undone", "comment", "reply pending waiting", "comment")
	if counts := must(r.app.JobCounts(t.Context()))(t); !maps.Equal(counts, leave) {
		t.Errorf("a comment makes work: %v, before it %v", counts, leave)
	}
	s.palette()
	s.keysOff()
	s.calm()
}

// palette runs a command by a part of its name.
func (s *screen) palette() {
	s.Helper()
	s.Tab.Do(browser.Press("k", chromedp.ModifierCtrl), chromedp.WaitVisible(chromedp.CSS("#palette")))
	s.press("go done")
	s.leaves(kb.Enter)
	if at := browser.Ask(s.Tab, chromedp.Location()); !strings.Contains(at, "view=done") {
		s.Errorf("the palette leads to %s", at)
	}
}

// keysOff switches the keys off, so that they do nothing.
func (s *screen) keysOff() {
	s.Helper()
	s.open("/console/you")
	s.Tab.Do(chromedp.Click(chromedp.CSS("#keys")))
	s.open("/console/issues?view=all")
	s.press("j")
	s.Tab.Do(browser.Press("k", chromedp.ModifierCtrl))
	if !s.is("document.activeElement === document.body && !document.querySelector('dialog')") {
		s.Error("keys that are switched off do something")
	}
}

// sees waits until an expression holds, as the page learns of something.
func (s *screen) sees(expression string) {
	s.Helper()
	browser.Ask(s.Tab, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(time.Minute)))
}

// Changes show at once: a new issue is announced and moves nothing; a colleague
// who reads or writes is shown; their reply appears while the agent writes
// another, and the agent sees a warning before sending.
func TestLive(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	r.report("early", "Hello, are you there?")
	mine, theirs := r.screen(browser.View{}), r.screen(browser.View{})
	mine.open("/console/issues")
	signIn(bo)(mine.Tab)
	const place = `document.querySelector('.line').getBoundingClientRect().top`
	before := browser.Eval[float64](mine.Tab, place)
	mine.listening()
	issue := r.report("ana", "My line is down")
	mine.sees(`!document.querySelector('#news').hidden`)
	mine.wants("#news", "New: 1. Show")
	if after := browser.Eval[float64](mine.Tab, place); after != before {
		t.Errorf("the list moved from %v to %v", before, after)
	}
	mine.click("#news a")
	mine.wants("#list", "My line is down")

	path := "/console/issues/" + string(issue)
	mine.open(path)
	mine.listening()
	theirs.open(path)
	signIn("cy@acme.example")(theirs.Tab)
	mine.sees(`document.querySelector('#presence').textContent.includes('Cy Cole is reading')`)
	theirs.press("r")
	theirs.press("We are on it")
	mine.sees(`document.querySelector('#presence').textContent.includes('Cy Cole is writing')`)
	mine.press("r")
	mine.press("Which street?")
	theirs.send()
	mine.sees(`document.querySelector('#timeline').textContent.includes('We are on it ^CC')`)
	if draft := browser.Eval[string](mine.Tab, `document.querySelector('#text').value`); draft != "Which street?" {
		t.Errorf("the draft became %q", draft)
	}
	mine.send()
	mine.wants("#composer", "Meanwhile Cy Cole replied")
	theirs.open("/console/issues?view=all")
	theirs.sees(`document.querySelector('[id="here-` + string(issue) + `"]').textContent.includes('Bo Berg')`)
	// A colleague who leaves is no longer shown.
	mine.open(path)
	mine.sees(`!document.querySelector('#presence').textContent.includes('Cy Cole')`)
	mine.calm()
	theirs.calm()
}

// listening waits until the page follows what happens.
func (s *screen) listening() {
	s.Helper()
	s.sees(`document.querySelector('#live')?._htmx?.sse?.status === 200`)
}

// Tab and Enter are enough, and the way is short: from the list to the thread,
// and into the composer.
func TestKeyboardOnly(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	for range 20 {
		r.report("noise", "Hello, are you there?")
	}
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	s.tabTo("input[name=email]", 10)
	s.press(bo)
	s.tabTo("input[name=password]", 2)
	s.leaves(password + kb.Enter)
	s.tabTo(".skip", 1)
	s.press(kb.Enter)
	s.tabTo(".skip[href=\"#thread\"]", 2)
	s.press(kb.Enter)
	s.tabTo(".composer input[type=radio]", 6)
	s.tabTo("#text", 2)
	s.press("Which street?")
	s.tabTo(".send-quiet", 5)
	s.leaves(kb.Enter)
	s.wants("#timeline", "Which street? ^BB")
	s.open("/console/issues")
	s.tabTo(".line", 40)
	s.leaves(kb.Enter)
	s.wants("#thread", "Hello, are you there?")
	s.calm()
}

// plainly does a working day with links and buttons.
func (s *screen) plainly(issue desk.IssueID) {
	s.Helper()
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.click(".line")
	s.wants("#thread", "My line is down")
	s.Tab.Do(chromedp.SendKeys(chromedp.CSS("#text"), "Which street?"))
	s.click(".send-quiet")
	s.wants("#timeline", "Which street? ^BB")
	s.click(".undo")
	s.wants("#timeline", "removed by us")
	s.Tab.Do(chromedp.Click(chromedp.CSS(".composer input[value=comment]")), chromedp.SendKeys(chromedp.CSS("#text"), "She sounds worried"))
	s.click(".send-comment")
	s.Tab.Do(chromedp.Click(chromedp.CSS("#status-menu summary")))
	s.click("#status-menu button[value=acknowledged]")
	s.wants("#toast", "status was changed")
	s.wants("#thread .about", "acknowledged")
	s.saidNow(issue, "reply undone", "comment")
	if n := s.Overflows(); n > 0 {
		s.Errorf("the page is %d pixels wider than the window", n)
	}
	s.calm()
}

// Without JavaScript, without the browser library, and on a phone, forms and
// links do the same.
func TestFormsWorkWithoutScripts(t *testing.T) {
	phone := browser.Phone()
	phone.Scriptless = true
	for name, tt := range map[string]struct {
		view browser.View
		bare bool // built without the browser library
	}{
		"without JavaScript, on a phone": {view: phone},
		"without the browser library":    {bare: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			if tt.bare {
				r.desks.assets.Scripts = r.desks.assets.Scripts[len(r.desks.assets.Scripts)-2:]
			}
			r.agent(bo, "Bo Berg", desk.RoleAgent)
			issue := r.report("ana", "My line is down")
			s := r.screen(tt.view)
			s.plainly(issue)
			if has := s.is("window.htmx"); has && tt.bare {
				t.Error("the library is there")
			}
		})
	}
}

// A build without the browser library serves the script that is ours.
func TestAssets(t *testing.T) {
	r := newRoom(t)
	b := r.plainBrowser()
	for _, address := range append([]string{r.desks.assets.Style}, r.desks.assets.Scripts...) {
		page := b.get(address)
		page.wants(t, http.StatusOK)
		if cache := page.header.Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("%s: Cache-Control %q", address, cache)
		}
	}
	b.get("/console/static/nothing.js").wants(t, http.StatusNotFound)
}
