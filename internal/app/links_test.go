package app

import (
	"context"
	"testing"
	"time"

	"earshot/internal/desk"
)

// together is a web whose pages answer when all of them were asked; one never does.
type together chan struct{}

func (w together) Mine(ctx context.Context, page string) ([]string, error) {
	if page == "silent" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	w <- struct{}{}
	for len(w) < cap(w) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return []string{"https://help.acme.example/@help/"}, nil
}

// The pages of a desk's links are asked at once; one that is silent spoils no other.
func TestLinksAreAskedAtOnce(t *testing.T) {
	a := &App{site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, web: make(together, 3)}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	proven := a.linkBack(ctx, desk.Desk{Handle: "help", Links: []desk.Link{{URL: "one"}, {URL: "silent"}, {URL: "two"}, {URL: "three"}}})
	if !proven["one"] || !proven["two"] || !proven["three"] || proven["silent"] {
		t.Errorf("proven are %v", proven)
	}
}
