package app_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

// threads is an instance that hears threads; with PostgreSQL it has two nodes.
type threads struct {
	*testing.T
	nodes []*app.App
	clock *clock.Fake
}

// onStores plays a story on both stores.
func onStores(t *testing.T, story func(*threads)) {
	t.Helper()
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		s, err := bolt.Open(ctx, filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
		fine(t, err)
		t.Cleanup(func() { fine(t, s.Close()) })
		story(newThreads(t, s))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		dsn := pg.Start(t).Database(t)
		var nodes []store.Store
		for range 2 {
			s, err := postgres.Open(ctx, dsn, postgres.Options{})
			fine(t, err)
			t.Cleanup(func() { fine(t, s.Close()) })
			nodes = append(nodes, s)
		}
		story(newThreads(t, nodes...))
	})
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newThreads(t *testing.T, nodes ...store.Store) *threads {
	t.Helper()
	r := &threads{T: t}
	r.clock = clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	for _, s := range nodes {
		r.nodes = append(r.nodes, app.New(app.Deps{Store: s, Clock: r.clock, Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Log: quiet, Keys: noKeys{}}))
	}
	_, err := r.nodes[0].AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
	fine(t, err)
	return r
}

// shape is how the parts of a thread hang together, and who wrote them.
type shape struct {
	name    string
	answers []int    // the part that each part answers, counted from 1; 0: none
	authors []string // of each part
}

var shapes = []shape{
	{"a chain of one author", []int{0, 1, 2, 3}, []string{"ana", "ana", "ana", "ana"}},
	{"a tree of one author", []int{0, 1, 1, 3}, []string{"ana", "ana", "ana", "ana"}},
	{"a chain of two authors", []int{0, 1, 2, 3}, []string{"ana", "ben", "ana", "ben"}},
	{"a tree of two authors", []int{0, 1, 1, 2}, []string{"ana", "ben", "ana", "ana"}},
	{"all answers by another", []int{0, 1, 2, 3}, []string{"ana", "ben", "ben", "ben"}},
}

// thread is one thread, whose ids nothing else has.
type thread struct {
	shape
	key        string
	visibility desk.Visibility
	context    bool
}

func (h thread) author(n int) desk.ActorID {
	return desk.ActorID("https://" + h.key + ".example/users/" + h.authors[n-1])
}

func (h thread) object(n int) desk.ObjectID {
	return desk.ObjectID(fmt.Sprintf("https://%s.example/notes/%d", h.key, n))
}

