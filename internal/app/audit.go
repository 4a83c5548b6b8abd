package app

import (
	"cmp"
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Audit adds an entry to the audit log, in the same transaction. on names the
// changed thing, like the path of an address; note never holds a secret or a
// text that a person wrote.
func (t *Tx) Audit(by By, what, on, note string) error {
	return t.AuditLog().Add(store.AuditEntry{ID: t.NewID(), At: t.Now, Agent: by.Agent, Via: cmp.Or(by.Via, store.ViaMachine), Token: by.Token,
		What: what, On: on, Note: note})
}

// AuditEntries lists the audit log, newest first.
func (a *App) AuditEntries(ctx context.Context, f store.AuditFilter, p store.Page) (out []store.AuditEntry, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.AuditLog().List(f, p); return err })
	return out, next, err
}

// auditExpire is how long the audit log goes back.
const auditExpire = 400 * 24 * time.Hour

// auditOn is of a deed whose result says nothing.
func auditOn(on string) func(Ack) (string, string) {
	return func(Ack) (string, string) { return on, "" }
}

// statusNote says of a changed issue how it stands.
func statusNote(i desk.Issue) string {
	if i.Assignee != "" {
		return string(i.Status) + ", " + string(i.Assignee)
	}
	return string(i.Status)
}
