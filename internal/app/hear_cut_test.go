package app_test

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// long is a report of 20,000 bytes, the 8,192nd of which is within a letter.
func long(l *limited, n string, change func(*desk.Post)) app.Heard {
	who := desk.ActorID("https://long.example/users/" + n)
	p := desk.Post{Object: desk.ObjectID("https://long.example/notes/" + n), Author: who, Text: "d" + strings.Repeat("ö", 9_999), HTML: "<p>x</p>", Tags: []string{"acme", "fail"},
		Visibility: desk.VisibilityPublic, Published: l.Now()}
	change(&p)
	return app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"}, Post: p}
}

func (l *limited) stored(o desk.ObjectID) desk.Post {
	l.t.Helper()
	p, ok, err := l.Post(ctx, o)
	l.ok(err)
	if !ok {
		l.t.Fatalf("%s is not stored", o)
	}
	return p
}

func (l *limited) heardPost(h app.Heard) app.Result {
	l.t.Helper()
	r, err := l.Hear(ctx, h)
	l.ok(err)
	return r
}

func (l *limited) fetches() (n int) {
	l.t.Helper()
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		jobs, _, err := tx.Jobs().List(store.JobFilter{Queue: store.QueueBrought}, store.Page{})
		n = len(jobs)
		return err
	}))
	return n
}

// Of a stranger's long report the beginning is stored, until an agent opens it.
func TestLongReport(t *testing.T) {
	l := newLimited(t)
	h := long(l, "1", func(*desk.Post) {})
	r := l.heardPost(h)
	p := l.stored(h.Post.Object)
	if len(p.Text) != desk.DefaultText-1 || !strings.HasPrefix(h.Post.Text, p.Text) || len(p.HTML) < len(p.Text) || p.Cut != desk.CutShort {
		t.Fatalf("%d bytes are stored, %q", len(p.Text), p.Cut)
	}
	if domain, _ := l.taken("long.example"); domain.OpenBytes != p.Size() {
		t.Errorf("it takes %d bytes of the room, and is %d", domain.OpenBytes, p.Size())
	}
	l.heardPost(h) // through another source
	if p = l.stored(p.Object); p.Cut != desk.CutShort || p.Edits != 0 || l.fetches() != 0 {
		t.Errorf("heard again it is %q, %d edits, %d fetches", p.Cut, p.Edits, l.fetches())
	}
	edited := h
	edited.Post.Text = "no " + h.Post.Text
	l.heardPost(edited)
	if p = l.stored(p.Object); p.Cut != desk.CutShort || p.Edits != 1 || !strings.HasPrefix(p.Text, "no d") {
		t.Errorf("edited it is %q, %d edits, %.4s", p.Cut, p.Edits, p.Text)
	}
	for range 2 {
		l.ok(l.FetchRest(ctx, r.Issue))
	}
	if p = l.stored(p.Object); p.Cut != desk.CutAsked || l.fetches() != 1 {
		t.Errorf("opened it is %q, %d fetches", p.Cut, l.fetches())
	}
	l.heardPost(edited) // as it is fetched
	if p = l.stored(p.Object); p.Text != edited.Post.Text || p.Cut != "" || p.Edits != 1 {
		t.Errorf("%d bytes are stored, %q, %d edits", len(p.Text), p.Cut, p.Edits)
	}
	if domain, _ := l.taken("long.example"); domain.OpenBytes != p.Size() {
		t.Errorf("then it takes %d bytes of the room, and is %d", domain.OpenBytes, p.Size())
	}
	l.ok(l.FetchRest(ctx, r.Issue))
	if l.fetches() != 1 {
		t.Error("a whole one is fetched")
	}
}

// A direct report, and one of an acquaintance, is stored whole; a held-back one is not.
func TestWhatStaysWhole(t *testing.T) {
	l := newLimited(t)
	h := long(l, "direct", func(p *desk.Post) {
		p.Visibility, p.Mentions = desk.VisibilityDirect, []desk.ActorID{l.Site().Desk("help")}
	})
	r := l.heardPost(h)
	if p := l.stored(h.Post.Object); p.Cut != "" || p.Text != h.Post.Text {
		t.Errorf("of a direct one %d bytes are stored", len(p.Text))
	}
	l.replyTo(r.Issue)
	known := long(l, "direct", func(p *desk.Post) { p.Object += "/2" })
	l.heardPost(known)
	if p := l.stored(known.Post.Object); p.Cut != "" || p.Text != known.Post.Text {
		t.Errorf("of an acquaintance's %d bytes are stored", len(p.Text))
	}
	spam := long(l, "spam", func(p *desk.Post) {
		p.Mentions = []desk.ActorID{"https://a.example/u", "https://b.example/u", "https://c.example/u", "https://d.example/u"}
	})
	l.heardPost(spam)
	held := l.held()[desk.SpamStrangers].Held
	if len(held) != 1 || held[0].Post.Cut != desk.CutShort || len(held[0].Post.Text) > desk.DefaultText {
		t.Fatalf("%+v", held)
	}
	done, err := l.Release(ctx, app.By{}, app.Choice{Object: spam.Post.Object})
	l.ok(err)
	l.ok(l.FetchRest(ctx, done.Opened[0]))
	l.heardPost(spam)
	if p := l.stored(spam.Post.Object); p.Cut != "" || p.Text != spam.Post.Text {
		t.Errorf("of a released one %d bytes are stored, %q", len(p.Text), p.Cut)
	}
}

