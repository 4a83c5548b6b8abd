//go:build linux

package crash

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// check looks, after a round, whether every promise was kept. No server runs
// when it begins, and none when it ends.
func (s *site) check() {
	s.t.Helper()
	s.start()
	s.load.pause()
	if !s.settle() {
		s.find(&s.row.stuck, "nothing moved for %s: %s", standstill, s.waiting())
	}
	s.askAgain()
	s.stop()
	st, err := s.on.open(s.t.Context(), s)
	if err != nil {
		s.t.Fatalf("the store is not consistent: %v", err)
	}
	s.checkIssues(st)
	s.checkReplies(st)
	s.checkTold(st)
	s.checkBegun(st)
	s.checkQueues(st)
	s.checkArrivals()
	s.must(st.Close())
}

// find counts a broken promise, once.
func (s *site) find(count *int, format string, args ...any) {
	s.t.Helper()
	what := fmt.Sprintf(format, args...)
	if !s.found[what] {
		s.found[what] = true
		*count++
		if !s.quiet {
			s.t.Error(what)
		}
	}
}

// settle waits until nothing is waiting or under way any more, as long as something moves.
func (s *site) settle() bool {
	for last := s.waiting(); last != ""; {
		before := last
		if !within(standstill, func() bool { last = s.waiting(); return last != before }) {
			return false
		}
	}
	return true
}

// waiting lists unfinished work, "" for none. The rounds are looked at before
// the jobs: a round makes its last jobs before it is done.
func (s *site) waiting() string {
	out := s.untold() + s.unbegun()
	counts, err := s.client().JobCounts(context.Background())
	if err != nil {
		return err.Error()
	}
	for _, c := range counts {
		if c.Queue != store.QueueTimer && c.Waiting > 0 {
			out += fmt.Sprintf("%s: %d jobs ", c.Queue, c.Waiting)
		}
	}
	return out
}

// askAgain checks that a repeated request gets the first answer.
func (s *site) askAgain() {
	for key, r := range s.load.replied {
		if r.checked {
			continue
		}
		r.checked = true
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		p, ok := s.load.ask(ctx, http.MethodPost, "/api/v1/issues/"+r.issue+"/reply", key, r.request)
		cancel()
		if !ok || string(p.ID) != r.id {
			s.find(&s.row.twice, "the reply %s was acknowledged as %s and is %q when asked again", key, r.id, p.ID)
		}
	}
}

func (s *site) view(st store.Store, f func(store.Tx) error) {
	s.t.Helper()
	s.must(st.View(context.Background(), f))
}

// checkIssues: every accepted post has its issue, once.
func (s *site) checkIssues(st store.Store) {
	issues := map[desk.ObjectID]int{}
	s.view(st, func(tx store.Tx) error {
		for i, err := range store.EachOf(tx.Issues().List, store.IssueFilter{}) {
			if err != nil {
				return err
			}
			issues[i.Report]++
		}
		return nil
	})
	for note := range s.load.accepted {
		if n := issues[note]; n == 0 {
			s.find(&s.row.lost, "%s was answered 202 and is missing", note)
		}
	}
	for note, n := range issues {
		if n > 1 {
			s.find(&s.row.twice, "%s made %d issues", note, n)
		}
	}
}

// checkReplies: every acknowledged reply is kept and has gone somewhere.
func (s *site) checkReplies(st store.Store) {
	at := desk.Site{URL: "http://" + s.addr}
	s.view(st, func(tx store.Tx) error {
		for key, r := range s.load.replied {
			p, ok, err := tx.Posts().Get(desk.PostID(r.id))
			if err != nil {
				return err
			}
			if !ok || p.State != desk.PostPublished || r.deleted && !p.Deleted {
				s.find(&s.row.lost, "the reply %s was acknowledged and is %v, %q, deleted: %v", key, ok, p.State, p.Deleted)
				continue
			}
			tally, err := tx.Deliveries().Tally(app.CreateID(at, p.ID))
			if err != nil {
				return err
			}
			if tally.Delivered == 0 && !p.Deleted {
				s.find(&s.row.lost, "the reply %s was delivered nowhere: %+v", key, tally)
			}
		}
		return nil
	})
}

// checkQueues: nothing died.
func (s *site) checkQueues(st store.Store) {
	s.view(st, func(tx store.Tx) error {
		counts, err := tx.Jobs().Counts()
		for q, c := range counts {
			if c.Dead > 0 {
				s.find(&s.row.stuck, "queue %s: %d dead letters", q, c.Dead)
			}
		}
		return err
	})
}

// arrival holds the activities about one of our posts that reached the peer, in
// order.
type arrival struct {
	first int   // when it first arrived, counted in deliveries
	ranks []int // 0 for the Create, n for the nth Update, gone for the Delete
	words string
	// answers is the post that it answers.
	answers string
}

const gone = 1 << 30

// checkArrivals checks that every promised post has arrived, under one id, in
// order. Repeats under the same id are not counted: receivers recognise them.
func (s *site) checkArrivals() {
	arrived, repeated := s.arrivals()
	s.row.repeated += repeated - s.load.repeated
	s.load.repeated = repeated
	ids := map[string]string{}
	for object, a := range arrived {
		for n := 1; n < len(a.ranks); n++ {
			if a.ranks[n] < a.ranks[n-1] {
				s.find(&s.row.disorder, "%s arrived in the order %v", object, a.ranks)
			}
		}
		key, _, _ := strings.Cut(a.words, " |")
		if other, ok := ids[key]; ok && key != "" && !strings.HasPrefix(key, toldWords) {
			s.find(&s.row.twice, "%q arrived as %s and as %s", key, object, other)
		}
		ids[key] = object
	}
	for _, p := range s.load.pairs {
		one, two := arrived[p[0]], arrived[p[1]]
		if one != nil && two != nil && two.first < one.first {
			s.find(&s.row.disorder, "%s arrived before the earlier reply of its thread, %s", p[1], p[0])
		}
	}
	for key, r := range s.load.replied {
		a := arrived[r.object]
		last := -1
		if a != nil {
			last = a.ranks[len(a.ranks)-1]
		}
		switch {
		case r.deleted:
			// Retracted before it was sent anywhere, it concerns nobody.
			if last != gone && last != -1 {
				s.find(&s.row.lost, "the retraction of %s did not arrive: %d", key, last)
			}
		case !r.deleted && r.edited && last < 1:
			s.find(&s.row.lost, "the edit of %s did not arrive: %d", key, last)
		case last < 0:
			s.find(&s.row.lost, "the reply %s did not arrive", key)
		}
	}
}

// arrivals reads the peer's inbox.
func (s *site) arrivals() (out map[string]*arrival, repeated int) {
	out = map[string]*arrival{}
	seen := map[string]bool{}
	for n, g := range s.peer.Got() {
		id, _ := g.Body["id"].(string)
		if seen[id] {
			repeated++
		}
		seen[id] = true
		object, _ := g.Body["object"].(map[string]any)
		of, _ := object["id"].(string)
		if of == "" {
			of, _ = g.Body["object"].(string)
		}
		if out[of] == nil {
			out[of] = &arrival{first: n}
		}
		a := out[of]
		rank := 0
		switch g.Body["type"] {
		case "Update":
			rank, _ = strconv.Atoi(id[strings.LastIndex(id, "/")+1:])
		case "Delete":
			rank = gone
		case "Create":
			source, _ := object["source"].(map[string]any)
			a.words, _ = source["content"].(string)
			a.answers, _ = object["inReplyTo"].(string)
		}
		a.ranks = append(a.ranks, rank)
	}
	return out, repeated
}
