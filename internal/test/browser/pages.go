package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// Page is one page that is looked at.
type Page struct {
	Name  string     // of its pictures
	Path  string     // from the root
	Steps func(*Tab) // steps on the page before it is checked; nil for none
}

func (p Page) open(tab *Tab, home string) {
	tab.Go(home + p.Path)
	if p.Steps != nil {
		p.Steps(tab)
	}
}

// Inspect looks at pages on a phone and on a desk, light, dark and with more
// contrast, and fails the test where axe-core finds something serious, where
// the page is wider than its window, asks something of strangers, or makes the
// browser complain.
func Inspect(t *testing.T, home string, pages []Page) {
	t.Helper()
	b, axe := Start(t), LoadAxe(t)
	for _, p := range pages {
		tab := b.Open(Phone())
		p.open(tab, home)
		found := axe.Check(tab)
		narrow := tab.Overflows()
		for _, v := range []View{{Width: 360, Height: 780, Dark: true}, {Dark: true}, {Contrast: true}} {
			tab.Look(v)
			found = append(found, axe.CheckColours(tab)...)
		}
		tab.Look(View{})
		found = append(found, axe.Check(tab)...)
		for _, f := range found {
			if f.Serious() {
				t.Errorf("%s: %s", p.Name, f)
			} else {
				t.Logf("%s: %s", p.Name, f)
			}
		}
		if wide := tab.Overflows(); narrow > 0 || wide > 0 {
			t.Errorf("%s: wider than the window, by %d pixels on a phone and %d on a desk", p.Name, narrow, wide)
		}
		for _, s := range tab.Strangers(home) {
			t.Errorf("%s: asked %s", p.Name, s)
		}
		for _, c := range tab.Complaints() {
			t.Errorf("%s: the browser says %s", p.Name, c)
		}
		tab.Close()
	}
}

const picturesFolder = "EARSHOT_PICTURES"

// folderFor is where pictures of a kind go; nobody asked for any: skips the test.
func folderFor(t *testing.T, env string) string {
	t.Helper()
	folder := os.Getenv(env)
	if folder == "" {
		t.Skip("`make screenshots` takes pictures")
	}
	return folder
}

// Screenshots writes pictures of pages, at three widths, light and dark, into
// a folder of this name within that which EARSHOT_SCREENSHOTS names; `make
// screenshots` does. Without it the test is skipped.
func Screenshots(t *testing.T, home, name string, pages []Page) {
	t.Helper()
	folder := filepath.Join(folderFor(t, "EARSHOT_SCREENSHOTS"), name)
	b := Start(t)
	for _, p := range pages {
		tab := b.Open(View{})
		p.open(tab, home)
		for _, width := range []int64{360, 768, 1280} {
			for _, dark := range []bool{false, true} {
				tab.Look(View{Width: width, Height: 900, Dark: dark})
				tab.Screenshot(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", p.Name, width, choose(dark, "dark", "light"))))
			}
		}
		tab.Look(View{Forced: true})
		tab.Screenshot(filepath.Join(folder, p.Name+"-1280-forced.png"))
		tab.Close()
	}
}

// Picture writes a small picture of one page, as WebP, into the folder that
// EARSHOT_PICTURES names; `make screenshots` does, for the README.
func Picture(t *testing.T, home, name string, p Page) {
	t.Helper()
	folder := folderFor(t, picturesFolder)
	tab := Start(t).Open(View{Width: 1280, Height: 800})
	p.open(tab, home)
	tab.picture(filepath.Join(folder, name+".webp"))
}

// Picture is the function Picture of what a tab shows now. Where nobody asked
// for pictures it takes none, and the test goes on.
func (tab *Tab) Picture(name string) {
	tab.t.Helper()
	if folder := os.Getenv(picturesFolder); folder != "" {
		tab.Look(View{Width: 1280, Height: 800})
		tab.picture(filepath.Join(folder, name+".webp"))
	}
}

func (tab *Tab) picture(file string) {
	tab.t.Helper()
	tab.write(file, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(80))})
}
