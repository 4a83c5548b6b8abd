package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one step of a browser may take, on a busy machine.
const patience = 60 * time.Second

// names are the names of Chromium, most likely first.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

var (
	errOff  = errors.New("the browser is off (EARSHOT_BROWSER=off)")
	errNone = errors.New("no browser: install Chromium (Debian: apt-get install chromium), or name one with EARSHOT_BROWSER")
)

// locate returns the browser's path.
func locate() (string, error) {
	named := os.Getenv("EARSHOT_BROWSER")
	if named == "off" {
		return "", errOff
	}
	if named != "" {
		return named, nil
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNone
}

// find skips a test where there is no browser.
func find(t testing.TB) {
	t.Helper()
	if _, err := locate(); err != nil {
		t.Skip(err)
	}
}

// Browser is a Chromium for one test, with a profile of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// shared is the browser of a process whose tests Run runs; nil: each test has
// its own.
var shared func() (context.Context, error)

// Run runs the tests of a package, which share one process of the browser; each
// still has its own cookies, cache and storage. It is for TestMain.
func Run(m *testing.M) (status int) {
	profile, err := os.MkdirTemp("", "earshot-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profile)
	end := func() {}
	shared = sync.OnceValues(func() (ctx context.Context, err error) {
		ctx, end, err = launch(context.Background(), profile)
		return ctx, err
	})
	defer func() { end() }()
	return m.Run()
}

// Start returns a browser that ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	find(t)
	if shared == nil {
		ctx, end, err := launch(context.WithoutCancel(t.Context()), t.TempDir())
		t.Cleanup(end)
		if err != nil {
			t.Fatalf("starting the browser: %v", err)
		}
		return &Browser{t, ctx}
	}
	all, err := shared()
	if err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	ctx, cancel := chromedp.NewContext(all, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // without a time limit: that would be the profile's whole life
		t.Fatalf("making a profile: %v", err)
	}
	return &Browser{t, ctx}
}

// unused are features that cost as much as the pages: each window loads two pages under its address bar, and keeps a
// process ready for a page that no test opens.
var unused = []string{"WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"}

// launch starts Chromium. end ends it, also after an error.
func launch(parent context.Context, profile string) (ctx context.Context, end func(), err error) {
	path, err := locate()
	if err != nil {
		return nil, func() {}, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.NoSandbox, // it needs a kernel feature that containers lack; it sees no pages but ours
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
	}
	// No window waits while another one of the same process is in front.
	for _, sleep := range []string{"background-timer-throttling", "backgrounding-occluded-windows", "renderer-backgrounding"} {
		options = append(options, chromedp.Flag("disable-"+sleep, true))
	}
	// The browser's own background requests ask strangers, and take time.
	for _, quiet := range []string{"quic", "background-networking", "component-update", "sync", "default-apps", "extensions", "breakpad"} {
		options = append(options, chromedp.Flag("disable-"+quiet, true))
	}
	options = append(options, chromedp.Flag("disable-features", strings.Join(unused, ",")))
	allocator, cancelAllocator := chromedp.NewExecAllocator(parent, options...)
	ctx, cancel := chromedp.NewContext(allocator)
	end = func() {
		last, done := context.WithTimeout(ctx, patience)
		defer done()
		if err := chromedp.Cancel(last); err != nil {
			fmt.Fprintf(os.Stderr, "closing the browser: %v\n", err)
		}
		cancel()
		cancelAllocator()
	}
	return ctx, end, chromedp.Do(ctx) // without a time limit: that would be the browser's whole life
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
	tab.Do(command(runtime.AddBinding, runtime.AddBindingParams{Name: shownBinding}))
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
