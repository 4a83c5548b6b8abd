package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// IssueView is an issue with all that a page shows beside it.
type IssueView struct {
	Issue    desk.Issue
	Reporter desk.Actor // only ID is set when nothing of them is kept
	Sources  []string   // names, in the order of hearing
	// MaxCharacters is how long a post on the reporter's server may be, 0: not
	// known. Of ShowIssue and ShowThread only, as is the thread.
	MaxCharacters int
	// Caveats are those of the reporter's server.
	Caveats []desk.Caveat
	// Answered is how visible the post is that a reply would answer; "" without one.
	Answered desk.Visibility
	// Warning and Sensitive are those of that post.
	Warning   string
	Sensitive bool
	// Parts are the issue itself and those merged into it; empty without such. Of
	// ShowIssue and ShowThread only.
	Parts []Part
	Thread
}

// Part is one of several reports that are one issue.
type Part struct {
	Issue    desk.Issue
	Reporter desk.Actor
}

// Entry is one line of a timeline.
type Entry struct {
	Event  desk.Event
	Post   *desk.Post
	Author desk.Actor // of remote posts
	Tally  store.Tally
	// Failed are the first of the deliveries that failed for good, of a reply.
	Failed []store.Delivery
	// Copies of a reply are what the reporters of merged issues got.
	Copies []Entry
}

// ListInput narrows a list of issues.
type ListInput struct {
	store.IssueFilter
	Search string // words, #tag, @user@host, and Operators: all must be found
	// For is the agent who asks: whose issues is:mine finds, and whose days a search has;
	// "": nobody, and the days are those of UTC.
	For desk.Email
	// Folded: only voices whose words since are counted on their incident, not with a search.
	Folded bool
	// Since and Until are when an issue was opened: not before, and before.
	Since, Until time.Time
	Page         store.Page
}

// ListIssues lists issues: those waiting first, the longest on top.
func (a *App) ListIssues(ctx context.Context, in ListInput) (out []IssueView, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		var issues []desk.Issue
		if in.Search != "" {
			issues, next, err = tx.searchIssues(ctx, in)
		} else {
			issues, next, err = tx.listIssues(ctx, in)
		}
		if err != nil {
			return err
		}
		out = make([]IssueView, 0, len(issues))
		for _, i := range issues {
			v, err := tx.view(i)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, next, err
}

// MaxCount is up to which number issues are counted: beyond, it is "more".
const MaxCount = 1000

// CountInput is a list whose lines are counted: the issues of all its filters, and with Piles
// the piles of a desk, or of all, above them.
type CountInput struct {
	Filters []store.IssueFilter
	Piles   bool
	Desk    desk.Handle
}

// CountLists counts the lines of lists, all at one moment, each filter up to MaxCount.
func (a *App) CountLists(ctx context.Context, lists []CountInput) (lines []int, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		lines = make([]int, len(lists))
		piles := map[desk.Handle]int{} // read once for a desk
		for n, l := range lists {
			for _, f := range l.Filters {
				issues, err := tx.Issues().Count(f, MaxCount)
				if err != nil {
					return err
				}
				lines[n] += issues
			}
			if !l.Piles {
				continue
			}
			if _, ok := piles[l.Desk]; !ok {
				standing, _, err := tx.Piles().List(store.PileFilter{Desk: l.Desk, Standing: true}, store.Page{Limit: maxPilesCounted})
				if err != nil {
					return err
				}
				for _, p := range standing {
					if tx.sees(p.Desk) {
						piles[l.Desk]++
					}
				}
			}
			lines[n] += piles[l.Desk]
		}
		return nil
	})
	return lines, err
}

// maxPilesCounted is far more than a desk has at a time.
const maxPilesCounted = 100

// listIssues lists the issues of a filter.
func (t *Tx) listIssues(ctx context.Context, in ListInput) ([]desk.Issue, string, error) {
	return fillPage(ctx, in.Page, func(p store.Page) ([]desk.Issue, string, error) { return t.Issues().List(in.IssueFilter, p) },
		func(i desk.Issue) (desk.Issue, bool, error) { return i, in.opened(i) && (i.Folded || !in.Folded), nil })
}

// opened says whether an issue was opened in the time that was asked for.
func (in ListInput) opened(i desk.Issue) bool {
	return (in.Since.IsZero() || !i.OpenedAt.Before(in.Since)) && (in.Until.IsZero() || i.OpenedAt.Before(in.Until))
}

func (t *Tx) view(i desk.Issue) (IssueView, error) {
	v := IssueView{Issue: i, Reporter: desk.Actor{ID: i.Reporter}}
	if a, ok, err := t.Actors().Get(i.Reporter); err != nil {
		return v, err
	} else if ok {
		v.Reporter = a
	}
	seen, err := t.Sightings().ByObject(i.Report)
	if err != nil {
		return v, err
	}
	for _, s := range seen {
		name := s.Source
		if src, ok, err := t.Sources().Get(desk.SourceID(s.Source)); err != nil {
			return v, err
		} else if ok {
			name = src.Name
		}
		v.Sources = append(v.Sources, name)
	}
	return v, nil
}

// eachEvent goes through an issue's timeline, from its beginning.
func (t *Tx) eachEvent(id desk.IssueID, do func(desk.Event) error) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		events, next, err := t.Events().ByIssue(id, p)
		for _, e := range events {
			if err == nil {
				err = do(e)
			}
		}
		return next, err
	})
}
