package app

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// What a page of a thread has at most: entries, and bytes of them with their posts,
// as they are stored. Beside these it has the report. What third persons add has
// limits of its own: it never takes the place of other words. See
// docs/operations/limits.md.
const (
	ThreadLimit = 100 // the most that may be asked for
	threadUsual = 50
	threadBytes = 256 << 10
	thirdLimit  = 10
	thirdBytes  = 64 << 10
)

// ThreadInput asks for a page of an issue's thread. The zero value: the newest.
type ThreadInput struct {
	Before desk.EventID // only older entries than this one
	Third  bool         // only what third persons added
	Limit  int          // 0 for the usual one
}

// Thread is a page of an issue's thread, in the order of time.
type Thread struct {
	Timeline []Entry
	// Earlier is how many older entries there are, up to store.MaxCounted; they
	// are before the entry Before.
	Earlier int
	Before  desk.EventID
	// Folded counts what third persons added and is not on this page.
	Folded store.ThreadCount
}

// ShowIssue returns an issue with the newest page of its thread.
func (a *App) ShowIssue(ctx context.Context, id desk.IssueID) (IssueView, error) {
	return a.ShowThread(ctx, id, ThreadInput{})
}

// ShowThread returns an issue with a page of its thread. The report is on every
// page.
func (a *App) ShowThread(ctx context.Context, id desk.IssueID, in ThreadInput) (v IssueView, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		i, err := tx.home(id)
		if err != nil {
			return err
		}
		if v, err = tx.view(i); err != nil {
			return err
		}
		threads, err := tx.threads(i)
		if err != nil {
			return err
		}
		if err := tx.addParts(&v, threads); err != nil {
			return err
		}
		v.Thread, err = tx.threadPage(threads, in)
		if errors.Is(err, store.ErrCursor) {
			return desk.NotFound("event_not_found", "there is no such entry %q in the timeline of %s", in.Before, id)
		}
		return err
	})
	return v, err
}

// addParts adds to a view its parts, and how visible a reply can be, and how long:
// what the shortest server shows of it.
func (t *Tx) addParts(v *IssueView, threads []desk.Issue) error {
	for _, i := range threads {
		if len(threads) > 1 {
			who, _, err := t.Actors().Get(i.Reporter)
			if err != nil {
				return err
			}
			who.ID = i.Reporter
			v.Parts = append(v.Parts, Part{i, who})
		}
		host, _, err := t.Hosts().Get(i.Reporter.Host())
		if err != nil {
			return err
		}
		if n := host.MaxCharacters; n > 0 && (v.MaxCharacters == 0 || n < v.MaxCharacters) {
			v.MaxCharacters = n
		}
		for _, c := range desk.CaveatsOf(host.Software) {
			if !slices.Contains(v.Caveats, c) {
				v.Caveats = append(v.Caveats, c)
			}
		}
		target, err := t.replyTarget(i)
		switch {
		case err == nil && v.Answered == "":
			v.Answered, v.Warning, v.Sensitive = target.Visibility, target.Warning, target.Sensitive
		case err != nil && desk.ErrorCode(err) != desk.CodeForbidden: // that: without a post to answer
			return err
		}
	}
	return nil
}

// threadPage is a page of what was said in an issue and its parts.
func (t *Tx) threadPage(issues []desk.Issue, in ThreadInput) (page Thread, err error) {
	part := store.ThreadMain
	if in.Third {
		part = store.ThreadThird
	}
	entries, older, err := t.ThreadOf(issues, store.ThreadQuery{Part: part, Before: in.Before, Limit: min(cmp.Or(in.Limit, threadUsual), ThreadLimit), Bytes: threadBytes})
	if err != nil {
		return page, err
	}
	if older {
		page.Before = entries[len(entries)-1].Event.ID
		n, err := t.countOf(issues, store.ThreadQuery{Part: part, Before: page.Before})
		if err != nil {
			return page, err
		}
		page.Earlier = n.Entries
	}
	if !in.Third {
		thirds, err := t.thirdPersons(issues, in, page.Before, &page.Folded)
		if err != nil {
			return page, err
		}
		entries = append(entries, thirds...)
	}
	slices.SortFunc(entries, func(a, b store.ThreadEntry) int { return inTime(a.Event, b.Event) })
	for _, i := range issues {
		if entries, err = t.withReport(i, entries); err != nil {
			return page, err
		}
	}
	if entries, err = t.unfold(issues, entries); err != nil {
		return page, err
	}
	page.Timeline, err = t.entries(entries)
	return page, err
}

