package app_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Very many posts of one reporter do not hide the newest entries.
func TestLongTimeline(t *testing.T) {
	h := newHouse(t)
	id := h.hear("ana", "1", "down", "").Issue
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		for n := range 6000 {
			e := desk.Event{ID: desk.EventID(fmt.Sprintf("e-%04d", n)), Issue: id, Kind: desk.KindNotice, At: tx.Now, Text: fmt.Sprint(n)}
			if err := tx.Events().Add(e); err != nil {
				return err
			}
		}
		return nil
	}))
	got := h.view(id).Timeline
	if len(got) != 5000 || got[0].Event.Kind != desk.KindReport || got[1].Event.Text != "1001" || got[4999].Event.Text != "5999" {
		t.Errorf("%d entries, from %s, %s to %s", len(got), got[0].Event.Kind, got[1].Event.Text, got[len(got)-1].Event.Text)
	}
}