// part is a part of the thread, as it is heard.
func (h thread) part(n int) app.Heard {
	who := h.author(n)
	p := desk.Post{Object: h.object(n), Author: who, Text: fmt.Sprintf("part %d", n), Mentions: []desk.ActorID{helpDesk}, Visibility: h.visibility}
	if h.answers[n-1] > 0 {
		p.InReplyTo = h.object(h.answers[n-1])
	}
	if h.context {
		p.Context = "https://" + h.key + ".example/context"
	}
	return app.Heard{Post: p, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"}, Addressed: []desk.ActorID{helpDesk}, Source: app.Inbox}
}

const helpDesk = desk.ActorID("https://help.acme.example/desks/help")

// orders lists all orders of four parts.
func orders() (all [][]int) {
	var next func(order []int)
	next = func(order []int) {
		if len(order) == 4 {
			all = append(all, slices.Clone(order))
		}
		for n := 1; n <= 4; n++ {
			if !slices.Contains(order, n) {
				next(append(order, n))
			}
		}
	}
	next(nil)
	return all
}

// each calls f with every kind of thread, in every order.
func each(f func(h thread, order []int)) {
	count := 0
	for _, s := range shapes {
		for _, v := range []desk.Visibility{desk.VisibilityDirect, desk.VisibilityPublic} {
			for _, context := range []bool{false, true} {
				for _, order := range orders() {
					count++
					f(thread{s, fmt.Sprint("t", count), v, context}, order)
				}
			}
		}
	}
}

func (h thread) String() string {
	return fmt.Sprintf("%s, %s, context %v", h.name, h.visibility, h.context)
}

// isOne fails unless all parts are in one issue, of the author of the first part,
// and no other issue of the thread is open.
func (r *threads) isOne(h thread, order any) {
	r.Helper()
	fine(r.T, r.nodes[0].View(ctx, func(tx *app.Tx) error {
		in := map[desk.IssueID][]int{}
		var first desk.IssueID
		for n := 1; n <= 4; n++ {
			p, ok, err := tx.Posts().ByObject(h.object(n))
			if err != nil || !ok {
				return fmt.Errorf("%v: part %d: %v, %w", h, n, ok, err)
			}
			if n == 1 {
				first = p.Issue
			}
			in[p.Issue] = append(in[p.Issue], n)
		}
		i, _, err := tx.Issues().Get(first)
		if err != nil {
			return err
		}
		if len(in) != 1 || i.Reporter != h.author(1) || i.Status != desk.StatusNew {
			r.Errorf("%v, in the order %v: the parts are in %v; the first one's is %s's and %s", h, order, in, i.Reporter, i.Status)
		}
		for _, who := range []string{"ana", "ben"} {
			reporter := desk.ActorID("https://" + h.key + ".example/users/" + who)
			for other, err := range eachIssueOf(tx, reporter) {
				if err != nil {
					return err
				}
				if other.ID != first && other.Status != desk.StatusClosed {
					r.Errorf("%v, in the order %v: %s has another issue, which is %s", h, order, who, other.Status)
				}
			}
		}
		return nil
	}))
}

func eachIssueOf(tx *app.Tx, who desk.ActorID) func(func(desk.Issue, error) bool) {
	return func(yield func(desk.Issue, error) bool) {
		all, _, err := tx.Issues().ByReporter(who, store.Page{})
		if err != nil {
			yield(desk.Issue{}, err)
			return
		}
		for _, i := range all {
			if !yield(i, nil) {
				return
			}
		}
	}
}

// The order in which the parts of a thread come decides nothing: they are one
// issue, of the author of the first part. Nothing is fetched here, as nothing can be
// of a direct thread.
func TestEveryOrderIsOneIssue(t *testing.T) {
	onStores(t, func(r *threads) {
		each(func(h thread, order []int) {
			if len(r.nodes) > 1 && h.visibility != desk.VisibilityDirect {
				return // public threads differ in nothing that a store sees
			}
			for n, part := range order {
				_, err := r.nodes[n%len(r.nodes)].Hear(ctx, h.part(part))
				fine(t, err)
			}
			r.isOne(h, order)
		})
	})
}

// Four parts that are heard at the same moment, on two nodes, are one issue.
func TestPartsAtOnceAreOneIssue(t *testing.T) {
	onStores(t, func(r *threads) {
		count := 0
		for _, s := range shapes {
			for _, v := range []desk.Visibility{desk.VisibilityDirect, desk.VisibilityPublic} {
				for round := range 5 {
					count++
					h := thread{s, fmt.Sprint("p", count), v, round%2 == 1}
					var all sync.WaitGroup
					start, errs := make(chan struct{}), make([]error, 4)
					for n := range 4 {
						all.Go(func() {
							<-start
							_, errs[n] = r.nodes[n%len(r.nodes)].Hear(ctx, h.part(n+1))
						})
					}
					close(start)
					all.Wait()
					for _, err := range errs {
						fine(r.T, err)
					}
					r.isOne(h, "at once")
				}
			}
		}
	})
}

// What agents did in the issue of an answer stays there, and the two are linked.
// What they said to each other goes along.
func TestAnswersThatWereWorkedOn(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(*app.App, desk.IssueID) error
		left bool
	}{
		"nothing": {func(*app.App, desk.IssueID) error { return nil }, false},
		"a comment": {func(a *app.App, i desk.IssueID) error {
			_, err := a.Comment(ctx, app.By{}, i, "who knows them?")
			return err
		}, false},
		"a reply": {func(a *app.App, i desk.IssueID) error {
			_, err := a.Reply(ctx, app.By{}, app.ReplyInput{Issue: i, Text: "Which street?", Now: true})
			return err
		}, true},
		"a reply that waits": {func(a *app.App, i desk.IssueID) error {
			_, err := a.Reply(ctx, app.By{}, app.ReplyInput{Issue: i, Text: "Which street?"})
			return err
		}, true},
		"a status": {func(a *app.App, i desk.IssueID) error {
			_, err := a.SetStatus(ctx, app.By{}, app.StatusInput{Issue: i, Change: desk.StatusChange{To: desk.StatusAcknowledged}})
			return err
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			onStores(t, func(r *threads) {
				h := thread{shapes[2], "w", desk.VisibilityDirect, false}
				answer, err := r.nodes[0].Hear(ctx, h.part(2))
				fine(t, err)
				fine(t, c.act(r.nodes[0], answer.Issue))
				report, err := r.nodes[0].Hear(ctx, h.part(1))
				fine(t, err)
				if report.Outcome != app.Opened || report.Issue == answer.Issue {
					r.Fatalf("the report: %+v", report)
				}
				r.linked(answer.Issue, report.Issue)
				entries := r.said(report.Issue)
				if want := 2; c.left != (len(entries) < want) {
					r.Errorf("in the report's issue: %q", entries)
				}
				if name == "a comment" && !slices.ContainsFunc(entries, func(s string) bool { return strings.Contains(s, "who knows them?") }) {
					r.Errorf("the comment is lost: %q", entries)
				}
				fine(t, r.nodes[0].View(ctx, func(tx *app.Tx) error {
					i, _, err := tx.Issues().Get(answer.Issue)
					if closed := i.Status == desk.StatusClosed; closed == c.left {
						r.Errorf("the issue of the answer is %s", i.Status)
					}
					return err
				}))
			})
		})
	}
}