// newestFirst goes through a part of a timeline, or that of several issues, page by
// page. The last pair has the error if that fails.
func (t *Tx) newestFirst(q store.ThreadQuery, of ...desk.Issue) iter.Seq2[store.ThreadEntry, error] {
	if len(of) == 0 {
		of = []desk.Issue{{ID: q.Issue}}
	}
	q.Limit, q.Bytes = threadUsual, threadBytes
	return func(yield func(store.ThreadEntry, error) bool) {
		for older := true; older; {
			var page []store.ThreadEntry
			var err error
			if page, older, err = t.ThreadOf(of, q); err != nil {
				yield(store.ThreadEntry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				q.Before = e.Event.ID
			}
		}
	}
}

// ThreadOf reads a page of the timelines of several issues as if they were one, with
// as much as of one.
func (t *Tx) ThreadOf(issues []desk.Issue, q store.ThreadQuery) (page []store.ThreadEntry, older bool, err error) {
	if len(issues) == 1 {
		q.Issue = issues[0].ID
		return t.Events().Thread(q)
	}
	if q.Bytes > 0 {
		q.Bytes = max(q.Bytes/len(issues), 1)
	}
	var from desk.Event // nothing is left out from here on
	for _, i := range issues {
		q.Issue = i.ID
		its, more, err := t.Events().Thread(q)
		if err != nil {
			return nil, false, err
		}
		if last := len(its) - 1; more && (!older || inTime(from, its[last].Event) < 0) {
			older, from = true, its[last].Event
		}
		page = append(page, its...)
	}
	slices.SortFunc(page, func(a, b store.ThreadEntry) int { return inTime(b.Event, a.Event) })
	if older {
		page = slices.DeleteFunc(page, func(e store.ThreadEntry) bool { return inTime(e.Event, from) < 0 })
	}
	if most := (store.Page{Limit: q.Limit}).Size(); len(page) > most {
		page, older = page[:most], true
	}
	return page, older, nil
}

// countOf counts a part of the timelines of several issues.
func (t *Tx) countOf(issues []desk.Issue, q store.ThreadQuery) (n store.ThreadCount, err error) {
	for _, i := range issues {
		q.Issue = i.ID
		its, err := t.Events().CountThread(q)
		if err != nil {
			return n, err
		}
		n.Entries = min(n.Entries+its.Entries, store.MaxCounted)
		n.Accounts += its.Accounts
	}
	return n, nil
}

// inTime orders entries as a timeline does.
func inTime(a, b desk.Event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }

// thirdPersons returns the newest of what third persons added in the time of a
// page, and counts the others.
func (t *Tx) thirdPersons(issues []desk.Issue, in ThreadInput, from desk.EventID, folded *store.ThreadCount) (shown []store.ThreadEntry, err error) {
	q := store.ThreadQuery{Part: store.ThreadThird}
	all, err := t.countOf(issues, q)
	if err != nil || all.Entries == 0 {
		return nil, err
	}
	newest := q
	newest.Before, newest.Limit, newest.Bytes = in.Before, thirdLimit, thirdBytes
	if shown, _, err = t.ThreadOf(issues, newest); err != nil {
		return nil, err
	}
	if from != "" {
		first, _, err := t.Events().Get(from)
		if err != nil {
			return nil, err
		}
		shown = slices.DeleteFunc(shown, func(e store.ThreadEntry) bool { return inTime(e.Event, first) < 0 })
	}
	switch {
	case in.Before != "" || len(shown) == 0: // newer ones are folded too
		*folded = all
		folded.Entries -= len(shown)
	default:
		q.Before = shown[len(shown)-1].Event.ID
		*folded, err = t.countOf(issues, q)
	}
	return shown, err
}

// withReport puts the report before a page that does not have it.
func (t *Tx) withReport(i desk.Issue, page []store.ThreadEntry) ([]store.ThreadEntry, error) {
	report := func(e desk.Event) bool { return e.Kind == desk.KindReport && e.Post == i.Post }
	if slices.ContainsFunc(page, func(e store.ThreadEntry) bool { return report(e.Event) }) {
		return page, nil
	}
	first, _, err := t.Events().ByIssue(i.ID, store.Page{Limit: 5 * MaxAncestors}) // after those that it answers
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(first, report)
	if n < 0 {
		return page, nil
	}
	e := store.ThreadEntry{Event: first[n]}
	p, ok, err := t.Posts().Get(i.Post)
	if ok {
		e.Post = &p
	}
	at, _ := slices.BinarySearchFunc(page, e, func(a, b store.ThreadEntry) int { return inTime(a.Event, b.Event) })
	return slices.Insert(page, at, e), err
}

// unfold takes repetitions out of a page: the copies of a reply, and the changes that
// the whole and its parts tell alike.
func (t *Tx) unfold(issues []desk.Issue, page []store.ThreadEntry) ([]store.ThreadEntry, error) {
	if len(issues) == 1 {
		return page, nil
	}
	of := map[desk.IssueID]desk.Issue{}
	for _, i := range issues {
		of[i.ID] = i
	}
	var out []store.ThreadEntry
	for _, e := range page {
		i := of[e.Event.Issue]
		whole := i.MergedInto != "" && !e.Event.At.Before(i.MergedAt)
		switch e.Event.Kind {
		case desk.KindStatus, desk.KindAssign, desk.KindMerge, desk.KindMove, desk.KindSnooze:
			if whole && (e.Event.Kind != desk.KindMerge || e.Event.Note != desk.NoteMerged) {
				continue
			}
		case desk.KindReply, desk.KindEdit, desk.KindDelete, desk.KindNotice:
			if e.Post == nil || e.Post.CopyOf == "" || e.Event.Kind == desk.KindNotice && e.Event.Note != desk.NoteTakenBack {
				break
			}
			first, _, err := t.Posts().Get(e.Post.CopyOf)
			if err != nil {
				return nil, err
			}
			if _, here := of[first.Issue]; here {
				continue
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// entries adds what stands beside each entry: its author, and where it has gone.
func (t *Tx) entries(page []store.ThreadEntry) ([]Entry, error) {
	out := make([]Entry, len(page))
	var who []desk.ActorID
	for n, e := range page {
		out[n] = Entry{Event: e.Event, Post: e.Post, Author: desk.Actor{ID: e.Event.Actor}}
		if out[n].Author.ID == "" && e.Post != nil && !e.Post.Ours() {
			out[n].Author.ID = e.Post.Author
		}
		if id := out[n].Author.ID; id != "" && !slices.Contains(who, id) {
			who = append(who, id)
		}
	}
	profiles, err := t.Actors().GetAll(who)
	if err != nil {
		return nil, err
	}
	for n := range out {
		if profile, ok := profiles[out[n].Author.ID]; ok {
			out[n].Author = profile
		}
		if err := t.reachedIn(&out[n]); err != nil {
			return nil, err
		}
		if err := t.copiesIn(&out[n]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// reachedIn adds to an entry where its post has gone.
func (t *Tx) reachedIn(e *Entry) (err error) {
	if e.Post == nil {
		return nil
	}
	if e.Tally, err = t.Reached(*e.Post); err != nil || e.Tally.Failed == 0 || e.Event.Kind != desk.KindReply {
		return err
	}
	e.Failed, err = t.failed(*e.Post)
	return err
}

// copiesIn adds to the entry of a reply the copies that went to other reporters.
func (t *Tx) copiesIn(e *Entry) error {
	if e.Post == nil || e.Event.Kind != desk.KindReply {
		return nil
	}
	for _, id := range e.Post.Copies {
		p, ok, err := t.Posts().Get(id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		c := Entry{Event: desk.Event{Kind: desk.KindReply, Issue: p.Issue, Post: p.ID}, Post: &p}
		if err := t.reachedIn(&c); err != nil {
			return err
		}
		e.Copies = append(e.Copies, c)
	}
	return nil
}