// A short report that its author makes long is stored in short too, and its room counts it;
// once an agent has read the whole of one, its versions stay whole.
func TestShortReportMadeLong(t *testing.T) {
	l := newLimited(t)
	h := long(l, "1", func(p *desk.Post) { p.Text = "no water" })
	r := l.heardPost(h)
	h = long(l, "1", func(*desk.Post) {})
	l.heardPost(h)
	p := l.stored(h.Post.Object)
	if p.Cut != desk.CutShort || len(p.Text) > desk.DefaultText || p.Edits != 1 {
		t.Fatalf("%d bytes are stored, %q, %d edits", len(p.Text), p.Cut, p.Edits)
	}
	counts := func() {
		t.Helper()
		if domain, _ := l.taken("long.example"); domain.OpenBytes != l.stored(h.Post.Object).Size() {
			t.Errorf("it takes %d bytes of the room, and is %d", domain.OpenBytes, l.stored(h.Post.Object).Size())
		}
	}
	counts()
	l.ok(l.FetchRest(ctx, r.Issue))
	l.heardPost(h)
	counts()
	h.Post.Text += "!"
	l.heardPost(h)
	if p = l.stored(h.Post.Object); p.Cut != "" || p.Text != h.Post.Text {
		t.Errorf("a version of one that was read: %d bytes are stored, %q", len(p.Text), p.Cut)
	}
	counts()
	h.Post.Visibility, h.Post.Mentions = desk.VisibilityDirect, []desk.ActorID{l.Site().Desk("help")}
	h.Post.Text += h.Post.Text
	l.heardPost(h)
	counts()
}

// The rest of a report that could not be fetched is asked for again when an agent opens it
// again, and that of a part is fetched with the whole.
func TestRestIsAskedForAgain(t *testing.T) {
	l := newLimited(t)
	one, two := long(l, "1", func(*desk.Post) {}), long(l, "2", func(p *desk.Post) { p.Text = "e" + p.Text[1:] })
	into, part := l.heardPost(one), l.heardPost(two)
	_, err := l.Merge(ctx, app.By{}, app.MergeInput{Into: into.Issue, Issue: part.Issue})
	l.ok(err)
	for range 2 {
		l.ok(l.FetchRest(ctx, into.Issue))
		if n := l.fetches(); n != 2 {
			t.Fatalf("%d fetches", n)
		}
	}
	l.ok(l.Update(ctx, func(tx *app.Tx) error { // it gives up
		dropped, err := tx.Jobs().Drop("brought:rest "+string(one.Post.Object), l.Now())
		if !dropped {
			t.Error("its job is not there")
		}
		return err
	}))
	l.ok(l.FetchRest(ctx, part.Issue))
	if n := l.fetches(); n != 2 {
		t.Errorf("opened again: %d fetches", n)
	}
	for _, h := range []app.Heard{one, two} {
		l.heardPost(h)
		if p := l.stored(h.Post.Object); p.Cut != "" || p.Text != h.Post.Text {
			t.Errorf("%s: %d bytes are stored, %q", h.Post.Object, len(p.Text), p.Cut)
		}
	}
}

// A held-back report of a person who was answered here stays whole: it is one of too many,
// and no stranger's.
func TestHeldBackOfAcquaintanceStaysWhole(t *testing.T) {
	l := newLimited(t)
	l.replyTo(l.heardPost(long(l, "1", func(*desk.Post) {})).Issue)
	for n := 0; len(l.held()[desk.FloodOfPerson].Held) == 0; n++ {
		if n == 1000 {
			t.Fatal("nothing is held back")
		}
		l.heardPost(long(l, "1", func(p *desk.Post) { p.Object += desk.ObjectID(fmt.Sprint("/", n)) }))
	}
	if q := l.held()[desk.FloodOfPerson].Held[0]; q.Post.Cut != "" || len(q.Post.Text) != 19_999 {
		t.Errorf("%d bytes are held back, %q", len(q.Post.Text), q.Post.Cut)
	}
}
