package fed_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/federation"
	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/internal/test/fed"
	"earshot/internal/test/feeds"
	"earshot/store"
)

// feed is a server that shows posts of the town, and is asked for them.
type feed struct {
	*feeds.Server
	id   desk.SourceID
	down atomic.Bool
}

// ask adds a source at an emulated server. A stream, and the channel of a Misskey server
// that has one, are connected from then on.
func (s *scene) ask(kind string, set ...func(*feeds.Server)) *feed {
	s.t.Helper()
	f := &feed{Server: &feeds.Server{Clock: s.Clock}}
	for _, do := range set {
		do(f.Server)
	}
	f.Wrong = func(w http.ResponseWriter, _ *http.Request) bool {
		if f.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
		return f.down.Load()
	}
	server := httptest.NewServer(f)
	s.t.Cleanup(server.Close)
	s.t.Cleanup(f.Cut)
	spec := app.SourceSpec{Kind: kind, URL: server.URL, Tag: "acme"}
	if kind == "stream" {
		f.Token, spec.Token = "t", "t"
	}
	src, err := s.desk.AddSource(ctx, app.By{}, spec)
	s.ok(err)
	f.id = src.ID
	s.Settle()
	return f
}

// Servers of other kinds.
func noEvents(f *feeds.Server) { f.NoEvents = true }
func channels(f *feeds.Server) { f.Channels = true }

// fails says whether a server is down. A stream ends with it.
func (f *feed) fails(down bool) {
	if f.down.Store(down); down {
		f.Cut()
	}
}

// eventually settles until something is seen: streams run beside the test. It waits as
// long as something moves.
func (s *scene) eventually(what string, seen func() bool) {
	s.t.Helper()
	const still = time.Minute
	moves := func() (out string) {
		sources, _, err := s.desk.Sources(ctx, store.Page{})
		s.ok(err)
		for _, src := range sources {
			out += fmt.Sprint(src.State, src.Heard, src.Matched, " ")
		}
		return out + fmt.Sprint(len(s.desk.Issues()))
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	last, since := "", time.Now()
	for s.Settle(); !seen(); s.Settle() {
		if now := moves(); now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) > still {
			s.t.Fatalf("nothing moves, waiting for %s: %s", what, last)
		}
		<-tick.C
	}
}

// shows lets a server show a post of the town.
func (f *feed) shows(o desk.ObjectID, tags ...string) {
	f.Add(feeds.Post{URI: string(o), Tags: tags})
}

func (s *scene) source(id desk.SourceID) store.Source {
	s.t.Helper()
	src, err := s.desk.Source(ctx, id)
	s.ok(err)
	return src
}

// One post through three sources is one issue with three sightings, and is answered in
// the reporter's thread.
func TestOnePostThroughThreeSources(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.hear("acme")
	timeline, misskey := s.ask("timeline"), s.ask("misskey")
	report := s.says("ana", town.PostInput{Text: "No light in Mill Lane #acme #fail"})
	timeline.shows(report, "acme", "fail")
	misskey.shows(report, "acme", "fail")
	s.Advance(2 * time.Minute)
	i := s.desk.Only()
	if len(i.Sources) != 3 || !strings.HasPrefix(i.Sources[0], "tag-actor ") {
		t.Errorf("heard through %q", i.Sources)
	}
	s.ok(s.desk.CountSources(ctx))
	for _, id := range []desk.SourceID{timeline.id, misskey.id} {
		if src := s.source(id); src.Matched != 1 || src.Issues != 1 || src.Alone != 0 || src.State != store.SourcePolling || src.Error != "" {
			t.Errorf("%+v", src)
		}
	}
	s.desk.Say(i.Issue.ID, "We are on our way.")
	s.Settle()
	thread := s.town.Thread("ana", report)
	if len(thread) != 2 {
		t.Fatalf("the reporter's thread: %+v", thread)
	}
	s.says("ana", town.PostInput{Text: s.mention() + " thank you", InReplyTo: thread[1].ID})
	if got := s.desk.Only(); got.Issue.ID != i.Issue.ID {
		t.Errorf("another issue: %+v", got.Issue)
	}
	s.Advance(30 * time.Minute)
	if src := s.source(timeline.id); src.Heard != 1 {
		t.Errorf("what a timeline goes on showing is counted %d times", src.Heard)
	}
}

