package browser

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Tab is one tab of a browser. Every method fails the test if it does not
// succeed.
type Tab struct {
	Close func() // at the latest when the test ends

	t   testing.TB
	ctx context.Context

	loaded chan struct{} // a page was loaded since this was looked at

	mu         sync.Mutex
	requests   []string
	pages      []string // the documents among them
	parts      []string // those of which parts are put into the page
	complaints []string
}

// command is a step that the browser's protocol knows and chromedp has no name for.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, c, params)
		return chromedp.Void{}, err
	}
}

// note hears the browser's events, in its reading loop: it must be quick.
func (tab *Tab) note(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tab.requests = append(tab.requests, e.Request.URL)
		switch accepts, _ := e.Request.Headers["Accept"].(string); {
		case e.Type == network.ResourceTypeDocument:
			tab.pages = append(tab.pages, e.Request.URL)
		case accepts == "text/html":
			tab.parts = append(tab.parts, e.Request.URL)
		}
	case *log.EventEntryAdded:
		if (slices.Contains(tab.pages, e.Entry.URL) || slices.Contains(tab.parts, e.Entry.URL)) && e.Entry.Source == log.EntrySourceNetwork {
			return // the page is about its own status, 404 or 422
		}
		tab.complaints = append(tab.complaints, string(e.Entry.Level)+": "+e.Entry.Text)
	case *page.EventLoadEventFired:
		tab.noteLoaded()
	case *runtime.EventBindingCalled:
		if e.Name == shownBinding {
			tab.noteLoaded()
		}
	case *runtime.EventExceptionThrown:
		tab.complaints = append(tab.complaints, "exception: "+e.ExceptionDetails.Text)
	}
}

// shownBinding is what a page that is left calls when it shows another one in its place.
const shownBinding = "browserShown"

func (tab *Tab) noteLoaded() {
	select {
	case tab.loaded <- struct{}{}:
	default: // nobody has looked since
	}
}

// Do does steps, one after the other.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatalf("in the browser: %v", err)
	}
}

// Go loads a page.
func (tab *Tab) Go(address string) { tab.t.Helper(); tab.Release(chromedp.Navigate(address)) }

// leave marks a page that is left. One that shows another in its place, as its event "shown"
// says, is another page as well.
const leave = `(() => {
	window.isLeft = true
	document.addEventListener('shown', () => { window.isLeft = false; browserShown('') }, { once: true })
	return true
})()`

// Release does steps that lead to another page, and waits until that is there. The
// page that is left may still be loading: it is marked, to tell the two apart.
func (tab *Tab) Release(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	Eval[bool](tab, leave)
	tab.Do(steps...)
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	for {
		select {
		case <-tab.loaded:
		case <-ctx.Done():
			tab.t.Fatalf("in the browser, on the way to another page: %v, at %s", ctx.Err(), Eval[string](tab, "`${location.href}, ${document.readyState}, left: ${window.isLeft}, focus: ${document.activeElement?.id}`"))
		}
		// The load event may come late, from the page before; an error means that another load has
		// begun.
		if there, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!window.isLeft && document.readyState === 'complete'")); err == nil && there {
			return
		}
	}
}

// Press presses keys, one after the other, wherever the focus is, as a keyboard
// does: what a page does with a key that goes down keeps its letter out of the text.
func Press(keys string, held ...chromedp.Modifier) chromedp.Action[chromedp.Void] {
	return chromedp.KeyEvent(keys, chromedp.KeyModifiers(held...), func(p *input.DispatchKeyEventParams) {
		if p.Type == input.DispatchKeyEventTypeKeyDown {
			p.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	})
}

// Ask returns what a step yields.
func Ask[T any](tab *Tab, step chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, step)
	if err != nil {
		tab.t.Fatalf("in the browser: %v", err)
	}
	return out
}

// Eval returns what a JavaScript expression is, in the page.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return Ask(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Loads says how many documents the tab has asked for.
func (tab *Tab) Loads() int {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return len(tab.pages)
}

// Strangers lists requests to other hosts than that of home, an absolute URL.
func (tab *Tab) Strangers(home string) []string {
	tab.t.Helper()
	own, err := url.Parse(home)
	if err != nil {
		tab.t.Fatal(err)
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(tab.requests), func(asked string) bool {
		u, err := url.Parse(asked)
		return err == nil && (u.Host == own.Host || u.Scheme == "data" || u.Scheme == "about")
	})
}

// Complaints lists the lines of the browser's console: a style or script that the policy forbids, a missing file, an
// exception.
func (tab *Tab) Complaints() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.complaints)
}

// Overflows says how many pixels the page is wider than its window; on a phone
// one would have to scroll sideways.
func (tab *Tab) Overflows() int {
	tab.t.Helper()
	return Eval[int](tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}

// Screenshot writes a picture of the whole page, however long, as PNG.
func (tab *Tab) Screenshot(file string) {
	tab.t.Helper()
	tab.write(file, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true)})
}

// write writes a picture of the tab.
func (tab *Tab) write(file string, how page.CaptureScreenshotParams) {
	tab.t.Helper()
	picture := Ask(tab, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot, how)
		return r.Data, err
	})
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}
