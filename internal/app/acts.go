package app

import (
	"cmp"
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Did writes into the audit log what somebody did, in the same transaction. on
// names what it was done to, like the path of an address; note never holds a
// secret or somebody's words.
func (t *Tx) Did(by By, what, on, note string) error {
	return t.Acts().Add(store.Act{ID: t.NewID(), At: t.Now, Agent: desk.Email(by.Agent), Via: cmp.Or(by.Via, store.ViaMachine), Token: by.Token,
		What: what, On: on, Note: note})
}

// Acts lists what was done, newest first.
func (a *App) Acts(ctx context.Context, f store.ActFilter, p store.Page) (out []store.Act, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.Acts().List(f, p); return err })
	return out, next, err
}

// actsExpire is how long the audit log goes back.
const actsExpire = 400 * 24 * time.Hour

// onThis is of a deed whose result says nothing.
func onThis(on string) func(Ack) (string, string) {
	return func(Ack) (string, string) { return on, "" }
}

// note says of a changed issue how it stands.
func note(i desk.Issue) string {
	if i.Assignee != "" {
		return string(i.Status) + ", " + i.Assignee
	}
	return string(i.Status)
}
