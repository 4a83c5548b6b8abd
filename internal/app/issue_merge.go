package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// Two reports of one matter are one issue for agents, and stay two threads for
// their reporters. The posts, the manners and the timeline of a part stay in its
// own record, so an undo has nothing to bring back.

// home returns the issue of an id: if that is a part of another one, the other.
func (t *Tx) home(id desk.IssueID) (desk.Issue, error) {
	i, err := t.issue(id)
	for n := 0; err == nil && i.MergedInto != "" && n < desk.MaxThreads; n++ {
		i, err = t.issue(i.MergedInto)
	}
	return i, err
}

// Whole returns the issue of which another one is a part, or that one itself, with
// all of its parts.
func (t *Tx) Whole(id desk.IssueID) (all []desk.Issue, err error) {
	i, err := t.home(id)
	if err != nil {
		return nil, err
	}
	return t.threads(i)
}

// threads lists an issue and its parts, the oldest part first.
func (t *Tx) threads(i desk.Issue) ([]desk.Issue, error) {
	out := []desk.Issue{i}
	for n := 0; n < len(out); n++ {
		for _, id := range out[n].Merged {
			part, err := t.issue(id)
			if err != nil {
				return nil, err
			}
			out = append(out, part)
		}
	}
	return out, nil
}

// withParts adds to issues of a list their parts, which no list has.
func (t *Tx) withParts(listed []desk.Issue, err error) (all []desk.Issue, _ error) {
	for _, i := range listed {
		if err != nil {
			break
		}
		var threads []desk.Issue
		threads, err = t.threads(i)
		all = append(all, threads...)
	}
	return all, err
}

// MergeInput names two issues of one matter.
type MergeInput struct {
	Into, Issue desk.IssueID
	// Seen is By.Seen of Issue; that of Into is in By.
	Seen desk.EventID
}

// Merge makes an issue a part of another one: agents see one, each reporter is
// answered in their own thread.
func (a *App) Merge(ctx context.Context, by By, in MergeInput) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.merge", func(tx *Tx) (desk.Issue, error) { return tx.merge(by, in) })
}

func (t *Tx) merge(by By, in MergeInput) (into desk.Issue, err error) {
	if in.Into == in.Issue {
		return into, desk.Invalid("merge_itself", "an issue cannot be merged into itself: name the other one")
	}
	if into, err = t.home(in.Into); err != nil {
		return into, err
	}
	from, err := t.home(in.Issue)
	if err != nil {
		return into, err
	}
	there, err := t.threads(into)
	if err != nil {
		return into, err
	}
	here, err := t.threads(from)
	if err != nil {
		return into, err
	}
	if err := into.CheckMerge(from, len(there)+len(here)); err != nil {
		return into, err
	}
	if err := t.checkSeen(by, into); err != nil {
		return into, err
	}
	if err := t.checkSeen(By{Agent: by.Agent, Seen: in.Seen, SeenAt: by.SeenAt}, from); err != nil {
		return into, err
	}
	into.Merge(&from, t.Now)
	for _, i := range []desk.Issue{into, from} {
		if err := t.Issues().Put(i); err != nil {
			return into, err
		}
	}
	e := desk.Event{Kind: desk.KindMerge, Agent: by.Agent}
	return into, t.eventOfBoth(into, from, e.Says(desk.NoteMerged, string(from.ID)), e.Says(desk.NoteMergedInto, string(into.ID)))
}

// eventOfBoth adds an entry to the timeline of an issue, and one to that of a part.
func (t *Tx) eventOfBoth(into, from desk.Issue, its, parts desk.Event) error {
	its.Issue, parts.Issue = into.ID, from.ID
	if err := t.event(its); err != nil {
		return err
	}
	return t.event(parts)
}

// unmerge takes back a merge: the part is an issue of its own again, with what was
// said in its thread since. To take it back again changes nothing.
func (t *Tx) unmerge(by By, in UndoInput) (desk.Issue, error) {
	home, err := t.home(in.Issue)
	if err != nil {
		return home, err
	}
	e, done, err := t.mergeToUndo(by, home, in.Entry)
	if err != nil || done {
		return home, err
	}
	if err := t.checkSeen(by, home); err != nil {
		return home, err
	}
	into, err := t.issue(e.Issue)
	if err != nil {
		return home, err
	}
	from, err := t.issue(desk.IssueID(e.With[0]))
	if err != nil {
		return home, err
	}
	into.Unmerge(&from, t.Now)
	for _, i := range []desk.Issue{into, from} {
		if err := t.Issues().Put(i); err != nil {
			return home, err
		}
	}
	// The whole waits for the others only, also where into is a part itself.
	if home, err = t.home(into.ID); err != nil {
		return home, err
	}
	if err := t.gather(home); err != nil {
		return home, err
	}
	back := desk.Event{Kind: desk.KindMerge, Agent: by.Agent, Undoes: e.ID}.Says(desk.NoteUnmerged, string(from.ID))
	if err := t.eventOfBoth(into, from, back, back); err != nil {
		return home, err
	}
	return t.home(into.ID)
}

