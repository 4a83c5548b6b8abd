package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"time"
)

const (
	relayRate  = 2000 // posts a second
	relayOurs  = 1000 // one of so many is for us
	relayLines = 16   // connections of the relay
	relayLate  = 2 * time.Second
)

// relayed measures a relay that passes on 2,000 posts a second, of which one in a
// thousand is for us: each of these must be heard, with one fetch of each.
func relayed(program string, z sizes) error {
	z.flock = 0
	return onSite(program, z, func(s *site, t *town, _ string) error {
		fmt.Printf("%d processors, %d posts a second for %d seconds, from %d servers\n\n", runtime.NumCPU(), relayRate, z.relay, z.servers)
		relay, err := t.relay(s.host)
		if err != nil {
			return err
		}
		if err := s.ask(http.MethodPost, "/sources", map[string]any{"kind": "relay", "url": relay + "/inbox"}, &map[string]any{}); err != nil {
			return err
		}
		if err := until(func() (bool, error) {
			src, err := s.source()
			return err == nil && src.State == "accepted", err
		}); err != nil {
			return fmt.Errorf("the relay was not joined: %w", err)
		}
		requests, err := t.forwarded(relay, s.host, z.relay*relayRate)
		if err != nil {
			return err
		}
		return s.hears(t, requests)
	})
}

// hears sends what a relay passes on, and prints what came of it.
func (s *site) hears(t *town, requests [][]byte) error {
	began, cpu := time.Now(), s.spent()
	sampling := make(chan struct{})
	samples := make(chan []float64)
	go func() { samples <- s.samples(sampling) }()
	f, late, err := paced(s.host, requests)
	close(sampling)
	memory := <-samples
	if err != nil {
		return err
	}
	f.cpu = s.spent() - cpu
	ours := (len(requests) + relayOurs - 1) / relayOurs
	var src benchSource
	shows := func(enough func() bool) error {
		err := until(func() (_ bool, err error) { src, err = s.source(); return enough(), err })
		if err != nil {
			err = fmt.Errorf("%d of %d posts for us were heard: %w", src.Issues, ours, err)
		}
		return err
	}
	if err := shows(func() bool { return src.Issues >= ours }); err != nil {
		return err
	}
	took := time.Since(began)
	if err := shows(func() bool { return src.Heard >= len(requests) }); err != nil { // counts are written every ten seconds
		return err
	}
	r := &report{out: os.Stdout}
	r.row("posts passed on", fmt.Sprintf("%d, %.0f/s, p99 %d ms", f.n, f.rate(), f.p99.Milliseconds()), "", 0)
	r.row("latest behind its time", late.Round(time.Millisecond).String(), "", 0)
	r.row("for us, and heard", fmt.Sprintf("%d, %d", ours, src.Issues), "", 0)
	r.row("the last of them an issue after", took.Round(100*time.Millisecond).String(), "", 0)
	r.row("fetches of posts", fmt.Sprint(t.fetched.Load()), "", 0)
	r.row("counted as heard of, and dropped", fmt.Sprintf("%d, %d", src.Heard, src.Drops["not_addressed"]), "", 0)
	r.row("processor time, one post", f.each().String(), "", 0)
	r.row("processors busy", fmt.Sprintf("%.2f of %d", f.cpu.Seconds()/f.took.Seconds(), runtime.NumCPU()), "", 0)
	third := len(memory) / 3
	r.row("memory at first, in the last third", fmt.Sprintf("%.0f MB, at most %.0f MB", memory[0], slices.Max(memory[len(memory)-third-1:])), "", 0)
	if r, l := f.rate(), float64(relayRate); late > relayLate || r < l*0.95 {
		return fmt.Errorf("the server, or this machine, did not keep up: %.0f a second, %s late", r, late)
	}
	return nil
}

// benchSource is the only source of a site.
type benchSource struct {
	State         string
	Heard, Issues int
	Drops         map[string]int
}

func (s *site) source() (benchSource, error) {
	var all []benchSource
	err := s.ask(http.MethodGet, "/sources", nil, &all)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%d sources", len(all))
	}
	if err != nil {
		return benchSource{}, err
	}
	return all[0], nil
}

// samples reads the memory of the program twice a second until done.
func (s *site) samples(done <-chan struct{}) (out []float64) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		if mb, err := s.memory(); err == nil {
			out = append(out, mb)
		}
		select {
		case <-done:
			return out
		case <-tick.C:
		}
	}
}

// relay starts a relay that accepts every Follow.
func (t *town) relay(host string) (base string, err error) {
	l, err := net.Listen("tcp", "127.22.0.1:0")
	if err != nil {
		return "", err
	}
	base = "http://" + l.Addr().String()
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
			raw, _ := io.ReadAll(r.Body)
			go func() { _ = t.accept(base, host, raw) }()
			return
		}
		if r.URL.Path == "/inbox" {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		id := base + "/actor"
		w.Header().Set("Content-Type", "application/activity+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
			"id": id, "type": "Application", "preferredUsername": "relay", "inbox": base + "/inbox",
			"publicKey": map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": t.pem}})
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(handler)}
	t.servers = append(t.servers, server)
	go func() { _ = server.Serve(l) }()
	return base, nil
}

// accept answers a Follow.
func (t *town) accept(relay, host string, raw []byte) error {
	var follow map[string]any
	if err := json.Unmarshal(raw, &follow); err != nil || follow["type"] != "Follow" {
		return err
	}
	actor := relay + "/actor"
	request, err := t.request(actor, host, "/relay/inbox", encode(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": relay + "/accept", "type": "Accept",
		"actor": actor, "to": []any{follow["actor"]}, "object": follow}))
	if err != nil {
		return err
	}
	_, err = send(host, [][]byte{request}, 1)
	return err
}

// forwarded are posts as a relay passes them on, signed by the relay.
func (t *town) forwarded(relay, host string, n int) ([][]byte, error) {
	out := make([][]byte, n)
	return out, together(runtime.NumCPU(), n, func(_, i int) (err error) {
		tags := []string{"weather", "trains", "fail"}
		if i%relayOurs == 0 {
			tags = []string{"acme", "fail"}
		}
		out[i], err = t.request(relay+"/actor", host, "/inbox", t.tagged(t.people[i%len(t.people)], tags))
		return err
	})
}

// paced sends requests at the rate of the relay. late is how far behind its time the
// latest was sent.
func paced(host string, requests [][]byte) (f flow, late time.Duration, err error) {
	lines, err := dial(host, relayLines)
	if err != nil {
		return f, 0, err
	}
	defer lines.close()
	took, behind := make([]time.Duration, len(requests)), make([]time.Duration, len(requests))
	began := time.Now()
	err = together(relayLines, len(requests), func(g, i int) (err error) {
		due := began.Add(time.Duration(i) * time.Second / relayRate)
		if wait := time.Until(due); wait > 0 {
			<-time.NewTimer(wait).C
		}
		behind[i] = time.Since(due)
		took[i], err = lines[g].send(i, requests[i])
		return err
	})
	f = flow{n: len(requests), took: time.Since(began)}
	slices.Sort(took)
	f.p99 = took[len(took)*99/100]
	return f, slices.Max(behind), err
}
