// Package postgres is the store on PostgreSQL, for more than one node. It is
// the only importer of pgx.
//
// # Transactions
//
// View is REPEATABLE READ, READ ONLY. Update is SERIALIZABLE: of updates that
// could not have run one after the other, PostgreSQL ends all but one, and
// their functions run again. Every Update locks the empty table "turn" in
// shared mode; one that lost twice locks it alone, before its snapshot is
// taken, and then cannot lose. A node that lost runs its next updates alone at
// once, for a while (see contention): PostgreSQL notices conflicts by pages of
// indexes, so small, busy tables have many false ones.
//
// Updates of one node that come together share a transaction, each behind a
// savepoint, in turns (see share.go and docs/adr/0056): they would be in each
// other's way, and each would wait for a sync of the disk of its own. The
// snapshot is younger than each of their calls. One that waits too long for its
// turn, or lost twice, goes alone. Within a transaction a record is read from the
// database once, and a write travels with the next statement.
//
// An Update that only leases jobs, extends leases and gives jobs back is READ
// COMMITTED, so that FOR UPDATE SKIP LOCKED skips jobs that others are taking
// instead of failing on them. This is as good as serializable: each of these is
// one statement that reads only the rows that it locks. It may miss a job that
// another transaction is changing, as if the job did not exist yet; the
// watchers hear of it when that one commits. When such an update does anything
// else, its function runs again as SERIALIZABLE. Serializable updates must mind
// one thing: when a claim replaces the version of a job, PostgreSQL forgets
// which transactions had read it. An update that writes because a job exists
// must lock the job (see behind).
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
// not know it unless its file is named additive (docs/adr/0012). Instances that
// share a database need a schema each, by search_path in the DSN. Connection
// poolers that change connections between transactions are not supported.
package postgres
