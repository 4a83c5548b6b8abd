package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// DayInput says which day is asked for.
type DayInput struct {
	For  desk.Email  // whose day it is, by their time zone; "": of UTC
	Date string      // as 2026-03-01; "": the day that it is
	Desk desk.Handle // only this one, "" for all
	Page store.Page  // of what was said and changed
}

// Day is what was heard, said and changed on a day. It names nobody who works here and
// counts nothing: it tells how things went, and not how people work.
type Day struct {
	Date      string    // as 2026-03-01
	From      time.Time // when it begins
	Next      time.Time // when the next one does
	Heard     []IssueView
	MoreHeard bool // there may be more of them
	Acts      []DayAct
}

// DayAct is something that was said or changed.
type DayAct struct {
	ID       string
	At       time.Time
	What     string // as in the audit log
	Said     bool   // to people outside
	Inside   bool   // it is about a comment
	Unsent   bool   // what was written has not gone out
	Desk     desk.Handle
	Issue    desk.IssueID
	Incident desk.IncidentID
	Pile     desk.PileID
	Words    string      // of the report, or the title
	Status   desk.Status // that was set, "" for another act
}

// Through how many issues of a day, and how many pages of the audit log, one look goes.
const (
	maxHeard = 100
	dayPages = 40
)

// dayWords are the acts that people outside read.
var dayWords = []string{"issue.reply", "post.edit", "post.retract", "broadcast.add", "incident.publish", "incident.update", "incident.close", "incident.postmortem", "incident.tell"}

// Today tells of a day, newest first: of the issues that were opened, on the first page,
// and of what was said and changed, by pages, from the audit log. A page looks at a
// bounded number of entries; it may be short, and the next one goes on.
func (a *App) Today(ctx context.Context, in DayInput) (out Day, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		zone := time.UTC
		if in.For != "" {
			who, err := tx.Agent(in.For)
			if err != nil {
				return err
			}
			zone = who.Zone()
		}
		if in.Desk != "" {
			if _, err := tx.desk(in.Desk); err != nil {
				return err
			}
		}
		at := a.Now().In(zone)
		if in.Date != "" {
			if at, err = time.Parse(time.DateOnly, in.Date); err != nil {
				return desk.Invalid("day_invalid", "write the day like 2026-03-01, not %.40q", in.Date)
			}
		}
		out.Date, out.From, out.Next = at.Format(time.DateOnly), desk.DayBegins(at, zone), desk.DayBegins(at.AddDate(0, 0, 1), zone)
		if in.Page.After == "" {
			if err := tx.heardOn(ctx, in, &out); err != nil {
				return err
			}
		}
		next, err = tx.actsOn(in, &out)
		return err
	})
	return out, next, err
}

// heardOn reads the issues that were opened on a day.
func (t *Tx) heardOn(ctx context.Context, in DayInput, out *Day) error {
	issues, next, err := t.listIssues(ctx, ListInput{IssueFilter: store.IssueFilter{Desk: in.Desk}, Since: out.From, Until: out.Next, Page: store.Page{Limit: maxHeard}})
	if err != nil {
		return err
	}
	out.MoreHeard = next != ""
	slices.SortStableFunc(issues, func(a, b desk.Issue) int { return b.OpenedAt.Compare(a.OpenedAt) })
	for _, i := range issues {
		v, err := t.view(i)
		if err != nil {
			return err
		}
		out.Heard = append(out.Heard, v)
	}
	return nil
}

// actsOn reads a page of what was said and changed on a day.
func (t *Tx) actsOn(in DayInput, out *Day) (next string, err error) {
	half := max(1, min(in.Page.Limit, store.MaxLimit)/2)
	p := store.Page{After: in.Page.After, Limit: half}
	for range dayPages {
		list, next, err := t.AuditLog().List(store.AuditFilter{Before: out.Next}, p)
		if err != nil {
			return "", err
		}
		for _, e := range list {
			if e.At.Before(out.From) {
				return "", nil
			}
			act, ok, err := t.dayAct(e)
			if err != nil {
				return "", err
			}
			if ok && (in.Desk == "" || act.Desk == in.Desk) {
				out.Acts = append(out.Acts, act)
			}
		}
		if p.After = next; next == "" || len(out.Acts) >= half {
			break
		}
	}
	return p.After, nil
}

// dayAct is an entry of the audit log as a day tells it. ok is false for one that is about
// running the instance, or about what has gone.
func (t *Tx) dayAct(e store.AuditEntry) (act DayAct, ok bool, err error) {
	act = DayAct{ID: e.ID, At: e.At, What: e.What, Said: slices.Contains(dayWords, e.What)}
	subject, _, _ := strings.Cut(e.What, ".")
	if !slices.Contains([]string{"issue", "post", "broadcast", "incident", "pile"}, subject) {
		return act, false, nil
	}
	if post, about := strings.CutPrefix(cmp.Or(postIn(e.On), postIn(e.Note)), "posts/"); about {
		p, there, err := t.Posts().Get(desk.PostID(post))
		if err != nil || p.State == desk.PostUndone && e.What == "issue.reply" {
			return act, false, err // it is told as taken back
		}
		planned := p.State == desk.PostPending && p.DueAt.After(t.Now.Add(time.Minute))
		act.Inside = there && p.Role == desk.RoleComment
		act.Unsent = p.State == desk.PostUnchecked || p.State == desk.PostWithheld || p.State == desk.PostUndone || p.State == desk.PostAwaitingApproval || planned
		act.Said = act.Said && !act.Inside && !act.Unsent
	}
	kind, id, _ := strings.Cut(e.On, "/")
	switch kind {
	case "issues":
		act.Issue, ok = desk.IssueID(id), true
	case "posts":
		var p desk.Post
		p, ok, err = t.Posts().Get(desk.PostID(id))
		act.Issue, act.Incident, act.Desk = p.Issue, p.Incident, p.Desk
	case "incidents":
		act.Incident, ok = desk.IncidentID(id), true
	case "piles":
		var p desk.Pile
		act.Pile = desk.PileID(id)
		p, ok, err = t.Piles().Get(act.Pile)
		ok = ok && t.sees(p.Desk)
		act.Desk = p.Desk
	}
	if err != nil || !ok {
		return act, false, err
	}
	if act.Issue != "" {
		var i desk.Issue
		i, ok, err = t.Issues().Get(act.Issue)
		act.Desk, act.Words = i.Desk, i.Said()
	} else if act.Incident != "" {
		var i desk.Incident
		i, ok, err = t.Incidents().Get(act.Incident)
		ok = ok && t.sees(i.Desk)
		act.Desk, act.Words = i.Desk, i.Title
	}
	if status, _, _ := strings.Cut(e.Note, ", "); e.What == "issue.status" && slices.Contains(desk.Statuses(), desk.Status(status)) {
		act.Status = desk.Status(status)
	}
	return act, ok, err
}

// postIn is a post's path in a field of the audit log, or "".
func postIn(field string) string {
	if strings.HasPrefix(field, "posts/") {
		return field
	}
	return ""
}
