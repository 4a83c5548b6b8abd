package app

import (
	"slices"

	"earshot/internal/desk"
)

// A reply to a merged issue is a post of its own in the thread of each reporter: the
// first one and its copies. Each goes out, waits or is withheld by itself.

// addressees lists the threads in which a reply to an issue is said: of each
// reporter one, that in which they spoke last. only names a single one.
func (t *Tx) addressees(home desk.Issue, only desk.IssueID) (out []desk.Issue, err error) {
	all, err := t.threads(home)
	if err != nil {
		return nil, err
	}
	if only != "" {
		n := slices.IndexFunc(all, func(i desk.Issue) bool { return i.ID == only })
		if n < 0 {
			return nil, desk.NotFound("part_unknown", "%s is no part of the issue %s", only, home.ID)
		}
		return all[n : n+1], nil
	}
	for _, i := range all {
		n := slices.IndexFunc(out, func(o desk.Issue) bool { return o.Reporter == i.Reporter })
		switch {
		case n < 0:
			out = append(out, i)
		case out[n].Silenced == desk.SilenceDeleted || i.Silenced != desk.SilenceDeleted && i.Spoke().After(out[n].Spoke()):
			out[n] = i
		}
	}
	return out, nil
}

// copies lists a reply of ours and all that say the same in the same issue, the
// given one first.
func (t *Tx) copies(p desk.Post) ([]desk.Post, error) {
	out := []desk.Post{p}
	if p.Role != desk.RoleReply || p.CopyOf == "" && len(p.Copies) == 0 {
		return out, nil
	}
	first := p
	var err error
	if p.CopyOf != "" {
		if first, _, err = t.Posts().Get(p.CopyOf); err != nil {
			return nil, err
		}
	}
	home, err := t.home(p.Issue)
	if err != nil {
		return nil, err
	}
	for _, id := range append([]desk.PostID{first.ID}, first.Copies...) {
		c, ok, err := t.Posts().Get(id)
		if err != nil {
			return nil, err
		}
		if !ok || c.ID == p.ID {
			continue
		}
		at, err := t.home(c.Issue)
		if err != nil {
			return nil, err
		}
		if at.ID == home.ID { // else the merge was taken back
			out = append(out, c)
		}
	}
	return out, nil
}

// copyPublished stores what a reply changes that goes out in a thread of a merged
// issue. The first of its copies to go out changes the whole.
func (t *Tx) copyPublished(i desk.Issue, p desk.Post) error {
	same, err := t.copies(p)
	if err != nil {
		return err
	}
	first := !slices.ContainsFunc(same[1:], func(c desk.Post) bool { return !c.PublishedAt.IsZero() })
	part, before := i.MergedInto != "", i.Status
	if part || first {
		i.ReplyPublished(p, t.Now)
	} else {
		i.ReplyCounted(p, t.Now)
	}
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	if err := t.told(i, before, p); err != nil {
		return err
	}
	home, err := t.home(i.ID)
	if err != nil {
		return err
	}
	if part && first {
		before := home.Status
		home.Replied(p, t.Now)
		if err := t.Issues().Put(home); err != nil {
			return err
		}
		if err := t.told(home, before, p); err != nil {
			return err
		}
	}
	return t.repliedElsewhere(home.ID, i, p)
}

// told writes down the status that a reply changed, if it did.
func (t *Tx) told(i desk.Issue, before desk.Status, p desk.Post) error {
	switch {
	case i.Status != before:
		return t.statusChanged(i, before, desk.Event{Agent: p.Agent})
	case i.Status == desk.StatusFixed:
		return t.quietTimer(i)
	}
	return nil
}

// repliedElsewhere records in the reporter's other threads that they have been
// answered, and has the whole wait for the others only.
func (t *Tx) repliedElsewhere(home desk.IssueID, in desk.Issue, p desk.Post) error {
	whole, err := t.issue(home)
	if err != nil {
		return err
	}
	all, err := t.threads(whole)
	if err != nil {
		return err
	}
	for _, i := range all {
		if i.ID == in.ID || i.Reporter != in.Reporter {
			continue
		}
		if i.RepliedElsewhere(p); i.ID == whole.ID {
			whole = i
		}
		if err := t.Issues().Put(i); err != nil {
			return err
		}
	}
	return t.gather(whole)
}
