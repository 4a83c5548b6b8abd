// Package town is a small citizens' server over real ActivityPub, for the demo
// and the end-to-end tests: people who write posts with tags and mentions, and
// read in their own thread what a desk answers.
//
// It behaves as Mastodon does where a provider's instance can tell: who is
// sent what, what counts as a mention, when an edit is an edit, what a server
// in secure mode asks of a GET. It shares the codec for reading, the signature
// scheme and the HTTP client with the instance, and nothing of its federation
// logic: documents are built here by hand, addresses, audiences, threads and
// deliveries are its own, so that a mistake on one side shows on the other.
//
// State is in memory and bounded; the town forgets when the process ends. There
// are no passwords: a client that reaches its pages may act as any person. It
// must never face the internet.
package town