// Each kind brings a report alone, and is credited for it; the others are silent.
func TestAnyOneSourceIsEnough(t *testing.T) {
	t.Parallel()
	for n, name := range []string{"tag-actor", "timeline", "misskey"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			if n == 0 {
				s.hear("acme")
			}
			all := []*feed{nil, s.ask("timeline"), s.ask("misskey")}
			for m, f := range all {
				if f != nil {
					f.down.Store(m != n)
				}
			}
			report := s.says("ana", town.PostInput{Text: "No light in Mill Lane #acme #fail"})
			for _, f := range all[1:] {
				f.shows(report, "acme", "fail")
			}
			s.Advance(2 * time.Minute)
			if i := s.desk.Only(); len(i.Sources) != 1 || !strings.HasPrefix(i.Sources[0], name) {
				t.Errorf("heard through %q", i.Sources)
			}
			if n > 0 {
				if src := s.source(all[n].id); src.Alone != 1 || src.Issues != 1 {
					t.Errorf("%+v", src)
				}
			}
			for m, f := range all {
				if f != nil && m != n {
					if src := s.source(f.id); src.Error == "" || src.Fails == 0 || src.Heard != 0 {
						t.Errorf("a server that is down: %+v", src)
					}
				}
			}
		})
	}
}

// Posts that are history, too old, or have not both keys open nothing. Those without
// both keys are not fetched either, and leave no trace.
func TestTimelineOpensNothingElse(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	f := s.ask("timeline")
	old := s.says("ana", town.PostInput{Text: "zzmark1 #acme #fail"})
	f.Add(feeds.Post{URI: string(old), Tags: []string{"acme", "fail"}, Published: s.Clock.Now().Add(-49 * time.Hour)})
	name := s.says("ana", town.PostInput{Text: "zzmark2 #acme"})
	f.shows(name, "acme")
	lie := s.says("ana", town.PostInput{Text: "zzmark3 #trains"})
	f.shows(lie, "acme", "fail")
	f.shows(s.desk.Site.Post("x"), "acme", "fail")
	f.shows("not an address", "acme", "fail")
	s.Advance(2 * time.Minute)
	s.Advance(24 * time.Hour)
	if all := s.desk.Issues(); len(all) > 0 {
		t.Errorf("opened: %+v", all[0].Issue)
	}
	s.ok(s.desk.CountSources(ctx))
	src := s.source(f.id)
	for why, n := range map[string]int{"late": 1, "not_addressed": 2, "own_post": 1, "malformed": 1} {
		if src.Drops[why] != n {
			t.Errorf("dropped: %v, want %d %s", src.Drops, n, why)
		}
	}
	s.notOnDisk("zzmark")
	s.notOnDisk(string(name))
}

// A simulated day with sources that go away and come back: each post that one of them
// offers is heard once. What a hashtag actor does not tell of is lost; the others show it
// later.
func TestADayOfSources(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	all := []*feed{s.ask("timeline"), s.ask("timeline"), s.ask("misskey"), s.ask("misskey", channels), s.ask("stream"), s.ask("stream", noEvents)}
	_, announce := s.announcer("tag-actor", app.SourceSpec{Tag: "acme"})
	streaming := func(f *feed) bool { return f.Listeners() > 0 }
	for n, f := range all {
		if streaming(f) != (n > 2) {
			t.Errorf("source %d: connected is %v", n, streaming(f))
		}
	}
	actorDown := false
	r := rand.New(rand.NewPCG(12, 24))
	var said []desk.ObjectID
	for step := range 24 * 6 {
		if step%3 == 0 {
			for _, f := range all {
				f.fails(r.IntN(3) == 0)
			}
			actorDown = r.IntN(3) == 0
		}
		if step%4 == 0 && step < 20*6 {
			o := s.says("ana", town.PostInput{Text: fmt.Sprintf("%d #acme #fail", step)})
			some := r.Perm(len(all) + 1)[:1+r.IntN(len(all))] // some servers never see it
			if actorDown {
				some = slices.DeleteFunc(some, func(n int) bool { return n == len(all) })
			}
			for _, n := range some {
				if n == len(all) {
					announce(string(o))
				} else {
					all[n].shows(o, "acme", "fail")
				}
			}
			if len(some) > 0 {
				said = append(said, o)
			}
		}
		s.Advance(10 * time.Minute)
	}
	for _, f := range all {
		f.fails(false)
	}
	slices.Sort(said)
	var heard []desk.ObjectID
	for range 10 { // pauses after failures are an hour at most
		s.Advance(30 * time.Minute)
	}
	s.eventually("every post to be heard", func() bool {
		heard = nil
		for _, i := range s.desk.Issues() {
			heard = append(heard, i.Issue.Report)
		}
		return len(heard) >= len(said)
	})
	slices.Sort(heard)
	if !slices.Equal(heard, said) || len(said) < 25 {
		t.Errorf("%d posts were said, %d are heard", len(said), len(heard))
	}
	for n, f := range all {
		if src := s.source(f.id); src.Matched == 0 || src.Error != "" || streaming(f) != (n > 2) {
			t.Errorf("%+v, connected is %v", src, streaming(f))
		}
	}
}

