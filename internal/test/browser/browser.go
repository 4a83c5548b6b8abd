package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long one step of a browser may take, on a busy machine.
const patience = 60 * time.Second

// names are the names of Chromium, most likely first.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// find returns the browser, or skips the test.
func find(t testing.TB) string {
	t.Helper()
	named := os.Getenv("EARSHOT_BROWSER")
	if named == "off" {
		t.Skip("the browser is off (EARSHOT_BROWSER=off)")
	}
	if named != "" {
		return named
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no browser: install Chromium (Debian: apt-get install chromium), or name one with EARSHOT_BROWSER")
	return ""
}

// Browser is a running Chromium with a profile of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Start starts a browser that ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(find(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.NoSandbox, // it needs a kernel feature that containers lack; it sees no pages but ours
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
	}
	// The browser's own background requests ask strangers, and take time.
	for _, quiet := range []string{"quic", "background-networking", "component-update", "sync", "default-apps", "extensions", "breakpad"} {
		options = append(options, chromedp.Flag("disable-"+quiet, true))
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		end, done := context.WithTimeout(ctx, patience)
		defer done()
		if err := chromedp.Cancel(end); err != nil {
			t.Logf("closing the browser: %v", err)
		}
		cancel()
		cancelAllocator()
	})
	if err := chromedp.Do(ctx); err != nil { // without a time limit: that would be the browser's whole life
		t.Fatalf("starting the browser: %v", err)
	}
	return &Browser{t, ctx}
}

// View is a visitor's screen and settings. Zero values are an ordinary desktop.
type View struct {
	Width, Height int64 // of the window; 0: 1280 × 900
	Dark          bool  // prefers a dark colour scheme
	Contrast      bool  // prefers more contrast
	Forced        bool  // the system's own few colours
	Print         bool  // on paper
	Scriptless    bool  // JavaScript is off
	Language      string
}

// Phone is a small one, held upright.
func Phone() View { return View{Width: 360, Height: 780} }

// Open opens an empty tab.
func (b *Browser) Open(v View) *Tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	tab := &Tab{t: b.t, ctx: ctx, Close: cancel, loaded: make(chan struct{}, 1)}
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatalf("opening a tab: %v", err)
	}
	if err := chromedp.Listen(ctx, tab.note); err != nil {
		b.t.Fatalf("listening to a tab: %v", err)
	}
	tab.Look(v)
	return tab
}

// Look changes how the page is looked at.
func (tab *Tab) Look(v View) {
	tab.t.Helper()
	if v.Width == 0 {
		v.Width, v.Height = 1280, 900
	}
	tab.Do(
		chromedp.EmulateViewport(v.Width, v.Height),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: choose(v.Print, "print", ""), Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: choose(v.Dark, "dark", "light")},
			{Name: "prefers-contrast", Value: choose(v.Contrast, "more", "no-preference")},
			{Name: "forced-colors", Value: choose(v.Forced, "active", "none")},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.Scriptless}),
	)
	if v.Language != "" {
		tab.Do(command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": v.Language}}))
	}
}

func choose(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
