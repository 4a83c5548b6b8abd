package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
)

// patience is how long a step may stand still until it is seen on the other side: longer
// than the pause before a third attempt of a delivery.
const patience = 3 * time.Minute

// pollEvery is how often the story looks.
const pollEvery = 25 * time.Millisecond

// await looks until something is seen.
func (s *stage) await(ctx context.Context, what string, seen func() (bool, error)) error {
	return s.awaitMany(ctx, what, func() (int, bool, error) {
		ok, err := seen()
		return 0, ok, err
	})
}

// awaitMany looks until something is seen that comes in parts, as long as parts come: on
// a slow machine forty people take their time.
func (s *stage) awaitMany(ctx context.Context, what string, seen func() (parts int, all bool, err error)) error {
	still := time.NewTimer(patience)
	defer still.Stop()
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	for last := 0; ; {
		parts, all, err := seen()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if all {
			return nil
		}
		if parts > last {
			last = parts
			still.Reset(patience)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-still.C:
			return fmt.Errorf("not seen, and nothing moved for %s: %s", patience, what)
		case <-t.C:
		}
	}
}

// tale is the story while it is being told.
type tale struct {
	*stage
	ctx    context.Context
	began  time.Time
	report desk.ObjectID
	issue  desk.IssueID
	last   desk.ObjectID // the desk's newest word
	err    error         // the first step that was not seen; the rest is not played
}

// story plays the 10/25 story without a person: one post with two tags, a
// question, an answer, the truth, "works again, thanks", resolved.
func (s *stage) story(ctx context.Context) error {
	t := &tale{stage: s, ctx: ctx, began: time.Now()}
	fmt.Fprintf(s.o.Out, "The 10/25 story, between %s (the town) and %s (the provider).\n\n", s.townURL, s.provider.Site.URL)
	t.posts("Nothing works since nine. #acme #fail")
	t.hears()
	t.replies("Sorry to hear that, Ana. Which street are you in?", desk.StatusWaiting)
	t.answers("Harbour Street, the whole house.", desk.StatusAcknowledged)
	t.replies("Thank you. It is a capacity shortage in your district; we are adding a line right now.", desk.StatusInProgress)
	t.replies("Should work again since 9:25. Does it for you?", desk.StatusFixed)
	t.answers("Works again, thanks!", desk.StatusFixed)
	t.resolves()
	if t.err != nil {
		fmt.Fprintf(s.o.Out, "\nNot as it should be: %v\n", t.err)
		return t.err
	}
	fmt.Fprintf(s.o.Out, "\nEvery step was seen on both sides, in %.1f seconds.\n", time.Since(t.began).Seconds())
	return nil
}

// tell prints one line of the story: who acts, and how.
func (t *tale) tell(who, what string, args ...any) {
	fmt.Fprintf(t.o.Out, "%6.2f s  %-14s %s\n", time.Since(t.began).Seconds(), who, fmt.Sprintf(what, args...))
}

// step plays one step unless an earlier one failed.
func (t *tale) step(what string, do func() error) {
	if t.err != nil {
		return
	}
	if err := do(); err != nil {
		t.err = fmt.Errorf("%s: %w", what, err)
	}
}

const reporter = "ana"

func (t *tale) posts(text string) {
	t.step("the report", func() (err error) {
		t.report, err = t.town.Post(t.ctx, reporter, town.PostInput{Text: text})
		t.tell("Ana", "posts on her own server: “%s”", text)
		return err
	})
}

