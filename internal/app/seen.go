package app

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// lookBack is how many entries are told apart that are newer than what was seen, and
// lookMost among how many is looked for one that matters at all.
const (
	lookBack = 100
	lookMost = 5000
)

// clocksDiffer is how far the clocks of two nodes, or of a program that uses the API, may differ.
const clocksDiffer = time.Minute

// checkSeen refuses what was decided before something was said that its agent may
// not have read: words of the reporter, or of colleagues, or their change of the
// status or of a snooze. Nothing is refused that does not say what was seen.
func (t *Tx) checkSeen(by By, i desk.Issue) error { return t.checkNews(by, i, newsOf) }

// checkAssignee refuses to give an issue to an agent if a colleague has given it to
// another since. The rest that was said takes it from nobody.
func (t *Tx) checkAssignee(by By, i desk.Issue) error {
	return t.checkNews(by, i, func(e desk.Event, by By) string {
		if e.Kind != desk.KindAssign || e.Issue != i.ID || e.Agent == by.Agent {
			return ""
		}
		return "another assignee"
	})
}

// checkPosts refuses to take back or delete posts of ours whose words a colleague has
// changed since. The rest that was said is no reason to leave them there.
func (t *Tx) checkPosts(by By, posts ...desk.Post) error {
	if posts[0].Issue == "" {
		return checkVersion(by, posts[0])
	}
	i, err := t.home(posts[0].Issue)
	if err != nil {
		return err
	}
	return t.checkNews(by, i, func(e desk.Event, by By) string {
		if e.Kind != desk.KindEdit || !slices.ContainsFunc(posts, func(p desk.Post) bool { return p.ID == e.Post }) {
			return ""
		}
		return newsOf(e, by)
	})
}

// checkVersion refuses what was decided on other words of a post that is in no issue.
func checkVersion(by By, p desk.Post) error {
	if by.Seen == "" || string(by.Seen) == p.Version() {
		return nil
	}
	return desk.Stale("post_moved_on", "this post has changed since you read it: read it, then decide again")
}

// seenAt is the place in the order of time up to which an agent says to have read; ok:
// they say so.
func (t *Tx) seenAt(by By) (seen desk.Event, ok bool, err error) {
	if by.Seen == "" {
		if by.SeenAt.After(t.Now.Add(clocksDiffer)) {
			err = desk.Invalid("seen_at_to_come", "what was seen was seen before now: name the time at which the list was read")
		}
		return desk.Event{At: by.SeenAt}, !by.SeenAt.IsZero(), err
	}
	if seen, ok, err = t.Events().Get(by.Seen); err == nil && !ok {
		err = desk.NotFound("seen_unknown", "there is no entry %q that could have been seen", by.Seen)
	}
	return seen, ok, err
}

func (t *Tx) checkNews(by By, i desk.Issue, newsOf func(desk.Event, By) string) error {
	seen, ok, err := t.seenAt(by)
	if err != nil || !ok {
		return err
	}
	all, err := t.threads(i)
	if err != nil {
		return err
	}
	var since []string
	looked := 0
	for e, err := range t.newestFirst(store.ThreadQuery{Part: store.ThreadMain, Bare: len(all) == 1}, all...) {
		if err != nil {
			return err
		}
		if inTime(e.Event, seen) <= 0 {
			break
		}
		if looked++; looked > lookMost || looked > lookBack && len(since) > 0 {
			since = append(since, "much more")
			break
		}
		what := newsOf(e.Event, by)
		if what == "" || slices.Contains(since, what) {
			continue
		}
		shown, err := t.unfold(all, []store.ThreadEntry{e}) // what no page shows nobody can have seen
		if err != nil {
			return err
		}
		if len(shown) > 0 {
			since = append(since, what)
		}
	}
	if len(since) == 0 {
		return nil
	}
	slices.Reverse(since)
	return desk.Stale("issue_moved_on", "there is something newer in this issue than you have seen: %s; read it, then decide again", strings.Join(since, ", "))
}

// newsOf says what an entry adds to a decision of an agent; "": nothing.
func newsOf(e desk.Event, by By) string {
	if e.Agent == by.Agent && e.Actor == "" {
		return ""
	}
	who := cmp.Or(string(e.Agent), onMachine)
	switch e.Kind {
	case desk.KindPost:
		return "a post"
	case desk.KindEdit:
		if e.Actor != "" {
			return "an edit"
		}
		return "an edit by " + who
	case desk.KindDelete:
		return "a deletion"
	case desk.KindReply:
		return "a reply by " + who
	case desk.KindComment:
		return "a comment by " + who
	case desk.KindNotice:
		if e.Note == desk.NoteTakenBack {
			return "a reply taken back by " + who
		}
	case desk.KindStatus:
		return "the status " + string(e.Status)
	case desk.KindMerge:
		return "a merge"
	case desk.KindMove:
		return "a move to another desk"
	case desk.KindSnooze:
		if e.Was != nil || e.Undoes != "" { // else its time was over
			return "a snooze, or its end, by " + changer(e)
		}
	}
	return ""
}
