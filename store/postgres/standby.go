package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// errNotWaited: if an admin cancels a commit's wait for a standby
// (pg_cancel_backend), PostgreSQL reports success, with a warning.
var errNotWaited = errors.New("postgres: the wait for a standby was cancelled")

// warned is the key under which a connection records a warning of the server.
const warned = "earshot.warned"

// recordWarning hears what a server says beside its answers.
func recordWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		c.CustomData()[warned] = true
	}
}

// lasting runs statements that end with a commit. While only the primary has
// it, no caller may learn that it was made.
func (t *tx) lasting(sql string) ([]*pgconn.Result, error) {
	c := t.conn.PgConn()
	delete(c.CustomData(), warned)
	results, err := c.Exec(t.ctx, sql).ReadAll()
	if err == nil && c.CustomData()[warned] != nil {
		err = errNotWaited
	}
	return results, err
}

// recordIfWaiting is record where commits wait for a standby. An update that
// wrote nothing would not wait. But the records that it found may be on the
// primary only, if the wait for them was cancelled, and its caller will act on
// them.
func (u *update) recordIfWaiting() string {
	return `insert into ops (op) select '\x` + u.op + `' where current_setting('synchronous_standby_names') <> ''`
}
