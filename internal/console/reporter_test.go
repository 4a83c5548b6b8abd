package console

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// Beside a thread is the person: what they say about themselves as text, their other issues,
// remarks of colleagues, and whether they want to be left alone.
func TestPersonBesideTheThread(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	before := r.report("ana", "My line was down")
	issue := r.report("ana", "My line is down again")
	who := must(r.app.ShowIssue(t.Context(), issue))(t).Issue.Reporter
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		a, _, err := tx.Actors().Get(who)
		check(t, err)
		a.Bio = "I sell <b>bread</b>"
		return tx.Actors().Put(a)
	}))
	b, page := r.signedIn(bo), "/console/issues/"+string(issue)
	b.get(page).wants(t, http.StatusOK, "m.example</dd>", "Here since", "I sell &lt;b&gt;bread&lt;/b&gt;", "/console/issues/"+string(before)+"?", "My line was down")
	b.post(page+"/remarks", url.Values{"remark": {"Has a <shop>"}}).wants(t, http.StatusOK, "Noted. Only colleagues see it.", "Has a &lt;shop&gt;", "Bo Berg")
	n := must(r.app.Person(t.Context(), who))(t).Remarks[0]
	b.post(page+"/remarks/remove", url.Values{"id": {string(n.ID)}}).wants(t, http.StatusOK, "Removed.")
	b.get(page).lacks(t, "Has a &lt;shop&gt;")
	must(r.app.AddOptOut(t.Context(), app.By{}, who, ""))(t)
	must(r.app.AddBlock(t.Context(), app.By{}, "m.example", ""))(t)
	left := b.get(page)
	left.wants(t, http.StatusOK, "added by an agent", "Blocked here: m.example")
	left.lacks(t, `name="remark"`)
}

// By the keyboard, on a phone: a remark is written where the person is.
func TestRemarkByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.Phone())
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.tabTo("#remark", 40)
	s.press("Has a shop")
	s.leaves(kb.Enter)
	s.wants(".remarks", "Has a shop", "Bo Berg")
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
	s.calm()
}

// Every face can be read, by day and by night (WCAG 1.4.3: 4.5 to 1).
func TestFaces(t *testing.T) {
	css := string(must(staticFiles.ReadFile("static/console.css"))(t))
	pairs := regexp.MustCompile(`background: hsl\(var\(--hue\) (\d+)% (\d+)%\); color: hsl\(var\(--hue\) (\d+)% (\d+)%\)`).FindAllStringSubmatch(css, -1)
	if len(pairs) != 2 {
		t.Fatalf("%d pairs of colours, want one by day and one by night", len(pairs))
	}
	hue := regexp.MustCompile(`\.h(\d+) \{ --hue: (\d+); \}`).FindAllStringSubmatch(css, -1)
	if len(hue) != hues {
		t.Fatalf("%d colours, want %d", len(hue), hues)
	}
	number := func(s string) float64 { return must(strconv.ParseFloat(s, 64))(t) }
	for _, h := range hue {
		for _, p := range pairs {
			on, ink := luminance(number(h[2]), number(p[1]), number(p[2])), luminance(number(h[2]), number(p[3]), number(p[4]))
			if c := (max(on, ink) + .05) / (min(on, ink) + .05); c < 4.5 {
				t.Errorf("the face h%s has a contrast of %.2f", h[1], c)
			}
		}
	}
	a := desk.Actor{ID: "https://m.example/users/ana"}
	if hueOf(a) != hueOf(desk.Actor{ID: a.ID, Name: "Another name"}) {
		t.Error("a person has two colours")
	}
	seen := map[string]bool{}
	for n := range 200 {
		seen[hueOf(desk.Actor{ID: desk.ActorID(fmt.Sprint(n))})] = true
	}
	if len(seen) != hues {
		t.Errorf("200 people have %d colours", len(seen))
	}
}

// luminance is that of WCAG 2, of a colour as CSS writes it.
func luminance(hue, saturation, lightness float64) float64 {
	s, l := saturation/100, lightness/100
	channel := func(n float64) float64 {
		k := math.Mod(n+hue/30, 12)
		v := l - s*min(l, 1-l)*max(-1, min(k-3, 9-k, 1))
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(0) + 0.7152*channel(8) + 0.0722*channel(4)
}
