package metrics

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/drop"
)

// full is metrics in which everything has happened.
func full() *Metrics {
	m := New("1", State{
		Queues:     func(context.Context) ([]Queue, error) { return []Queue{{Name: "inbound"}}, nil },
		HostsDown:  func(context.Context) (int, error) { return 1, nil },
		Heard:      func(context.Context) ([]Heard, error) { return []Heard{{"relay", 1, 1}}, nil },
		PutAside:   func(context.Context) (int, error) { return 1, nil },
		File:       func(context.Context) (File, error) { return File{2, 1}, nil },
		LastBackup: func(context.Context) (time.Time, bool, error) { return time.Unix(1, 0), true, nil },
		Caches:     func() map[string]int { return map[string]int{"actors": 1} },
		Taken:      func() map[string]int { return map[string]int{"inbox": 1} },
		Refusals:   func() []Refusals { return []Refusals{{"inbox", "address", 1}} },
		Drops:      func() []drop.Count { return []drop.Count{{Reason: drop.Bot, All: 2, Ours: 1}} },
		Ready:      func(context.Context) error { return nil },
	})
	m.Request("page", 200, time.Second)
	m.Inbox(202, "kept")
	m.Job("inbound", "done", time.Second)
	m.Delivery("delivered")
	m.Alert("gatus", "drafted")
	m.Picture("fetched")
	m.Commit("ok", 1, time.Second)
	return m
}

// offBoard are our metrics without a place on the board: the first is a detail
// of another, the second is for an alert.
var offBoard = map[string]bool{"earshot_job_duration_seconds": true, "earshot_gathered": true}

// The board and the page name only metrics that exist, and all of ours.
func TestDocs(t *testing.T) {
	families, err := full().registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range families {
		there[f.GetName()] = true
	}
	name := regexp.MustCompile(`\b(earshot|go|process)_[a-z_]+[a-z]\b`)
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	for _, file := range []string{"monitoring.md", "grafana-board.json", "limits.md"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations", file))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(file) == ".json" && !json.Valid(b) {
			t.Errorf("%s is not JSON", file)
		}
		shown := map[string]bool{}
		for _, n := range name.FindAllString(string(b), -1) {
			shown[n], shown[suffix.ReplaceAllString(n, "")] = true, true
			if !there[n] && !there[suffix.ReplaceAllString(n, "")] && n != "go_version" {
				t.Errorf("%s shows %s, which there is not", file, n)
			}
		}
		for n := range there {
			all := file == "monitoring.md" || file == "grafana-board.json" && !offBoard[n]
			if all && strings.HasPrefix(n, "earshot_") && !shown[n] {
				t.Errorf("%s does not name %s", file, n)
			}
		}
	}
}
