package auth

import (
	"context"
	"testing"

	"earshot/internal/desk"
)

// A flood of sign-ins is refused at once; it does not queue up without end.
func TestHashingIsBounded(t *testing.T) {
	h := newHasher()
	for range cap(h.slots) {
		h.slots <- struct{}{} // all are at work
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	for range cap(h.waiting) {
		go func() { _, err := h.verify(ctx, good, ""); ended <- err }()
	}
	for len(h.waiting) < cap(h.waiting) {
		select {
		case err := <-ended:
			t.Fatalf("one did not wait: %v", err)
		default:
		}
	}
	if _, err := h.verify(ctx, good, ""); desk.ErrorCode(err) != desk.CodeUnavailable {
		t.Errorf("one too many: %v", err)
	}
	cancel()
	for range cap(h.waiting) {
		<-ended
	}
	for range cap(h.slots) {
		<-h.slots
	}
	if ok, err := h.verify(t.Context(), good, ""); ok || err != nil {
		t.Errorf("afterwards: %v, %v", ok, err)
	}
}

// A link works only once, even if many clients use it at the same moment.
func TestLinkIsUsedOnlyOnce(t *testing.T) {
	f := newFixture(t, site)
	f.add(t, "ana@acme.example", desk.RoleAdmin)
	code := f.link(t, "ana@acme.example")
	nodes := []*Accounts{f.node(), f.node()}
	came := make(chan error)
	for n := range 6 {
		go func() {
			_, _, err := nodes[n%2].Welcome(t.Context(), Newcomer{Code: code, Password: good}, f.from)
			came <- err
		}()
	}
	in := 0
	for range 6 {
		if err := <-came; err == nil {
			in++
		} else {
			wantCode(t, "one of the others", err, desk.CodeUnauthenticated)
		}
	}
	if in != 1 {
		t.Errorf("%d came in by one link", in)
	}
}
