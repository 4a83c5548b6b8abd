package inbox

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/clock"
	"earshot/internal/drop"
	"earshot/store"
	"earshot/store/bolt"
)

// While too much waits everybody is asked to come back, before anything is
// read or verified; when less waits they are welcome again.
func TestGate(t *testing.T) {
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	jobs := func(f func(store.Jobs) error) {
		t.Helper()
		if err := s.Update(t.Context(), "op", func(tx store.Tx) error { return f(tx.Jobs()) }); err != nil {
			t.Fatal(err)
		}
	}
	var answers []Outcome
	// Nothing else is set: a request that goes on past the gate breaks.
	in := &Inbox{Gate: &Gate{Store: s, Clock: c, Log: slog.New(slog.DiscardHandler), Limit: 3}, Observe: func(a Outcome) { answers = append(answers, a) }}
	post := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/inbox", strings.NewReader("no activity"))
		r.Header.Set("Content-Type", "application/activity+json")
		w := httptest.NewRecorder()
		in.ServeHTTP(w, r)
		return w
	}
	if w := post(); w.Code != http.StatusBadRequest {
		t.Errorf("nothing waits: %d", w.Code)
	}
	for _, q := range []store.Queue{store.QueueInbound, store.QueueFetch} {
		jobs(func(j store.Jobs) error {
			for n := range 3 {
				if _, err := j.Add(store.Job{ID: fmt.Sprint(q, n), Queue: q, Due: c.Now(), Added: c.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		c.Advance(countEvery)
		if w := post(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "60" {
			t.Errorf("%s: %d %v", q, w.Code, w.Header())
		}
		jobs(func(j store.Jobs) error { _, err := j.Drop(fmt.Sprint(q, 0), c.Now()); return err })
		if w := post(); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: the queues are counted at every request", q)
		}
		c.Advance(countEvery)
		if w := post(); w.Code != http.StatusBadRequest {
			t.Errorf("%s: less waits: %d", q, w.Code)
		}
	}
	in.Gate.Limit = 0
	if w := post(); w.Code != http.StatusBadRequest {
		t.Errorf("no limit: %d", w.Code)
	}
	for _, a := range answers {
		if a != (Outcome{503, drop.Overloaded}) && a != (Outcome{400, drop.Malformed}) {
			t.Errorf("observed %+v", a)
		}
	}
	if len(answers) != 8 {
		t.Errorf("%d answers were observed", len(answers))
	}
}

// While many activities are being stored at the same moment, those that are stored
// already wait, until half of the room for them is used.
func TestArriving(t *testing.T) {
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	in := &Inbox{Gate: &Gate{Store: s, Clock: c, Log: slog.New(slog.DiscardHandler), Limit: 4}}
	want := func(arriving bool, when string) {
		t.Helper()
		c.Advance(countEvery)
		in.Gate.shut(t.Context())
		if got := in.Arriving(); got != arriving {
			t.Errorf("%s: %v", when, got)
		}
	}
	var stored []func()
	for range manyArrivals - 1 {
		stored = append(stored, in.arrive())
	}
	want(false, "few are being stored")
	stored = append(stored, in.arrive())
	want(true, "many are being stored")
	err = s.Update(t.Context(), "op", func(tx store.Tx) error {
		for n := range 2 {
			if _, err := tx.Jobs().Add(store.Job{ID: fmt.Sprint(n), Queue: store.QueueInbound, Due: c.Now(), Added: c.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want(false, "half of the room is used")
	err = s.Update(t.Context(), "op2", func(tx store.Tx) error { _, err := tx.Jobs().Drop("0", c.Now()); return err })
	if err != nil {
		t.Fatal(err)
	}
	want(true, "less waits")
	for _, done := range stored {
		done()
	}
	want(false, "all are stored")
}
