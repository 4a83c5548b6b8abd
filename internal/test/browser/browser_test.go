package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// sample has a mistake that a screen reader's user would notice, colours that
// nobody can read, a script, and a picture on another server.
const sample = `<!doctype html><html lang="en"><head><title>Page</title><meta name="viewport" content="width=device-width"><style>
p { color: #ddd; background: #fff } @media (prefers-color-scheme: dark) { p { color: #fff; background: #000 } }</style></head>
<body><main><h1>Words</h1><p>Can you read this?</p><input id="nameless"><b id="said">none</b>
<script>document.getElementById("said").textContent = "script " + matchMedia("(prefers-contrast: more)").matches + " " + innerWidth</script>
<img alt="" src="http://127.0.0.1:1/stranger.png"></main></body></html>`

func TestBrowserReportsMistakes(t *testing.T) {
	b, axe := Start(t), LoadAxe(t)
	var language string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			language = r.Header.Get("Accept-Language")
			fmt.Fprint(w, sample)
			return
		}
		http.NotFound(w, r)
	}))
	defer s.Close()

	tab := b.Open(View{Language: "nl"})
	tab.Go(s.URL)
	if language != "nl" {
		t.Errorf("asked in %q", language)
	}
	if said := Ask(tab, chromedp.Text(chromedp.CSS("#said"))); said != "script false 1280" {
		t.Errorf("the page says %q", said)
	}
	rules := map[string]bool{}
	for _, f := range axe.Check(tab) {
		rules[f.Rule] = f.Serious()
	}
	if !rules["label"] || !rules["color-contrast"] {
		t.Errorf("axe found only %v", rules)
	}
	if got := tab.Strangers(s.URL); len(got) != 1 || !strings.Contains(got[0], "stranger.png") {
		t.Errorf("strangers: %v", got)
	}
	if got := tab.Complaints(); len(got) == 0 {
		t.Error("a picture that cannot be loaded is not noticed")
	}

	dark := Phone()
	dark.Dark, dark.Contrast = true, true
	tab.Look(dark)
	tab.Go(s.URL)
	if said := Ask(tab, chromedp.Text(chromedp.CSS("#said"))); said != "script true 360" {
		t.Errorf("on a phone the page says %q", said)
	}
	for _, f := range axe.Check(tab) {
		if f.Rule == "color-contrast" {
			t.Errorf("the dark page is looked at in light: %s", f)
		}
	}
	if n := tab.Overflows(); n != 0 {
		t.Errorf("overflows by %d", n)
	}
	tab.Screenshot(filepath.Join(t.TempDir(), "below", "page.png"))

	tab.Look(View{Scriptless: true})
	tab.Go(s.URL)
	if said := Ask(tab, chromedp.Text(chromedp.CSS("#said"))); said != "none" {
		t.Errorf("without scripts the page says %q", said)
	}
}
