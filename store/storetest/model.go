package storetest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"earshot/internal/desk"
	"earshot/store"
)

// model is what a store should hold, kept in the simplest way.
type model struct {
	issues     map[desk.IssueID]desk.Issue
	posts      map[desk.PostID]desk.Post
	follows    map[[2]string]store.Follow
	deliveries map[[2]string]store.Delivery
	once       map[string]string
	expires    map[string]int
	jobs       map[string]store.Job
	place      map[string]int // in the order of adding and reviving
	places     int
	leases     []held // every lease ever given
}

type held struct {
	id     string
	number uint64
}

func newModel() *model {
	return &model{
		issues: map[desk.IssueID]desk.Issue{}, posts: map[desk.PostID]desk.Post{},
		follows: map[[2]string]store.Follow{}, deliveries: map[[2]string]store.Delivery{},
		once: map[string]string{}, expires: map[string]int{},
		jobs: map[string]store.Job{}, place: map[string]int{},
	}
}

func (m *model) clone() *model {
	c := *m
	c.issues, c.posts, c.follows, c.deliveries = maps.Clone(m.issues), maps.Clone(m.posts), maps.Clone(m.follows), maps.Clone(m.deliveries)
	c.once, c.expires = maps.Clone(m.once), maps.Clone(m.expires)
	c.jobs, c.place, c.leases = maps.Clone(m.jobs), maps.Clone(m.place), slices.Clone(m.leases)
	return &c
}

// step does one thing to the store and to the model and compares the answers.
type step func(t fatal, tx store.Tx, m *model)

// drawStep draws all that is random about a step, so that it can be run again.
func drawStep(t *rapid.T) step {
	return rapid.SampledFrom([]func(*rapid.T) step{
		drawIssue, drawPost, drawFollow, drawDelivery, drawOnce, drawAdd, drawLease, drawEnd, drawEnd, drawRevive,
	}).Draw(t, "kind")(t)
}

// testModel makes random updates, a fifth of which fail at the end, and
// compares everything the store says with the model. EARSHOT_MODEL_STEPS says
// how many steps it goes at least; each of its histories begins with an empty store.
func testModel(t *testing.T, open func(testing.TB) store.Store) {
	least := 1
	if s := os.Getenv("EARSHOT_MODEL_STEPS"); s != "" {
		var err error
		if least, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	var histories, made int
	for made < least && !t.Failed() {
		rapid.Check(t, func(rt *rapid.T) { histories++; made += walkModel(t, rt, open) })
		t.Logf("the model and the store agreed in %d steps of %d histories", made, histories)
	}
}

// walkModel goes one history and returns how many steps it has.
func walkModel(t *testing.T, rt *rapid.T, open func(testing.TB) store.Store) (made int) {
	bare := open(t)
	defer checkAndClose(t, bare)
	s := twice{bare}
	m := newModel()
	for range rapid.IntRange(1, 12).Draw(rt, "updates") {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 1, 8).Draw(rt, "steps")
		fails := rapid.IntRange(0, 4).Draw(rt, "fails") == 0
		var after *model
		err := s.Update(t.Context(), newOp(), func(tx store.Tx) error {
			after = m.clone()
			for _, step := range steps {
				step(rt, tx, after)
			}
			if fails {
				return errMine
			}
			return nil
		})
		if fails != errors.Is(err, errMine) || (!fails && err != nil) {
			rt.Fatalf("update: %v", err)
		}
		if !fails {
			m = after
		}
		made += len(steps)
		noError(rt, s.View(t.Context(), func(tx store.Tx) error {
			m.compareRecords(rt, tx)
			m.compareJobs(rt, tx)
			return nil
		}))
	}
	return made
}

func few(prefix string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(prefix, rapid.IntRange(0, 4).Draw(t, prefix)) })
}

func minute(t *rapid.T, name string) int { return rapid.IntRange(0, 6).Draw(t, name) }
