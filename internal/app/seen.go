package app

import (
	"slices"
	"strings"

	"earshot/internal/desk"
	"earshot/store"
)

// lookBack is how many entries are looked at for something new.
const lookBack = 100

// checkSeen refuses what was decided before something was said that its agent may
// not have read: words of the reporter, or of colleagues, or their change of the
// status. Nothing is refused that does not say what was seen.
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

func (t *Tx) checkNews(by By, i desk.Issue, newsOf func(desk.Event, By) string) error {
	if by.Seen == "" && by.SeenAt.IsZero() {
		return nil
	}
	seen := desk.Event{At: by.SeenAt}
	if by.Seen != "" {
		e, ok, err := t.Events().Get(by.Seen)
		if err != nil {
			return err
		}
		if !ok {
			return desk.NotFound("seen_unknown", "there is no entry %q that could have been seen", by.Seen)
		}
		seen = e
	}
	all, err := t.threads(i)
	if err != nil {
		return err
	}
	newest, older, err := t.ThreadOf(all, store.ThreadQuery{Part: store.ThreadMain, Limit: lookBack, Bare: len(all) == 1})
	if err != nil {
		return err
	}
	if newest, err = t.unfold(all, newest); err != nil { // what no page shows nobody can have seen
		return err
	}
	var since []string
	for _, e := range newest {
		if inTime(e.Event, seen) <= 0 {
			older = false
			break
		}
		if what := newsOf(e.Event, by); what != "" && !slices.Contains(since, what) {
			since = append(since, what)
		}
	}
	if older {
		since = append(since, "much more")
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
	who := string(e.Agent)
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
	case desk.KindStatus:
		return "the status " + string(e.Status)
	case desk.KindMerge:
		return "a merge"
	case desk.KindMove:
		return "a move to another desk"
	}
	return ""
}