// mergeToUndo finds the merge that is meant, by its entry in the timeline, or else
// the newest that stands, if the caller made it.
func (t *Tx) mergeToUndo(by By, home desk.Issue, entry desk.EventID) (e desk.Event, done bool, err error) {
	if entry != "" {
		e, ok, err := t.Events().Get(entry)
		if err != nil {
			return e, false, err
		}
		if ok && e.Kind == desk.KindMerge && e.Note == desk.NoteMerged {
			at, err := t.home(e.Issue)
			if err != nil {
				return e, false, err
			}
			if at.ID == home.ID {
				stands, err := t.mergeStands(e)
				return e, !stands, err
			}
		}
		return e, false, desk.NotFound("event_not_found", "there is no such entry %q in the timeline of %s", entry, home.ID)
	}
	issues, err := t.threads(home)
	if err != nil {
		return e, false, err
	}
	for e, err := range t.newestFirst(store.ThreadQuery{Part: store.ThreadMain, Bare: true}, issues...) {
		if err != nil {
			return e.Event, false, err
		}
		if e.Event.Kind != desk.KindMerge || e.Event.Note != desk.NoteMerged {
			continue
		}
		stands, err := t.mergeStands(e.Event)
		if err != nil {
			return e.Event, false, err
		}
		if !stands {
			continue
		}
		if e.Event.Agent != by.Agent {
			return e.Event, false, desk.Conflict("undo_not_last", "the last to change this was %s, with the entry %s of the timeline: take that one back", changer(e.Event), e.Event.ID)
		}
		return e.Event, false, nil
	}
	return e, false, desk.Conflict("undo_nothing", "there is nothing to take back")
}

// mergeStands says whether a merge has not been taken back. One that was made again
// since is another merge.
func (t *Tx) mergeStands(e desk.Event) (bool, error) {
	from, err := t.issue(desk.IssueID(e.With[0]))
	return err == nil && from.MergedInto == e.Issue && from.MergedAt.Equal(e.At), err
}

// gather has an issue with parts wait for what its reporters wait for, and stores it.
func (t *Tx) gather(i desk.Issue) error {
	all, err := t.threads(i)
	if err != nil || len(all) == 1 {
		return err
	}
	i.Gather(all[1:])
	return t.Issues().Put(i)
}

// saidIn says whether something said in a thread was said in an issue or its parts,
// and by which person: the reporter of a part speaks for the whole.
func (t *Tx) saidIn(i desk.Issue, thread desk.IssueID, by desk.ActorID) (who desk.ActorID, here bool, err error) {
	if thread == i.ID || len(i.Merged) == 0 {
		return by, thread == i.ID, nil
	}
	all, err := t.threads(i)
	for _, part := range all {
		if part.ID == thread {
			if by == part.Reporter {
				by = i.Reporter
			}
			return by, true, err
		}
	}
	return by, false, err
}

// partsReact records in the parts of an issue that its status was set.
func (t *Tx) partsReact(i desk.Issue) error {
	all, err := t.threads(i)
	if err != nil {
		return err
	}
	for _, part := range all[1:] {
		part.PartReacted(i.Status)
		if err := t.Issues().Put(part); err != nil {
			return err
		}
	}
	return nil
}

// spokeInPart tells the issue of which one is a part that the part's reporter spoke.
func (t *Tx) spokeInPart(part desk.Issue) error {
	return t.toHome(part, func(home *desk.Issue) error {
		before := home.Status
		if home.PartSpoke(t.Now) {
			return t.event(desk.Event{Issue: home.ID, Kind: desk.KindStatus, Status: home.Status}.Says(desk.NoteSpoke, string(before)))
		}
		return nil
	})
}

// toHome changes the issue of which one is a part, if it is one, and lets the three
// quiet days begin again.
func (t *Tx) toHome(part desk.Issue, change func(*desk.Issue) error) error {
	if part.MergedInto == "" {
		return nil
	}
	home, err := t.home(part.ID)
	if err != nil {
		return err
	}
	home.LastWord, home.UpdatedAt = t.Now, t.Now
	if err := change(&home); err != nil {
		return err
	}
	if err := t.Issues().Put(home); err != nil || home.Status != desk.StatusFixed {
		return err
	}
	return t.quietTimer(home)
}

// settleDeleted closes the whole of which a thread is one when all of it has been
// deleted, and else has it wait for the others only.
func (t *Tx) settleDeleted(i desk.Issue) error {
	home, err := t.home(i.ID)
	if err != nil || len(home.Merged) == 0 {
		return err
	}
	all, err := t.threads(home)
	if err != nil {
		return err
	}
	for _, thread := range all {
		if thread.Silenced != desk.SilenceDeleted {
			return t.gather(home)
		}
	}
	home.Withdraw()
	return t.gather(home)
}
