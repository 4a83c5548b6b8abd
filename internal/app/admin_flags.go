package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/markup"
	"earshot/store"
)

// The bounds of the complaints of other servers: see docs/operations/limits.md.
const (
	flagsOfDomain = 20  // then the domain's oldest makes room
	flagsInAll    = 200 // then the oldest of the domain that has most
	flagAbout     = 20  // things of ours that one is about
	flagWords     = 1000
	flagNote      = 500 // of the words, in the timeline of the issue
	flagOnce      = 60 * 24 * time.Hour
)

// HeardFlag is a Flag as it reached us.
type HeardFlag struct {
	Key    string // names what must be taken in once
	Sender desk.ActorID
	About  []desk.ObjectID // in the one spelling
	Words  string          // plain text
}

// AboutFlag asks whether a Flag is about anything of ours.
func AboutFlag(objects []desk.ObjectID) Question {
	return func(t *Tx, _ *Decision) (drop.Reason, error) {
		for _, o := range objects {
			if _, ours, err := t.flaggable(o); err != nil || ours {
				return drop.Kept, err
			}
		}
		return drop.UnknownObject, nil
	}
}

// flaggable says whether an object is a desk, the instance, an issue, or a post of
// ours, and which post.
func (t *Tx) flaggable(o desk.ObjectID) (p desk.Post, ours bool, err error) {
	if h, isActor := t.site.HandleOf(desk.ActorID(o)); isActor {
		if h == desk.RelayHandle {
			return p, true, nil
		}
		_, ours, err = t.Desks().Get(h)
		return p, ours, err
	}
	if id, isIssue := t.issueOf(o); isIssue {
		_, ours, err = t.Issues().Get(id)
		return desk.Post{Issue: id}, ours, err
	}
	p, ours, err = t.Posts().ByObject(o)
	return p, ours && p.Ours() && p.Role != desk.RoleComment, err
}

// issueOf returns the issue whose page or thread an object is.
func (t *Tx) issueOf(o desk.ObjectID) (desk.IssueID, bool) {
	if id, ok := t.site.ThreadOf(string(o)); ok {
		return id, true
	}
	return t.site.ThreadOf(string(o) + "/thread")
}

// Flagged keeps a complaint for the admins. The timeline of an issue shows it too,
// if it is about a reply there.
func (a *App) Flagged(ctx context.Context, h HeardFlag) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		if blocked, err := tx.blocked(h.Sender); err != nil || blocked {
			return drop.Blocked, err
		}
		f, reply, err := tx.flagOf(h)
		if err != nil || len(f.About) == 0 {
			return drop.UnknownObject, err
		}
		if _, added, err := tx.Once().Put("flag:"+h.Key, nil, tx.Now.Add(flagOnce)); err != nil || !added {
			return drop.Duplicate, err
		}
		if err := tx.addFlag(f); err != nil {
			return "", err
		}
		if err := tx.flaggedRounds(f); err != nil {
			return "", err
		}
		return drop.Kept, tx.noteFlag(f, reply)
	})
}

// flagOf makes the record of a Flag, and returns the first reply that it is about.
func (t *Tx) flagOf(h HeardFlag) (f desk.Flag, reply desk.Post, err error) {
	f = desk.Flag{ID: desk.FlagID(t.NewID()), Sender: h.Sender, Words: markup.Excerpt(h.Words, flagWords), At: t.Now}
	for _, o := range h.About {
		p, ours, err := t.flaggable(o)
		if err != nil {
			return f, reply, err
		}
		if !ours || len(f.About) == flagAbout || slices.Contains(f.About, o) {
			continue
		}
		f.About = append(f.About, o)
		if f.Issue == "" {
			f.Issue = p.Issue
		}
		if reply.ID == "" && p.Role == desk.RoleReply {
			reply = p
		}
	}
	return f, reply, nil
}

// noteFlag shows a complaint where its reply is.
func (t *Tx) noteFlag(f desk.Flag, reply desk.Post) error {
	if reply.ID == "" {
		return nil
	}
	by := string(f.Sender.Host())
	e := desk.Event{Issue: reply.Issue, Kind: desk.KindNotice, Post: reply.ID}.Says(desk.NoteFlagged, by)
	if f.Words != "" {
		e = e.Says(desk.NoteFlaggedFor, by, markup.Excerpt(f.Words, flagNote))
	}
	return t.event(e)
}

