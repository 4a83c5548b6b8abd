package app

import (
	"context"
	"time"

	"earshot/internal/address"
	"earshot/internal/desk"
)

// aliasesFor is how long the aliases of desks are believed to be those that were
// read: as long as it takes until another node's change is seen.
const aliasesFor = 10 * time.Second

// aliases are the addresses of desks from before, as they were read.
type aliases struct {
	desks map[string]desk.Handle
	read  time.Time
}

// Addresses returns the book of the instance's addresses.
func (a *App) Addresses(ctx context.Context) (address.Book, error) {
	known := a.aliases.Load()
	if known == nil || a.clock.Now().Sub(known.read) >= aliasesFor {
		known = &aliases{map[string]desk.Handle{}, a.clock.Now()}
		desks, err := a.Desks(ctx)
		if err != nil {
			return address.Book{}, err
		}
		for _, d := range desks {
			for _, alias := range d.Aliases {
				known.desks[alias] = d.Handle
			}
		}
		a.aliases.Store(known)
	}
	return address.Book{Site: a.site, Alias: func(s string) (desk.Handle, bool) {
		h, ok := known.desks[s]
		return h, ok
	}}, nil
}
