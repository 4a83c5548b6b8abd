package app_test

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// TestWithdrawalsBound: one domain, however many hosts it has, keeps its last
// thousand, and costs others nothing.
func TestWithdrawalsBound(t *testing.T) {
	h := newHouse(t)
	post := func(n int) (desk.ObjectID, desk.ActorID) {
		host := fmt.Sprintf("https://h%d.many.example", n)
		return desk.ObjectID(host + "/1"), desk.ActorID(host + "/ana")
	}
	other := app.WithdrawnPost("https://m.example/notes/x", "https://m.example/ana")
	h.ok(h.Withdraw(ctx, other))
	const over = 5
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		for n := range 1000 + over {
			tx.Now = h.Now().Add(time.Duration(n) * time.Millisecond)
			if err := tx.Withdraw(app.WithdrawnPost(post(n))); err != nil {
				return err
			}
		}
		return nil
	}))
	count := 0
	h.ok(h.View(ctx, func(tx *app.Tx) (err error) { count, err = tx.Withdrawals().Count(""); return err }))
	if count != 1001 {
		t.Errorf("%d are remembered, want 1000 of the one domain and 1 of the other", count)
	}
	before := func(w app.Withdrawal) bool {
		yes, err := h.WithdrawnBefore(ctx, fmt.Sprint(w), w)
		h.ok(err)
		return yes
	}
	for n, want := range map[int]bool{0: false, over - 1: false, over: true, 1000 + over - 1: true} {
		if got := before(app.WithdrawnPost(post(n))); got != want {
			t.Errorf("post %d: %v, want %v", n, got, want)
		}
	}
	if !before(other) {
		t.Error("another domain's was forgotten")
	}
}
