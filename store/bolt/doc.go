// Package bolt is the store on one embedded file (go.etcd.io/bbolt). It is
// the only importer of bbolt.
//
// # Group commit
//
// One goroutine, the committer, owns the write transaction. It hands it to one
// waiting Update after the other (each function runs on its caller's own
// goroutine, so a panic, or a test's FailNow, stays there), and commits when
// nobody waits any more. There is no delay: while one batch is being written to
// disk, the next one gathers. A function that fails is rolled back alone, from
// a log of the values that it overwrote; the others of its batch do not notice.
//
// # When the disk says no
//
// See classify: no room is [store.ErrFull] and passes; a failed fdatasync, or
// any other failed write, is final. The kernel may have dropped the pages
// that it could not write, so nothing read back can be believed: Options.Fatal
// is told once, and every later call returns [store.ErrClosed].
//
// # Layout
//
// One top-level bucket a table or index. Records are short JSON (see shorten). Keys are made of
// parts that compare bytewise like their values (see key). An index entry's
// value leads back to its record. Counters are written in the same transaction
// as the records that they count. Check verifies all of it.
package bolt
