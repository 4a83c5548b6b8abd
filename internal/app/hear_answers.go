package app

import (
	"earshot/internal/desk"
	"earshot/store"
)

// The order in which the parts of a thread come decides nothing. A post that comes
// finds its issue by the post above it, and by those below it: what would have
// joined its issue had it come first, joins it now.

// answersLookedAt bounds how many answers to a post are looked at when it comes.
const answersLookedAt = 20

// answersTo lists what other people said in answer to a post, in an issue.
func (t *Tx) answersTo(o desk.ObjectID) (found []desk.Post, err error) {
	answers, _, err := t.Posts().Replies(o, store.Page{Limit: answersLookedAt})
	for _, a := range answers {
		if a.Issue != "" && !a.Ours() && !a.Deleted {
			found = append(found, a)
		}
	}
	return found, err
}

// answeredIn finds the issue of an answer that came before the post that it
// answers. An author's own answer leads to its thread. Another's does so only for a
// post that is no report of its own: nobody is to catch reports of others by
// answering them first.
func (t *Tx) answeredIn(h Heard, p placement) (desk.IssueID, error) {
	if !p.addressed && !h.Post.Visibility.IsPublic() {
		return "", nil
	}
	answers, err := t.answersTo(h.Post.Object)
	for _, a := range answers {
		if a.Author == h.Author.ID || !p.decision.OK() {
			return a.Issue, nil
		}
	}
	return "", err
}

// unlessAbove returns the issue that a report was found to belong to by its context
// or its answers; "" if it is the other way round: if the issue is another person's,
// and its own report hangs below this one.
func (t *Tx) unlessAbove(found desk.IssueID, h Heard) (desk.IssueID, error) {
	if found == "" {
		return "", nil
	}
	i, err := t.issue(found)
	if err != nil || i.Reporter == h.Author.ID {
		return found, err
	}
	if hangs, err := t.reportBelow(i, h.Post.Object); err != nil || hangs != isBelow {
		return found, err
	}
	return "", nil
}

// gatherAnswers has the issues that answers to a post opened, because they came
// first, join the post's.
func (t *Tx) gatherAnswers(p desk.Post) error {
	answers, err := t.answersTo(p.Object)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a, _, err = t.Posts().Get(a.ID); err != nil { // it may have moved with the one before
			return err
		}
		if a.Issue == p.Issue {
			continue
		}
		i, err := t.issue(a.Issue)
		if err != nil {
			return err
		}
		hangs, err := t.reportBelow(i, p.Object)
		if err != nil {
			return err
		}
		if hangs == isElsewhere || hangs == isOpen && a.Author != i.Reporter {
			continue
		}
		if err := t.adopt(i.ID, p.Issue); err != nil {
			return err
		}
	}
	return nil
}

// hanging is how an issue's report hangs together with a post.
type hanging int

const (
	isElsewhere hanging = iota // it does not: it answers nothing, or another thread
	isBelow                    // it answers the post, directly or not
	isOpen                     // it answers a post that is not here
)

// reportBelow says whether an issue's report answers a post. If it answers one that is
// not here, its author may have said so in another way: by a context.
func (t *Tx) reportBelow(i desk.Issue, above desk.ObjectID) (hanging, error) {
	p, ok, err := t.Posts().Get(i.Post)
	for n := 0; err == nil && ok && n <= MaxAncestors; n++ {
		switch p.InReplyTo {
		case above:
			return isBelow, nil
		case "":
			return isElsewhere, nil
		}
		if p, ok, err = t.Posts().ByObject(p.InReplyTo); err == nil && !ok {
			return isOpen, nil
		}
	}
	return isElsewhere, err
}
