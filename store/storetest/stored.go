package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"earshot/store"
)

// RunStored verifies that a store which an earlier program filled, and the present
// one has opened, still has every record: was holds the records of the earlier
// one. Records may have got more members; a job's members about its order are not
// compared. A migration that changes stored members says so here.
func RunStored(t *testing.T, s store.Store, was map[store.RecordKind][]json.RawMessage) {
	t.Helper()
	all := 0
	for kind, before := range was {
		var is []map[string]any
		view(t, s, func(tx store.Tx) error {
			is = nil
			for _, r := range paged(t, 100, func(p store.Page) ([]store.Record, string, error) { return tx.Records().List(kind, p) }) {
				is = append(is, members(t, r.JSON))
			}
			return nil
		})
		for _, raw := range before {
			r := members(t, raw)
			at := slices.IndexFunc(is, func(m map[string]any) bool { return m != nil && holds(m, r) })
			if at < 0 {
				t.Errorf("a record of kind %s is missing or has lost something: %.300s", kind, raw)
				continue
			}
			is[at] = nil // each stands for one
			all++
		}
	}
	if all < 100 {
		t.Errorf("only %d records were found: this shows little", all)
	}
	t.Logf("%d records are there", all)
}

func members(t *testing.T, raw []byte) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(fmt.Errorf("a record is no object: %w: %.200s", err, raw))
	}
	for _, turn := range []string{"seq", "head", "lease", "leased_until"} {
		delete(m, turn)
	}
	return m
}

// holds says whether a value has all that another has.
func holds(is, was any) bool {
	switch was := was.(type) {
	case map[string]any:
		is, _ := is.(map[string]any)
		for k, v := range was {
			if !holds(is[k], v) {
				return false
			}
		}
		return true
	case []any:
		is, _ := is.([]any)
		return slices.EqualFunc(is, was, holds)
	}
	return is == was
}
