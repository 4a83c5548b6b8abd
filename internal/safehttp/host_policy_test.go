package safehttp

import (
	"context"
	"errors"
	"testing"

	"earshot/internal/desk"
)

func TestHostPolicy(t *testing.T) {
	errStore := errors.New("no database")
	p := HostPolicy{Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Blocked: func(_ context.Context, h desk.Host) (bool, error) {
		if h == "doubt.example" {
			return false, errStore
		}
		return h == "blocked.example", nil
	}}
	for _, c := range []struct {
		host            desk.Host
		document, about error
	}{
		{"m.example", nil, nil},
		{"help.acme.example", ErrOurs, ErrOurs},
		{"acme.example", nil, ErrOurs},
		{"blocked.example", ErrBlocked, ErrBlocked},
		{"doubt.example", errStore, errStore},
	} {
		if err := p.Host(t.Context(), c.host); !errors.Is(err, c.document) {
			t.Errorf("Host of %s: %v, want %v", c.host, err, c.document)
		}
		if err := p.Server(t.Context(), c.host); !errors.Is(err, c.about) {
			t.Errorf("Server of %s: %v, want %v", c.host, err, c.about)
		}
	}
	p.Blocked = nil
	if err := p.Host(t.Context(), "blocked.example"); err != nil {
		t.Errorf("without blocks: %v", err)
	}
}
