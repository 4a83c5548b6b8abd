package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// report prints rows as they are measured.
type report struct {
	out  io.Writer
	null flow
}

func (r *report) row(name, value, of string, ratio float64) {
	if ratio == 0 {
		fmt.Fprintf(r.out, "%-38s %18s\n", name, value)
		return
	}
	fmt.Fprintf(r.out, "%-38s %18s  %5.2f of %s\n", name, value, ratio, of)
}

func (r *report) flow(name string, f flow) {
	value := fmt.Sprintf("%.0f/s", f.rate())
	if f.p99 > 0 {
		value += fmt.Sprintf(", p99 %d ms", f.p99.Milliseconds())
	}
	r.row(name, value, fmt.Sprintf("the null inbox, %.0f/s", r.null.rate()), f.rate()/r.null.rate())
}

// cpu is processor time for one of a flow. It depends on the machine, but hardly on what
// else runs there.
func (r *report) cpu(name string, f flow) {
	r.row("  processor time, "+name, fmt.Sprint(f.each()), fmt.Sprint("the null inbox, ", r.null.each()), float64(f.each())/float64(r.null.each()))
}

func idle(s *site, _ *town, _ sizes, r *report) error {
	mb, err := s.memory()
	r.row("memory, idle", fmt.Sprintf("%.0f MB", mb), "", 0)
	return err
}

// warm lets every author post once: after that their keys are known.
func warm(s *site, t *town, z sizes, _ *report) error {
	requests, err := t.requests(s.host, len(t.people), func(int) bool { return true })
	if err != nil {
		return err
	}
	t.rare = fmt.Sprintf("ticket%d", t.posts.Load())
	if _, err := send(s.host, requests, z.connections); err != nil {
		return err
	}
	return s.settled("inbound", "verify", "fetch")
}

func inbox(s *site, t *town, z sizes, r *report) error {
	requests, err := t.requests(s.host, z.posts, func(int) bool { return true })
	if err != nil {
		return err
	}
	before, began, cpu := s.disk(), time.Now(), s.spent()
	f, err := send(s.host, requests, z.connections)
	if err != nil {
		return err
	}
	r.flow("inbox, matching posts", f)
	if err := s.settled("inbound", "verify", "fetch"); err != nil {
		return err
	}
	f = flow{n: z.posts, took: time.Since(began), cpu: s.spent() - cpu}
	r.flow("until every one is an issue", f)
	r.cpu("from post to issue", f)
	if s.disk() > 0 {
		r.row("disk, one issue of 15 words", fmt.Sprintf("%.1f kB", float64(s.disk()-before)/float64(z.posts)/1000), "", 0)
	}
	mb, err := s.memory()
	r.row("memory, after that", fmt.Sprintf("%.0f MB", mb), "", 0)
	return err
}

func irrelevant(s *site, t *town, z sizes, r *report) error {
	requests, err := t.requests(s.host, z.others, func(n int) bool { return n%1000 == 0 })
	if err != nil {
		return err
	}
	cpu := s.spent()
	f, err := send(s.host, requests, z.connections)
	if err != nil {
		return err
	}
	r.flow("inbox, 1 in 1,000 matches", f)
	f.cpu = s.spent() - cpu
	r.cpu("one of them", f)
	return s.settled("inbound", "verify", "fetch")
}

func follow(s *site, t *town, z sizes, r *report) error {
	requests := make([][]byte, len(t.followers))
	desk := "http://" + s.host + "/desks/help"
	err := together(runtime.NumCPU(), len(requests), func(_, n int) (err error) {
		who := t.followers[n]
		body := encode(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": who + "/follow", "type": "Follow", "actor": who, "object": desk})
		requests[n], err = t.request(who, s.host, "/inbox", body)
		return err
	})
	if err != nil {
		return err
	}
	t.delivered.Store(0)
	began := time.Now()
	if _, err := send(s.host, requests, z.connections); err != nil {
		return err
	}
	if err := t.arrived(len(requests)); err != nil {
		return err
	}
	f := flow{n: len(requests), took: time.Since(began)}
	r.row("Follows, each from a new server", fmt.Sprintf("%.0f/s accepted", f.rate()), "", 0)
	return nil
}

// arrived waits until followers have got n activities.
func (t *town) arrived(n int) error {
	return until(func() (bool, error) { return int(t.delivered.Load()) >= n, nil })
}

func broadcast(s *site, t *town, _ sizes, r *report) error {
	signatures, err := t.signatures()
	if err != nil {
		return err
	}
	if err := s.settled("deliver"); err != nil {
		return err
	}
	t.delivered.Store(0)
	began, cpu := time.Now(), s.spent()
	in := map[string]any{"desk": "help", "text": "We work on the lines tonight.", "now": true}
	if err := s.ask(http.MethodPost, "/broadcasts", in, &map[string]any{}); err != nil {
		return err
	}
	if err := t.arrived(len(t.followers)); err != nil {
		return err
	}
	f := flow{n: len(t.followers), took: time.Since(began), cpu: s.spent() - cpu}
	r.row("a broadcast to every follower", fmt.Sprintf("%.0f/s", f.rate()), fmt.Sprintf("RSA signatures, %.0f/s", signatures), f.rate()/signatures)
	r.row("  processor time, a delivery", fmt.Sprint(f.each()), "", 0)
	return nil
}

// signatures is how many RSA signatures a second all processors make.
func (t *town) signatures() (float64, error) {
	const n = 1000
	hash := make([]byte, 32)
	began := time.Now()
	err := together(runtime.NumCPU(), n, func(_, _ int) error {
		_, err := rsa.SignPKCS1v15(rand.Reader, t.key, crypto.SHA256, hash)
		return err
	})
	return n / time.Since(began).Seconds(), err
}

// search looks for a word of one post, and for one that most posts have.
func search(s *site, t *town, _ sizes, r *report) error {
	for _, c := range []struct{ name, word string }{{"search, a word of one post", t.rare}, {"search, a word of most posts", "line"}} {
		took, err := s.timed(20, func(int) string { return "/issues?limit=20&search=" + c.word })
		if err != nil {
			return err
		}
		r.row(c.name, milliseconds(took[len(took)/2]), "", 0)
	}
	return nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// timed asks the API n times, and returns how long the answers took, the quickest
// first. An empty list is no answer.
func (s *site) timed(n int, path func(i int) string) (took []time.Duration, err error) {
	for i := range n {
		began := time.Now()
		var found json.RawMessage
		if err := s.ask(http.MethodGet, path(i), nil, &found); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
		if string(bytes.TrimSpace(found)) == "[]" {
			return nil, fmt.Errorf("nothing is at %s", path(i))
		}
	}
	slices.Sort(took)
	return took, nil
}
