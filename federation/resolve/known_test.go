package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"earshot/internal/desk"
)

// Hosts that strangers make up, and that never answer, leave half of the
// places to those that we know.
func TestSilentStrangersStopNobody(t *testing.T) {
	known, silent := newPeer(t), make(chan struct{})
	var asking sync.WaitGroup
	defer asking.Wait()
	defer close(silent)
	known.serve("/alice", person("/alice", "HOST/alice#main-key", pkix(keyA())))
	stored := desk.Host("")
	r, _ := newResolver(t, func(o *Options) {
		o.Total, o.PerDomain = 4, 1
		o.Known = func(_ context.Context, h desk.Host) bool { return h == stored }
	})
	stored, _ = desk.HostOf(known.URL)
	reached := make(chan bool, 10)
	for n := range 10 {
		p := newPeer(t)
		p.handle("/a", func(http.ResponseWriter, *http.Request) { reached <- true; <-silent })
		asking.Go(func() { _, _ = r.Actor(ctx, p.actor(fmt.Sprint("/a?", n))) })
	}
	<-reached
	<-reached
	must(r.Key(ctx, known.URL+"/alice#main-key", false))(t)
	select {
	case <-reached:
		t.Error("strangers have more than half of the places")
	default:
	}
}

// A client that names many dead hosts gets a quarter of the strangers' places,
// and its requests keep them after the client has left.
func TestOneAskerStopsNoOther(t *testing.T) {
	silent := make(chan struct{})
	var asking sync.WaitGroup
	defer asking.Wait()
	defer close(silent)
	good := newPeer(t)
	good.serve("/alice", person("/alice", "HOST/alice#main-key", pkix(keyA())))
	r, _ := newResolver(t, func(o *Options) { o.Total = 16 })
	reached := make(chan bool, 20)
	bad, giveUp := context.WithCancel(OnAccountOf(ctx, "192.0.2.1"))
	for range 10 {
		p := newPeer(t)
		p.handle("/a", func(http.ResponseWriter, *http.Request) { reached <- true; <-silent })
		asking.Go(func() { _, _ = r.Key(bad, p.URL+"/a#main-key", false) })
	}
	<-reached
	<-reached
	giveUp()
	must(r.Key(OnAccountOf(ctx, "192.0.2.2"), good.URL+"/alice#main-key", false))(t)
	select {
	case <-reached:
		t.Error("one has more than a quarter of the places")
	default:
	}
}

// A host is known by the store or by a good signature, and a stranger for a
// while when it does not answer.
func TestKnownHosts(t *testing.T) {
	asked := 0
	p := newPeer(t)
	host, _ := desk.HostOf(p.URL)
	r, clock := newResolver(t, func(o *Options) {
		o.Known = func(context.Context, desk.Host) bool { asked++; return asked > 1 }
	})
	want := func(known bool, asks int) {
		t.Helper()
		if r.KnownHost(ctx, host) != known || asked != asks {
			t.Errorf("known is not %t, or the store was asked %d times, want %d", known, asked, asks)
		}
	}
	want(false, 1)
	want(false, 1) // remembered
	clock.Advance(knownFor)
	want(true, 2)
	p.handle("/hangs", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	_, err := r.Actor(ctx, p.actor("/hangs"))
	expectKind(t, err, Temporary)
	want(false, 2)
	r.Heard(host)
	want(true, 2)
}

// Those that wait for strangers are bounded in all.
func TestStrangersThatWaitAreBounded(t *testing.T) {
	h := newHosts(1, 3, 2)
	release, err := h.acquire(ctx, "a.example", false)
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithCancel(ctx)
	ended := make(chan error, 3)
	for n := range 3 {
		go func() { _, err := h.acquire(waiting, desk.Host(fmt.Sprintf("%d.example", n)), false); ended <- err }()
	}
	for {
		h.mu.Lock()
		asking := h.asking
		h.mu.Unlock()
		if asking == 4 {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("they do not wait")
		}
		runtime.Gosched()
	}
	if _, err := h.acquire(ctx, "b.example", false); !errors.Is(err, errStrangersBusy) {
		t.Errorf("one more: %v", err)
	}
	other, err := h.acquire(ctx, "known.example", true)
	if err != nil {
		t.Fatal(err)
	}
	other()
	cancel()
	for range 3 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	release()
	if h.asking != 0 || len(h.queues) != 0 || len(h.askers) != 0 || len(h.all) != 0 || len(h.strangers) != 0 {
		t.Errorf("something is left: %+v", h)
	}
}

// The places of one server are those of its registrable domain: 50 silent hosts
// below one domain have one server's places, and all other servers theirs.
func TestPlacesAreOfDomains(t *testing.T) {
	for _, known := range []bool{true, false} {
		h := newHosts(2, 0, 64)
		taken := 0
		for n := range 50 {
			switch _, err := h.acquire(ctx, desk.Host(fmt.Sprintf("s%d.evil.example", n)), known); {
			case err == nil:
				taken++
			case !errors.Is(err, errDomainBusy):
				t.Fatal(err)
			}
		}
		if taken != 2 {
			t.Errorf("50 hosts of one domain have %d places", taken)
		}
		for _, other := range []desk.Host{"ana.github.io", "ben.github.io", "big.example"} {
			for range 2 {
				if _, err := h.acquire(ctx, other, known); err != nil {
					t.Errorf("%s: %v", other, err)
				}
			}
		}
	}
}

// So is the ration of keys that are fetched again.
func TestRefetchesAreRationedByDomain(t *testing.T) {
	r, _ := newResolver(t, func(o *Options) { o.RefetchBurst = 3 })
	spent := 0
	for n := range 50 {
		if r.spend(ctx, fmt.Sprintf("https://s%d.evil.example/users/x#main-key", n), true) == nil {
			spent++
		}
	}
	if spent != 3 {
		t.Errorf("50 hosts of one domain had %d keys fetched again", spent)
	}
	for _, other := range []string{"ana.github.io", "ben.github.io", "big.example"} {
		if err := r.spend(ctx, "https://"+other+"/users/x#main-key", true); err != nil {
			t.Errorf("%s: %v", other, err)
		}
	}
}
