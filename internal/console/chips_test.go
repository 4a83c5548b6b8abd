package console

import (
	"fmt"
	"html"
	"net/http"
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

// What narrows a list stands above it, each with a link that takes it off. A wrong operator
// is said, and nothing is searched.
func TestChips(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "My line is down")
	r.report("ben", "My line is slow")
	b := r.signedIn(bo)
	page := b.get("/console/issues?view=open&q=line+from%3Aana&stands=new&since=2026-01-01")
	page.wants(t, http.StatusOK, "My line is down", `href="/console/issues?q=from%3Aana&amp;since=2026-01-01&amp;stands=new&amp;view=open"`, `href="/console/issues?q=line&amp;since=2026-01-01&amp;stands=new&amp;view=open"`,
		`href="/console/issues?q=line&#43;from%3Aana&amp;since=2026-01-01&amp;view=open"`, `href="/console/issues?q=line&#43;from%3Aana&amp;stands=new&amp;view=open"`, `id="clear" href="/console/issues?view=open"`, "is:unassigned")
	if strings.Contains(page.body, "My line is slow") {
		t.Error("it is not narrowed")
	}
	page = b.get("/console/issues?q=form%3Aana")
	page.wants(t, http.StatusUnprocessableEntity, "there is no operator form:", "There are from, status, tag, host,", "put them in quotation marks", `<details class="operators" open>`, `value="form:ana"`, `id="clear"`)
	if strings.Contains(page.body, "My line") {
		t.Error("it is searched as a word")
	}
	b.get("/console/issues?q=is%3Amine").wants(t, http.StatusOK, "Nothing was found", "each operator narrows the search", `<details class="operators">`)
	if page = b.get("/console/issues?q=line"); strings.Contains(page.body, `class="operators"`) {
		t.Error("the help stands over the issues")
	}
	if page = b.get("/console/issues"); strings.Contains(page.body, `id="clear"`) {
		t.Error("chips of nothing")
	}
}

// A search that found none of very many issues says that there are more, and leads on.
func TestSearchGoesOn(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	fine := r.app.Update(r.Context(), func(tx *app.Tx) error {
		for n := range 6000 {
			i := desk.Issue{ID: desk.IssueID(tx.NewID()), Desk: "help", Status: desk.StatusNew, Report: desk.ObjectID(fmt.Sprint("https://m.example/objects/many", n)), Reporter: "https://m.example/users/ana",
				OpenedAt: tx.Now, UpdatedAt: tx.Now, WaitingSince: tx.Now.Add(time.Duration(n) * time.Second)}
			if n == 5999 {
				i.OpenedAt, i.Excerpt = tx.Now.AddDate(2, 0, 0), "The last one"
			}
			if _, err := tx.Issues().Add(i); err != nil {
				return err
			}
		}
		return nil
	})
	if fine != nil {
		t.Fatal(fine)
	}
	b := r.signedIn(bo)
	page := b.get("/console/issues?view=open&q=after%3A" + r.clock.Now().AddDate(1, 0, 0).Format(time.DateOnly))
	page.wants(t, http.StatusOK, "Nothing was found up to here", "Search on</a>")
	on := regexp.MustCompile(`<a href="([^"]*)">Search on</a>`).FindStringSubmatch(page.body)
	if on == nil {
		t.Fatal("no link")
	}
	b.get(html.UnescapeString(on[1])).wants(t, http.StatusOK, "The last one")
}

// The search completes operators and what follows them, and c clears it.
func TestSearchCompletes(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	who := desk.ActorID("https://m.example/users/ana")
	must(r.app.Hear(r.Context(), app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Acct: "ana@m.example", Name: "ana Roe", Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: "https://m.example/objects/1", Author: who, Text: "My line is down", HTML: "<p>My line is down</p>", Mentions: []desk.ActorID{r.app.Site().Desk("help")}, Visibility: desk.VisibilityPublic, Published: r.clock.Now()}}))(t)
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues")
	s.press("/")
	s.wants("#search-list", "from:")
	s.Tab.Do(chromedp.SendKeys("#search", "st"))
	s.wants("#search-list", "status:")
	s.accessible()
	s.press(kb.ArrowDown)
	s.press(kb.Enter)
	s.wants("#search-list", "status:waiting")
	s.Tab.Do(chromedp.SendKeys("#search", "ne"))
	s.press(kb.ArrowDown)
	s.press(kb.Tab)
	if !s.is(`document.querySelector('#search').value === 'status:new ' && !document.querySelector('#search-list')`) {
		t.Error("it is not completed")
	}
	s.Tab.Do(chromedp.SendKeys("#search", "fr"))
	s.press(kb.Escape)
	if !s.is(`!document.querySelector('#search-list') && document.activeElement.id === 'search'`) {
		t.Error("Escape does more than close the list")
	}
	s.Tab.Do(chromedp.SendKeys("#search", `om:"ana R`)) // the name has a space
	s.wants("#search-list", `from:"ana Roe"`)
	s.press(kb.ArrowDown)
	s.press(kb.Tab)
	if !s.is(`document.querySelector('#search').value === 'status:new from:"ana Roe" '`) {
		t.Error("it is not completed in quotes")
	}
	s.leaves(kb.Enter)
	s.wants(".chips", "status:new")
	s.wants("#list", "My line is down")
	s.accessible()
	s.leaves("c")
	if s.is(`document.querySelector('#clear')`) {
		t.Error("c does not clear")
	}
	s.calm()
}