// hears waits for the issue on the provider's side.
func (t *tale) hears() {
	t.step("the desk hears it", func() error {
		var v app.IssueView
		err := t.await(t.ctx, "an issue", func() (bool, error) {
			all, _, err := t.provider.App.ListIssues(t.ctx, app.ListInput{})
			if err != nil {
				return false, err
			}
			n := slices.IndexFunc(all, func(v app.IssueView) bool { return v.Issue.Report == t.report })
			if n >= 0 {
				v = all[n]
			}
			return n >= 0, nil
		})
		if err != nil {
			return err
		}
		if v.Issue.Status != desk.StatusNew || v.Issue.Heard != desk.HeardTags {
			return fmt.Errorf("the issue is %s, heard by %s", v.Issue.Status, v.Issue.Heard)
		}
		t.issue = v.Issue.ID
		t.tell("Acme's desk", "hears it: issue %s, %s, because of %s, through %s", v.Issue.ID, v.Issue.Status, v.Issue.Why, strings.Join(v.Sources, ", "))
		return nil
	})
}

// replies says something as an agent, and waits until the reporter was told.
func (t *tale) replies(text string, status desk.Status) {
	t.step("the reply “"+text+"”", func() error {
		p, err := t.provider.App.Reply(t.ctx, app.By{}, app.ReplyInput{Issue: t.issue, Text: text, Change: desk.StatusChange{To: status}, Now: true})
		if err != nil {
			return err
		}
		t.last = p.Object
		t.tell("Acme's desk", "replies: “%s” (%s)", text, status)
		err = t.await(t.ctx, "the reply in the reporter's thread, with a notification", func() (bool, error) {
			return t.inThread(p.Object) && t.notified(p.Object), nil
		})
		if err != nil {
			return err
		}
		if err := t.awaitStatus(status); err != nil {
			return err
		}
		t.tell("Ana", "finds it in her thread, with a notification")
		return nil
	})
}

func (t *tale) inThread(id desk.ObjectID) bool {
	return slices.ContainsFunc(t.town.Thread(reporter, t.report), func(m town.Message) bool { return m.ID == id })
}

func (t *tale) notified(id desk.ObjectID) bool {
	return slices.ContainsFunc(t.town.Notifications(reporter), func(n town.Notification) bool { return n.Object == id })
}

// awaitStatus waits for a status on the provider's side.
func (t *tale) awaitStatus(want desk.Status) error {
	return t.await(t.ctx, "the status "+string(want), func() (bool, error) {
		v, err := t.provider.App.ShowIssue(t.ctx, t.issue)
		return v.Issue.Status == want, err
	})
}

// answers speaks as the reporter, and waits until the desk has heard it.
func (t *tale) answers(text string, status desk.Status) {
	t.step("the answer “"+text+"”", func() error {
		said, err := t.town.Post(t.ctx, reporter, town.PostInput{Text: "@" + t.provider.Site.Acct(acme.Handle) + " " + text, InReplyTo: t.last})
		if err != nil {
			return err
		}
		t.last = said
		t.tell("Ana", "answers: “%s”", text)
		err = t.await(t.ctx, "the answer in the issue", func() (bool, error) {
			v, err := t.provider.App.ShowIssue(t.ctx, t.issue)
			return v.Issue.NeedsUs && slices.ContainsFunc(v.Timeline, func(e app.Entry) bool { return e.Post != nil && e.Post.Object == said }), err
		})
		if err != nil {
			return err
		}
		if err := t.awaitStatus(status); err != nil {
			return err
		}
		t.tell("Acme's desk", "reads it in the same issue (%s, answered)", status)
		return nil
	})
}

// resolves ends the issue by the reporter's own word.
func (t *tale) resolves() {
	t.step("resolved", func() error {
		i, err := t.provider.App.SetStatus(t.ctx, app.By{}, app.StatusInput{Issue: t.issue, Because: string(t.last), Change: desk.StatusChange{To: desk.StatusResolved}})
		if err != nil {
			return err
		}
		t.tell("Acme's desk", "closes the book: %s, because Ana said so", i.Status)
		thread := t.town.Thread(reporter, t.report)
		if n := len(thread); n != 6 {
			return fmt.Errorf("the reporter's thread has %d posts, want 6", n)
		}
		t.tell("Ana", "has the whole conversation, %d posts, in one thread: %s", len(thread), t.report)
		return nil
	})
}
