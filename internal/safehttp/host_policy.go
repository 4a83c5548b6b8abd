package safehttp

import (
	"context"
	"errors"
	"fmt"

	"earshot/internal/desk"
)

// Why a host is not asked.
var (
	ErrOurs    = errors.New("it leads to this server")
	ErrBlocked = errors.New("the host is blocked")
)

// A HostPolicy says which hosts are never asked: our own, and those that are blocked.
// Check every hop: a redirect must not lead there either.
type HostPolicy struct {
	Site    desk.Site
	Blocked func(context.Context, desk.Host) (bool, error) // nil: no host is
}

// Host checks a host that is asked for a document: ErrOurs, ErrBlocked, or
// another error if blocks cannot be looked up. In doubt no host is asked.
func (p HostPolicy) Host(ctx context.Context, host desk.Host) error {
	if host == p.Site.Host() {
		return ErrOurs
	}
	if p.Blocked == nil {
		return nil
	}
	blocked, err := p.Blocked(ctx, host)
	if err != nil {
		return fmt.Errorf("look up a block: %w", err)
	}
	if blocked {
		return ErrBlocked
	}
	return nil
}

// Server checks a host that is asked about itself or its accounts. There the
// domain in our handles is ours too.
func (p HostPolicy) Server(ctx context.Context, host desk.Host) error {
	if p.Ours(host) {
		return ErrOurs
	}
	return p.Host(ctx, host)
}

// Ours says whether a host is our own, or the domain in our handles.
func (p HostPolicy) Ours(host desk.Host) bool {
	return host == p.Site.Host() || host == p.Site.HandleDomain
}
