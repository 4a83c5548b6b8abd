package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// progress shows on a terminal that a request which takes longer than a second
// is still under way.
func (c *command) progress(next http.RoundTripper) http.RoundTripper {
	if !isTerminal(c.io.err) {
		return next
	}
	return spinning{next, c.io.err}
}

type spinning struct {
	next http.RoundTripper
	to   io.Writer
}

// RoundTrip implements http.RoundTripper.
func (s spinning) RoundTrip(r *http.Request) (*http.Response, error) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { spin(s.to, done) })
	defer wg.Wait()
	defer close(done)
	return s.next.RoundTrip(r)
}

func spin(to io.Writer, done <-chan struct{}) {
	began := time.Now()
	t := time.NewTicker(200 * time.Millisecond)
	defer t.Stop()
	shown := false
	for n := 0; ; n++ {
		select {
		case <-done:
			if shown {
				fmt.Fprint(to, "\r\x1b[K")
			}
			return
		case <-t.C:
			if since := time.Since(began); since > time.Second {
				fmt.Fprintf(to, "\r\x1b[K%c waiting for an answer, %d s; Ctrl-C gives up", []rune("|/-\\")[n%4], int(since.Seconds()))
				shown = true
			}
		}
	}
}
