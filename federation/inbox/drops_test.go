package inbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

func everyDesk(desk.Handle) bool { return true }

// last returns the newest entry of the tail, without its times.
func (i *instance) last() drop.Entry {
	s := i.Drops.Summary(everyDesk)
	if len(s.Tail) == 0 {
		return drop.Entry{}
	}
	e := s.Tail[0]
	e.First, e.Last, e.Times = time.Time{}, time.Time{}, 0
	return e
}

func same(a, b drop.Entry) bool {
	return a.Reason == b.Reason && a.Type == b.Type && a.Host == b.Host && a.Claimed == b.Claimed && slices.Equal(a.Desks, b.Desks)
}

// What concerned us is in the tail, with the host that signed, or the one that
// claims to have; everything else is counted only.
func TestRefusedRequestsInTheTail(t *testing.T) {
	help := []desk.Handle{"help"}
	tags := `,"tag":[{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}]`
	bot := func(i *instance) { i.peers.actors[ben].Bot = true }
	for _, c := range []struct {
		name   string
		do     func(*instance)
		inbox  string
		signer desk.ActorID
		body   string
		want   drop.Entry // zero: it is counted only
		count  drop.Reason
	}{
		{"a post without a tag of ours", nil, "", ben, activity(as.Create, ben, "1", note(ben, "1", "")), drop.Entry{}, drop.NotAddressed},
		{"a name of ours alone", nil, "", ben, activity(as.Create, ben, "1", note(ben, "1", `,"tag":[{"type":"Hashtag","name":"#acme"}]`)), drop.Entry{}, drop.NotAddressed},
		{"a deletion elsewhere", nil, "", ben, activity(as.Delete, ben, "1", jsonID(string(ben))), drop.Entry{}, drop.UnknownActor},
		{"both keys, by a bot", bot, "", ben, activity(as.Create, ben, "1", note(ben, "1", tags)), drop.Entry{Reason: drop.Bot, Type: "Create", Host: "m.example", Desks: help}, drop.Bot},
		{"a type without a meaning here, about a desk", nil, "", ben, activity("Listen", ben, "1", jsonID(string(ourDesk))), drop.Entry{Reason: drop.UnknownType, Type: "Listen", Host: "m.example", Desks: help}, drop.UnknownType},
		{"words as a type", nil, "help", ben, activity("buy at evil.example", ben, "1", jsonID("https://x.example/1")), drop.Entry{Reason: drop.UnknownType, Host: "m.example", Desks: help}, drop.UnknownType},
		{"in the inbox of a desk", nil, "help", ben, activity(as.Create, ben, "1", note(ben, "1", "")), drop.Entry{Reason: drop.NotAddressed, Type: "Create", Host: "m.example", Desks: help}, drop.NotAddressed},
		{"a blocked server", func(i *instance) { i.block("m.example") }, "", ben, activity(as.Create, ben, "1", note(ben, "1", mention)), drop.Entry{Reason: drop.Blocked, Type: "Create", Host: "m.example", Claimed: true, Desks: help}, drop.Blocked},
		{"what cannot be read", nil, "", ben, `{"type":"Create"`, drop.Entry{Reason: drop.Malformed, Host: "m.example", Claimed: true}, drop.Malformed},
		{"known already", func(i *instance) { i.send(ben, activity(as.Create, ben, "1", note(ben, "1", mention))) }, "", ben, activity(as.Create, ben, "1", note(ben, "1", mention)), drop.Entry{}, drop.Duplicate},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInstance(t, false)
			if c.do != nil {
				c.do(i)
			}
			r := i.request(c.signer, c.body)
			r = r.WithContext(InInbox(r.Context(), desk.Handle(c.inbox)))
			if _, o := i.answer(r); o.Reason != c.count {
				t.Errorf("answered %v, want %s", o, c.count)
			}
			if e := i.last(); !same(e, c.want) {
				t.Errorf("the tail has %+v\nwant %+v", e, c.want)
			}
		})
	}
}

// Who claims a host takes the place of no other address.
func TestClaimsAreOfTheirAddress(t *testing.T) {
	i := newInstance(t, false)
	i.Sender = func(r *http.Request) string { return r.Header.Get("X-Test-Address") }
	forged := func(address, host string) {
		r := i.request(desk.ActorID("https://"+host+"/users/eve"), activity(as.Create, ben, "1", note(ben, "1", mention)))
		r.Header.Set("X-Test-Address", address)
		r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "signature=\"", "signature=\"AAAA", 1))
		i.answer(r)
	}
	forged("192.0.2.1", "honest.example")
	for n := range 40 {
		forged("192.0.2.66", strings.Repeat("x", n+1)+".example")
	}
	s := i.Drops.Summary(everyDesk)
	if len(s.Tail) != 11 || s.Tail[10].Host != "honest.example" || !s.Tail[10].Claimed {
		t.Errorf("%d entries: %+v", len(s.Tail), s.Tail)
	}
}

// An accepted activity that has no effect in the end says why.
func TestDroppedJobsInTheTail(t *testing.T) {
	i := newInstance(t, false)
	if o := i.send(ben, activity(as.Follow, ben, "1", jsonID(string(ourDesk)))); o.Reason != drop.Kept {
		t.Fatal(o)
	}
	i.peers.actors[ben].Inbox = ""
	i.process()
	if e, want := i.last(), (drop.Entry{Reason: drop.NoInbox, Type: "Follow", Host: "m.example", Desks: []desk.Handle{"help"}}); !same(e, want) {
		t.Errorf("the tail has %+v\nwant %+v", e, want)
	}
}

// A fetch that failed is in the tail if it concerned us.
func TestFailedFetchesInTheTail(t *testing.T) {
	source := func(i *instance, tags ...string) string {
		s := store.Source{ID: "s1", Kind: "relay", Name: "relay", Actor: hub, State: store.SourceAccepted, Tags: tags}
		if err := i.App.Update(t.Context(), func(tx *app.Tx) error { return tx.Sources().Put(s) }); err != nil {
			t.Fatal(err)
		}
		return "s1"
	}
	for _, c := range []struct {
		name   string
		source func(*instance) string
		kind   resolve.Kind
		want   drop.Reason // "": counted only
	}{
		{"it was sent to us", func(*instance) string { return app.Inbox }, resolve.Refused, drop.Refused},
		{"through a tag of ours", func(i *instance) string { return source(i, "acme") }, resolve.NotFound, drop.NotFound},
		{"through a relay of everything", func(i *instance) string { return source(i) }, resolve.Gone, ""},
		{"through a source that was removed", func(*instance) string { return "s2" }, resolve.Invalid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInstance(t, false)
			id := noteID(ana, "1")
			i.peers.fails[id] = failure(c.kind)
			if err := i.App.QueueFetch(t.Context(), desk.ObjectID(id), c.source(i)); err != nil {
				t.Fatal(err)
			}
			i.process()
			want := drop.Entry{}
			if c.want != "" {
				want = drop.Entry{Reason: c.want, Host: "m.example"}
			}
			if e := i.last(); !same(e, want) {
				t.Errorf("the tail has %+v\nwant %+v", e, want)
			}
			if s := i.Drops.Summary(everyDesk); len(s.Counts) != 1 || s.Counts[0].All != 1 {
				t.Errorf("counted %+v", s.Counts)
			}
		})
	}
}
