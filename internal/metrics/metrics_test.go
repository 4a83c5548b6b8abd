package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/bolt"
)

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains(text, l+"\n") {
			t.Errorf("there is no line %q", l)
		}
	}
}

func TestEvents(t *testing.T) {
	m := New("1.2.3", State{})
	m.Request("inbox", 202, 20*time.Millisecond)
	m.Request("inbox", 202, 20*time.Millisecond)
	m.Request("pages", 70_000, time.Second)
	m.Inbox(401, "signature")
	m.Job("deliver", "retried", 3*time.Second)
	m.Delivery("failed")
	m.Alert("gatus", "drafted")
	m.Commit("ok", 7, 5*time.Millisecond)
	text := scrape(t, m)
	has(t, text,
		`earshot_http_requests_total{class="inbox",status="202"} 2`,
		`earshot_http_requests_total{class="pages",status="other"} 1`,
		`earshot_http_request_duration_seconds_bucket{class="inbox",le="0.01"} 0`,
		`earshot_http_request_duration_seconds_bucket{class="inbox",le="0.025"} 2`,
		`earshot_inbox_answers_total{reason="signature",status="401"} 1`,
		`earshot_jobs_total{outcome="retried",queue="deliver"} 1`,
		`earshot_job_duration_seconds_sum{queue="deliver"} 3`,
		`earshot_deliveries_total{outcome="failed"} 1`,
		`earshot_alerts_total{result="drafted",source="gatus"} 1`,
		`earshot_store_commits_total{outcome="ok"} 1`,
		`earshot_store_commit_updates_bucket{le="4"} 0`,
		`earshot_store_commit_updates_bucket{le="8"} 1`)
	for _, part := range []string{`earshot_build_info{go_version="go`, `version="1.2.3"} 1`, "go_goroutines ", "go_memstats_heap_inuse_bytes "} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %s", part)
		}
	}
	if strings.Contains(text, "earshot_jobs_waiting") {
		t.Error("state that nobody gave is shown")
	}
}

func TestStateOfStore(t *testing.T) {
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := clock.NewFake(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	err = s.Update(t.Context(), "op", func(tx store.Tx) error {
		for n := range 1200 {
			h := store.HostState{Host: desk.Host(fmt.Sprintf("host-%d.example", n)), Failures: 9}
			if n%2 == 0 {
				h.DownUntil = c.Now().Add(time.Hour)
			}
			if err := tx.Hosts().Put(h); err != nil {
				return err
			}
		}
		for n := range 3 {
			due := c.Now().Add(-time.Duration(n) * time.Minute)
			if _, err := tx.Jobs().Add(store.Job{ID: fmt.Sprint("j", n), Queue: store.QueueDeliver, Due: due, Added: due, Lane: []string{"", "a", "a"}[n]}); err != nil {
				return err
			}
		}
		for n, kind := range []string{"tag-actor", "tag-actor", "relay"} {
			src := store.Source{ID: desk.SourceID(fmt.Sprint("s", n)), Kind: kind, Actor: desk.ActorID(fmt.Sprint("https://a.example/", n)), Heard: 10, Matched: n}
			if err := tx.Sources().Put(src); err != nil {
				return err
			}
		}
		return tx.Quarantine().Put(desk.Quarantined{Object: "https://a.example/notes/1", Author: desk.Actor{ID: "https://a.example/u"}, Since: c.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	state := OfStore(s, c)
	state.File = func(context.Context) (File, error) { return File{}, errors.New("no file") }
	state.LastBackup = func(context.Context) (time.Time, bool, error) { return c.Now(), true, nil }
	state.Caches = func() map[string]int { return map[string]int{"actors": 5} }
	state.Ready = func(context.Context) error { return errors.New("stopping") }
	text := scrape(t, New("", state))
	has(t, text,
		`earshot_hosts_down 600`,
		`earshot_jobs_waiting{queue="deliver"} 3`, `earshot_jobs_waiting{queue="inbound"} 0`, `earshot_jobs_dead{queue="deliver"} 0`,
		`earshot_jobs_overdue_seconds{queue="deliver"} 60`, // the third waits for the second, not for us
		`earshot_heard_total{kind="tag-actor"} 20`, `earshot_matched_total{kind="tag-actor"} 1`, `earshot_matched_total{kind="relay"} 2`,
		`earshot_quarantined 1`,
		`earshot_last_backup_timestamp_seconds 1.767312e+09`,
		`earshot_cache_entries{cache="actors"} 5`, `earshot_ready 0`,
		`earshot_gathered{part="file"} 0`, `earshot_gathered{part="queues"} 1`)
	if strings.Contains(text, "host-1") || strings.Contains(text, "a.example") {
		t.Error("a label names a server or an actor")
	}
	if strings.Contains(text, "earshot_store_file_bytes") {
		t.Error("a part that failed is shown")
	}
}
