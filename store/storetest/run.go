// Package storetest is the suite that every backend of store must pass:
// conformance tests one matter a file, and a model test of random operations.
//
// It settles details that the contract leaves open: in lists, records of the
// same time are ordered by id, and newest first is exactly the reverse of
// oldest first; a lookup of text that cannot be stored finds nothing; lists by
// an id are bytewise up to its first kilobyte.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"earshot/store"
)

// Run tests a backend. open returns an empty store; Run closes it, after
// calling Check() error if the store has that.
func Run(t *testing.T, open func(t testing.TB) store.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"Update", testUpdate}, {"ErrorIsolation", testErrorIsolation}, {"Snapshot", testSnapshot},
		{"Context", testContext}, {"Closed", testClosed}, {"Watch", testWatch}, {"Over", testOver},
		{"Text", testText}, {"BadLookups", testBadLookups}, {"LongKeys", testLongKeys},
		{"Pages", testPages}, {"StablePages", testStablePages}, {"ForeignCursors", testForeignCursors}, {"Limit", testLimit},
		{"Meta", testMeta}, {"Desks", testDesks}, {"Keys", testKeys}, {"Actors", testActors}, {"AllActors", testAllActors},
		{"Documents", testDocuments}, {"Blocks", testBlocks}, {"OptOuts", testOptOuts}, {"Hosts", testHosts},
		{"Quarantine", testQuarantine}, {"HeldBack", testHeldBack}, {"Standings", testStandings}, {"Withdrawals", testWithdrawals}, {"Flags", testFlags}, {"Drafts", testDrafts}, {"Phrases", testPhrases}, {"Pictures", testPictures}, {"Files", testFiles}, {"Remarks", testRemarks}, {"Views", testViews},
		{"Incidents", testIncidents}, {"Voices", testVoices}, {"Piles", testPiles}, {"Piled", testPiled}, {"Rounds", testRounds}, {"RoundVoices", testRoundVoices}, {"Destinations", testDestinations},
		{"Follows", testFollows}, {"Deliveries", testDeliveries}, {"Sources", testSources}, {"Sightings", testSightings},
		{"IssuesUnique", testIssuesUnique}, {"IssuesList", testIssuesList}, {"IssuesByReporter", testIssuesByReporter},
		{"PostsLookup", testPostsLookup}, {"PostsLists", testPostsLists}, {"Outbox", testOutbox},
		{"Events", testEvents}, {"Thread", testThread}, {"ThreadBytes", testThreadBytes}, {"CountThread", testCountThread}, {"ManyEntries", testManyEntries}, {"PageBytes", testPageBytes},
		{"Terms", testTerms}, {"CommonTerms", testCommonTerms}, {"Once", testOnce},
		{"JobsLease", testJobsLease}, {"JobsLane", testJobsLane}, {"JobsFence", testJobsFence},
		{"JobsDead", testJobsDead}, {"JobsDrop", testJobsDrop}, {"JobsList", testJobsList},
		{"Agents", testAgents}, {"Credentials", testCredentials}, {"Grants", testGrants}, {"Acts", testActs}, {"Changes", testChanges},
		{"RecordShapes", testRecordShapes},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, twice{opened(t, open)})
		})
	}
	t.Run("Records", func(t *testing.T) { testRecords(t, open) })
	t.Run("Model", func(t *testing.T) { testModel(t, open) })
}

// opened opens a store that is checked and closed when the test ends.
func opened(t testing.TB, open func(testing.TB) store.Store) store.Store {
	s := open(t)
	t.Cleanup(func() { checkAndClose(t, s) })
	return s
}

func checkAndClose(t testing.TB, s store.Store) {
	if c, ok := s.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Errorf("the store is not consistent: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing the store: %v", err)
	}
}

// twice runs every Update's function twice, and throws the first run away: it
// shows that functions can be run again and that nothing is left of a failed one.
type twice struct{ store.Store }

var errDiscard = errors.New("storetest: the first of two runs")

func (s twice) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	err := s.Store.Update(ctx, op, func(tx store.Tx) error {
		_ = f(tx) // it says the same the second time
		return errDiscard
	})
	if !errors.Is(err, errDiscard) {
		if err == nil {
			err = errors.New("storetest: Update hid its function's error")
		}
		return err
	}
	return s.Store.Update(ctx, op, f)
}

// newOp mints the name of one update.
func newOp() store.Op { return store.Op(uuid.NewString()) }

// t0 is when the tests take place.
var t0 = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// at is n minutes later.
func at(n int) time.Time { return t0.Add(time.Duration(n) * time.Minute) }

// update runs f, which must not fail, in an Update.
func update(t testing.TB, s store.Store, f func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), newOp(), f); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// view runs f, which must not fail, in a View.
func view(t testing.TB, s store.Store, f func(store.Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), f); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// fatal is the common part of testing.TB and rapid.T.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// same compares, taking no difference between nil and empty.
func same(t fatal, what string, got, want any) {
	t.Helper()
	if reflect.DeepEqual(got, want) { // much quicker, and stricter
		return
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

// noError stops at an error.
func noError(t fatal, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// all reads a list in pages of several sizes, which must add up to the same.
func all[T any](t fatal, list func(store.Page) ([]T, string, error)) []T {
	t.Helper()
	whole, next, err := list(store.Page{})
	noError(t, err)
	if next != "" {
		t.Fatalf("there is a next page after %d", len(whole))
	}
	for _, size := range []int{1, 2, max(len(whole), 1)} {
		same(t, fmt.Sprintf("in pages of %d", size), paged(t, size, list), whole)
	}
	return whole
}

// paged reads a list page by page.
func paged[T any](t fatal, size int, list func(store.Page) ([]T, string, error)) (items []T) {
	t.Helper()
	p := store.Page{Limit: size}
	for {
		some, next, err := list(p)
		noError(t, err)
		if len(some) > size || (next != "" && len(some) < size) {
			t.Fatalf("a page of %d has %d, next %q", size, len(some), next)
		}
		items = append(items, some...)
		if next == "" {
			return items
		}
		p.After = next
	}
}

// names maps things to their names.
func names[T any](things []T, name func(T) string) []string {
	out := []string{}
	for _, x := range things {
		out = append(out, name(x))
	}
	return out
}