// flaggedRounds counts a complaint in the rounds whose replies it is about.
func (t *Tx) flaggedRounds(f desk.Flag) error {
	for _, o := range f.About {
		p, ok, err := t.Posts().ByObject(o)
		if err != nil {
			return err
		}
		if ok {
			if err := t.objects(p.Round, p.Issue, desk.ObjectionFlag, domainOf(f)); err != nil {
				return err
			}
		}
	}
	return nil
}

// addFlag keeps a complaint, and forgets one where there are too many.
func (t *Tx) addFlag(f desk.Flag) error {
	kept, err := t.flags()
	if err != nil {
		return err
	}
	sizes := map[desk.Domain]int{}
	for _, k := range kept {
		sizes[domainOf(k)]++
	}
	goes := domainOf(f)
	if sizes[goes] < flagsOfDomain {
		goes = ""
	}
	if goes == "" && len(kept) >= flagsInAll {
		goes = largestDomain(kept, sizes)
	}
	if n := slices.IndexFunc(kept, func(k desk.Flag) bool { return goes != "" && domainOf(k) == goes }); n >= 0 {
		if _, err := t.Flags().Delete(kept[n].ID); err != nil {
			return err
		}
	}
	return t.Flags().Put(f)
}

func domainOf(f desk.Flag) desk.Domain { return f.Sender.Host().Domain() }

// largestDomain returns the domain with most complaints; of several the one with the
// oldest.
func largestDomain(kept []desk.Flag, sizes map[desk.Domain]int) (out desk.Domain) {
	for _, k := range kept {
		if sizes[domainOf(k)] > sizes[out] {
			out = domainOf(k)
		}
	}
	return out
}

// flags returns all complaints, the oldest first.
func (t *Tx) flags() (all []desk.Flag, err error) {
	for f, err := range store.EachOf(t.Flags().List, desk.ActorID("")) {
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// eraseFlags erases the complaints that go.
func (t *Tx) eraseFlags(goes func(desk.Flag) (bool, error)) (erased int, err error) {
	all, err := t.flags()
	if err != nil {
		return 0, err
	}
	for _, f := range all {
		gone, err := goes(f)
		if err != nil {
			return erased, err
		}
		if !gone {
			continue
		}
		if _, err := t.Flags().Delete(f.ID); err != nil {
			return erased, err
		}
		erased++
	}
	return erased, nil
}

// eraseBlockedFlags erases the complaints of senders who are blocked now.
func (t *Tx) eraseBlockedFlags() error {
	_, err := t.eraseFlags(func(f desk.Flag) (bool, error) { return t.blocked(f.Sender) })
	return err
}

// expireFlags erases the complaints from before a time.
func (a *App) expireFlags(ctx context.Context, before time.Time) (erased int, err error) {
	err = a.Update(ctx, func(tx *Tx) (err error) {
		erased, err = tx.eraseFlags(func(f desk.Flag) (bool, error) { return f.At.Before(before), nil })
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("erasing old complaints: %w", err)
	}
	return erased, nil
}

// Flags lists the complaints of other servers, the newest first. There are at most
// 200.
func (a *App) Flags(ctx context.Context) (all []desk.Flag, err error) {
	err = a.View(ctx, func(tx *Tx) error { all, err = tx.flags(); return err })
	slices.Reverse(all)
	return all, err
}

// RemoveFlag erases a complaint that an admin has dealt with.
func (a *App) RemoveFlag(ctx context.Context, by By, id desk.FlagID) error {
	_, err := once(ctx, a, by, audit[Ack]{"flag.remove", auditOn("flags/" + string(id))}, func(tx *Tx) (Ack, error) {
		found, err := tx.Flags().Delete(id)
		if err == nil && !found {
			err = desk.NotFound("flag_not_found", "there is no complaint %s", id)
		}
		return Ack{}, err
	})
	return err
}
