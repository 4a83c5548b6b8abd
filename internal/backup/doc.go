// Package backup writes everything an instance keeps into one file, and loads
// it into an empty store.
//
// # The file
//
//	header   one line of JSON: format, instance, when, how many records
//	body     gzip: one line of JSON a record, in the order of store.RecordKinds;
//	         before them, if the header says so, one line with the secret
//	trailer  a newline and one line of JSON: how many records were written,
//	         and the SHA-256 of every byte before that newline
//
// It is taken from one snapshot of the store, so it is consistent even if much
// is written meanwhile. The digest tells a file that was cut off or damaged
// from a whole one; it is no proof of who wrote it. The file holds everything
// the instance knows, and usually the secret that decrypts its keys: protect it
// like a password.
//
// # Deletions
//
// A restored store is old: posts that were deleted since would come back. So
// deletions are also kept outside of the store, in a DeletionFile, and Restore
// replays them before the instance can be served.
package backup