// Posts that are told on a connection are issues at once; the reply and the answer go
// their way. What was said while the connection was cut is caught up with.
func TestStreams(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind string
		set  []func(*feeds.Server)
	}{
		"stream":              {"stream", nil},
		"stream over sockets": {"stream", []func(*feeds.Server){noEvents}},
		"misskey":             {"misskey", []func(*feeds.Server){channels}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			f := s.ask(c.kind, c.set...)
			if src := s.source(f.id); src.State != store.SourceStreaming || f.Listeners() != 1 {
				t.Fatalf("%+v, %d listen", src, f.Listeners())
			}
			report := s.says("ana", town.PostInput{Text: "No light in Mill Lane #acme #fail"})
			f.shows(report, "acme", "fail")
			s.eventually("the report", func() bool { return len(s.desk.Issues()) == 1 })
			s.answeredAndThanked(report, c.kind+" ")
			f.fails(true)
			missed := s.says("ana", town.PostInput{Text: "No light in Mill Road #acme #fail"})
			f.shows(missed, "acme", "fail")
			s.eventually("the end of the connection", func() bool { return s.source(f.id).State == store.SourceFailed })
			if src := s.source(f.id); src.Error == "" || src.Next.Before(s.Clock.Now()) {
				t.Errorf("%+v", src)
			}
			f.fails(false)
			s.Advance(time.Minute)
			s.eventually("what was missed", func() bool { return len(s.desk.Issues()) == 2 })
			if src := s.source(f.id); src.State != store.SourceStreaming || src.Error != "" || src.Matched != 2 || src.Alone != 2 {
				t.Errorf("%+v", src)
			}
			s.ok(s.desk.RemoveSource(ctx, app.By{}, f.id))
		})
	}
}

// A stream that tells of ten thousand posts as fast as it can, of which ten are for us:
// they are heard, the others are counted and leave no trace, and another source is
// asked meanwhile.
func TestStreamOfTenThousandPosts(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	stream, timeline := s.ask("stream"), s.ask("timeline")
	var ours []desk.ObjectID
	for n := range 10_000 {
		if n%1000 == 500 {
			o := s.says("ana", town.PostInput{Text: fmt.Sprintf("%d #acme #fail", n)})
			ours = append(ours, o)
			stream.shows(o, "acme", "fail")
			continue
		}
		stream.Add(feeds.Post{URI: fmt.Sprintf("https://flood.example/zzmark%d", n), Tags: []string{"acme"}, Bot: n%2 == 0})
	}
	other := s.says("ana", town.PostInput{Text: "In between #acme #fail"})
	timeline.shows(other, "acme", "fail")
	s.Advance(2 * time.Minute)
	s.eventually("the ten posts, and the other", func() bool {
		s.ok(s.desk.CountSources(ctx))
		return len(s.desk.Issues()) == len(ours)+1 && s.source(stream.id).Heard == 10_000
	})
	if src := s.source(stream.id); src.Matched != len(ours) || src.Drops["bot"]+src.Drops["not_addressed"] != 10_000-len(ours) || src.State != store.SourceStreaming {
		t.Errorf("%+v", src)
	}
	s.notOnDisk("zzmark")
}

// Two nodes on one store tend each source once.
func TestTwoNodesTendEachSourceOnce(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.PostgreSQL = true
	s := sceneOn(t, c)
	f := s.ask("timeline")
	other, err := federation.New(federation.Deps{App: s.desk.App, Clock: s.Clock, Network: s.desk.Net, Log: s.desk.Log})
	s.ok(err)
	f.Asked()
	for range 5 {
		s.Clock.Advance(2 * time.Minute)
		var both sync.WaitGroup
		for _, node := range []*federation.Federation{s.desk.Fed, other} {
			for _, w := range node.Workers() {
				if w.Queue == store.QueuePoll {
					both.Go(func() {
						if _, err := w.RunOnce(ctx); err != nil {
							t.Error(err)
						}
					})
				}
			}
		}
		both.Wait()
		if asked := f.Asked(); len(asked) != 1 {
			t.Errorf("one minute of two nodes: %v", asked)
		}
	}
}

// Two nodes on one store hold one connection to each source, also when both see that it
// was cut.
func TestTwoNodesListenOnce(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.PostgreSQL = true
	s := sceneOn(t, c)
	f := s.ask("stream")
	other, err := federation.New(federation.Deps{App: s.desk.App, Clock: s.Clock, Network: s.desk.Net, Log: s.desk.Log})
	s.ok(err)
	at := slices.IndexFunc(other.Workers(), func(w *queue.Worker) bool { return w.Queue == store.QueueStream })
	for n := range 5 {
		f.fails(true)
		s.eventually("the end of the connection", func() bool { return s.source(f.id).State == store.SourceFailed })
		f.fails(false)
		s.Clock.Advance(10 * time.Minute)
		both, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			_, err := other.Workers()[at].RunOnce(both)
			ended <- err
		}()
		s.eventually("a connection", func() bool { return s.source(f.id).State == store.SourceStreaming })
		if got := f.Listeners(); got != 1 {
			t.Errorf("round %d: %d connections", n, got)
		}
		stop()
		s.ok(<-ended)
	}
}
