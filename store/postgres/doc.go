// Package postgres is the store on PostgreSQL, for more than one node. It is
// the only importer of pgx.
//
// # Transactions
//
// View is REPEATABLE READ, READ ONLY. Update is SERIALIZABLE: PostgreSQL ends
// all but one of those that could not have run one after the other, and the
// function runs again. Every Update locks the empty table "turn" in shared
// mode; one that lost twice locks it alone, before its snapshot is taken, and
// then cannot lose. A node that lost takes its next updates alone at once, for
// a while (see contention): PostgreSQL notices conflicts by pages of indexes,
// so that small, busy tables have many that are none.
//
// An Update that does nothing but lease jobs, extend leases and give jobs back
// is READ COMMITTED, so that FOR UPDATE SKIP LOCKED skips what others are
// taking instead of failing on it. This is as good as serializable: each of
// these is one statement on rows that it locks, looking at nothing else; a job
// that somebody is changing may be missed, as if it had not been there yet,
// and its watchers are told when it is. When such an update turns to something
// else, its function is run again as SERIALIZABLE. For serializable updates
// there is one thing to mind: with the version of a job that a claim replaces,
// PostgreSQL forgets who had read it. Who writes because of a job that is there
// locks it (see behind).
//
// # Answers that get lost
//
// An update writes its operation's id in the same transaction. If the
// connection breaks while it commits, the next attempt writes the id first:
// that waits for the lost one to end, and fails if it was made. Then it waits
// for the standby, if there is one, as that one's commit was meant to. Where
// there is one, so does an update that found nothing to write (see recordIfWaiting).
//
// # Layout
//
// See migrations: each is a step to the next format, and ends programs that do
// not know it unless its file is named additive (docs/adr/0012). Whoever shares
// a database between instances gives each a schema of its own by search_path in
// the DSN. Connection poolers that change connections between transactions are
// not supported.
package postgres
