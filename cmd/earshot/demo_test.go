package main

import (
	"bytes"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/test/browser"
	"earshot/internal/test/program"
)

// printed is what a program has printed so far.
type printed struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) { p.mu.Lock(); defer p.mu.Unlock(); return p.b.Write(b) }
func (p *printed) String() string              { p.mu.Lock(); defer p.mu.Unlock(); return p.b.String() }

// The steps that the demo suggests work: a citizen posts in the town, the console
// shows the post by itself, and the answer appears in the town's thread.
func TestDemoInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	chrome := browser.Start(t)
	var out printed
	demo := exec.Command(program.Build(t), "demo", "--listen", "127.0.0.1:0")
	demo.Stdout, demo.Stderr = &out, io.Discard
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- demo.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = demo.Process.Kill()
		for range ended { // until it is closed
		}
	})
	p := &process{t: t}
	p.until("the demo to be ready", func() bool { return strings.Contains(out.String(), "Ctrl-C ends the demo") })
	named := func(what string) string {
		t.Helper()
		m := regexp.MustCompile(what + `\s+(http://\S+)`).FindStringSubmatch(out.String())
		if m == nil {
			t.Fatalf("no address of %q in %s", what, out.String())
		}
		return m[1]
	}
	console, town := chrome.Open(browser.View{}), chrome.Open(browser.View{})
	sees := func(tab *browser.Tab, expression string) {
		t.Helper()
		browser.Ask(tab, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(time.Minute)))
	}

	console.Go(named("The console"))
	console.Do(chromedp.SetValue(chromedp.CSS("input[name=email]"), "bo@acme.example"), chromedp.SetValue(chromedp.CSS("input[name=name]"), "Bo Berg"),
		chromedp.SetValue(chromedp.CSS("input[name=password]"), "correct horse battery"))
	console.Release(chromedp.Click(chromedp.CSS("form.fields button")))
	live := browser.Eval[bool](console, "typeof htmx === 'object'")

	town.Go(named("The town"))
	town.Do(chromedp.SetValue(chromedp.CSS("#text"), "Nothing works since nine #acme #fail"))
	town.Release(chromedp.Click(chromedp.CSS("form[action='/write'] button")))

	if live { // it announces itself, and is shown when asked for
		sees(console, "document.querySelector('#news')?.innerText.trim().length > 0")
	}
	const heard = "document.querySelector('.line')?.innerText.includes('Nothing works since nine') ?? false"
	p.until("the post to come to the console", func() bool {
		console.Release(chromedp.Reload())
		return browser.Eval[bool](console, heard)
	})
	console.Release(chromedp.Click(chromedp.CSS(".line")))
	console.Do(browser.Press("r"), browser.Press("Sorry to hear that. Which street?"))
	console.Release(browser.Press(kb.Enter, chromedp.ModifierCtrl))

	// It goes out when it can no longer be taken back.
	sees(town, "document.querySelector('#live').innerText.includes('Which street?')")
	town.Picture("town")
	if err := demo.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the demo ended with %v", err)
	}
}