// said lists the posts of an issue.
func (r *threads) said(id desk.IssueID) (out []string) {
	r.Helper()
	fine(r.T, r.nodes[0].View(ctx, func(tx *app.Tx) error {
		for p, err := range store.EachOf(tx.Posts().ByIssue, id) {
			if err != nil {
				return err
			}
			out = append(out, string(p.Role)+" "+p.Text)
		}
		return nil
	}))
	return out
}

// linked fails unless each issue's history names the other.
func (r *threads) linked(a, b desk.IssueID) {
	r.Helper()
	fine(r.T, r.nodes[0].View(ctx, func(tx *app.Tx) error {
		for from, to := range map[desk.IssueID]desk.IssueID{a: b, b: a} {
			found := false
			for e, err := range store.EachOf(tx.Events().ByIssue, from) {
				if err != nil {
					return err
				}
				found = found || e.Kind == desk.KindLink && e.Text == string(to)
			}
			if !found {
				r.Errorf("the history of %s does not name %s", from, to)
			}
		}
		return nil
	}))
}

// An activity that an earlier program accepted, under the name that it had then, is not
// accepted once more, except after an Undo.
func TestAcceptedByAnEarlierProgram(t *testing.T) {
	l := newLimited(t)
	l.ok(l.Update(ctx, func(tx *app.Tx) error {
		_, _, err := tx.Once().Put("inbound:Create x", []byte("said"), tx.Now.Add(time.Hour))
		return err
	}))
	take := func(in app.Intake) drop.Reason {
		t.Helper()
		why, err := l.QueueInbound(ctx, in)
		l.ok(err)
		return why
	}
	in := app.Intake{Key: "Create x", Says: "said", Lane: "x", Payload: []byte("{}"), Remember: time.Hour}
	if why := take(in); why != drop.Duplicate {
		t.Errorf("accepted again: %q", why)
	}
	if why := take(app.Intake{Key: "Undo", Lane: "y", Payload: []byte("{}"), Undoes: []string{"Create x"}}); why != drop.Kept {
		t.Errorf("%q", why)
	}
	if why := take(in); why != drop.Kept {
		t.Errorf("after an Undo: %q", why)
	}
	if why := take(in); why != drop.Duplicate {
		t.Errorf("accepted again: %q", why)
	}
}
