package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// complain has a sender complain about the instance, and says what became of it.
func (h *house) complain(sender, key string) drop.Reason {
	h.t.Helper()
	why, err := h.Flagged(ctx, app.HeardFlag{Key: key, Sender: desk.ActorID(sender), About: []desk.ObjectID{desk.ObjectID(h.Site().Relay())}, Words: "words of " + key})
	h.ok(err)
	return why
}

// flagsOf lists the senders of the complaints, the newest first.
func (h *house) flagsOf() (senders []string) {
	h.t.Helper()
	flags, err := h.Flags(ctx)
	h.ok(err)
	for _, f := range flags {
		senders = append(senders, string(f.Sender))
	}
	return senders
}

// A complaint is kept once, with what of ours it is about.
func TestComplaints(t *testing.T) {
	h := newHouse(t)
	issue := h.hear("ana", "a", "it is broken", "").Issue
	reply, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: issue, Text: "we look", Now: true})
	h.ok(err)
	elsewhere := desk.ObjectID("https://m.example/notes/a")
	help := desk.ObjectID(h.Site().Desk("help"))
	about := []desk.ObjectID{help, elsewhere, reply.Object, help, h.Site().Post("none"), desk.ObjectID(h.Site().Desk("none"))}
	flag := app.HeardFlag{Key: "1", Sender: "https://m.example/actor", About: about, Words: strings.Repeat("x", 3000)}
	for _, want := range []drop.Reason{drop.Kept, drop.Duplicate} {
		if why, err := h.Flagged(ctx, flag); err != nil || why != want {
			t.Errorf("%s, %v, want %s", why, err, want)
		}
	}
	all, err := h.Flags(ctx)
	h.ok(err)
	if len(all) != 1 || !slices.Equal(all[0].About, []desk.ObjectID{help, reply.Object}) || all[0].Issue != issue || len([]rune(all[0].Words)) > 1001 {
		t.Errorf("%+v", all)
	}
	flag.Key, flag.About = "2", []desk.ObjectID{elsewhere}
	if why, err := h.Flagged(ctx, flag); err != nil || why != drop.UnknownObject {
		t.Errorf("about nothing of ours: %s, %v", why, err)
	}
	h.ok(h.RemoveFlag(ctx, app.By{}, all[0].ID))
	if err := h.RemoveFlag(ctx, app.By{}, all[0].ID); desk.ErrorCode(err) != desk.CodeNotFound || len(h.flagsOf()) != 0 {
		t.Errorf("%v", err)
	}
}

// One domain pushes out none of the others'.
func TestComplaintsAreBounded(t *testing.T) {
	h := newHouse(t)
	h.complain("https://quiet.example/actor", "quiet")
	for n := range 50 {
		h.complain(fmt.Sprintf("https://h%d.loud.example/actor", n), fmt.Sprint("loud", n))
	}
	if all := h.flagsOf(); len(all) != 21 || all[20] != "https://quiet.example/actor" || all[0] != "https://h49.loud.example/actor" {
		t.Errorf("%d complaints: %v", len(all), all)
	}
	for n := range 190 {
		h.complain(fmt.Sprintf("https://d%d.example/actor", n), fmt.Sprint("d", n))
	}
	all := h.flagsOf()
	loud := 0
	for _, sender := range all {
		if strings.Contains(sender, ".loud.") {
			loud++
		}
	}
	if len(all) != 200 || loud != 9 || all[0] != "https://d189.example/actor" || all[199] != "https://quiet.example/actor" {
		t.Errorf("%d complaints, %d of the loud one", len(all), loud)
	}
}

// A complaint goes with its sender, with a block, and with time.
func TestComplaintsAreErased(t *testing.T) {
	h := newHouse(t)
	fill := func() {
		t.Helper()
		for _, s := range []string{"https://a.example/actor", "https://b.example/u", "https://sub.c.example/u"} {
			h.complain(s, s+h.Now().String())
		}
	}
	left := func(name string, want ...string) {
		t.Helper()
		slices.Reverse(want)
		if got := h.flagsOf(); !slices.Equal(got, want) {
			t.Errorf("%s: %v are left, want %v", name, got, want)
		}
	}
	fill()
	if _, known, err := h.TriageSender(ctx, "https://a.example/actor", "https://a.example/actor"); err != nil || !known {
		t.Errorf("the deletion of a sender would be ignored (%v)", err)
	}
	for more := true; more; {
		var err error
		more, err = h.RemoveActor(ctx, "https://a.example/actor")
		h.ok(err)
	}
	left("the sender was deleted", "https://b.example/u", "https://sub.c.example/u")
	_, err := h.AddBlock(ctx, app.By{}, "https://b.example/u", "")
	h.ok(err)
	left("the sender is blocked", "https://sub.c.example/u")
	if why := h.complain("https://b.example/u", "late"); why != drop.Blocked {
		t.Errorf("a blocked sender: %s", why)
	}
	_, err = h.AddBlocks(ctx, app.By{}, []desk.Block{{Target: "c.example"}})
	h.ok(err)
	left("the domain is blocked")
	h.complain("https://d.example/actor", "old")
	h.clock.Advance(app.DefaultWordsExpire + time.Minute)
	h.complain("https://e.example/actor", "new")
	done, err := h.ExpireWords(ctx)
	if h.ok(err); done.Flags != 1 {
		t.Errorf("%d expired", done.Flags)
	}
	left("time", "https://e.example/actor")
}
