// Package attacks replays every class of attack that was published against
// ActivityPub servers, one named case a class, against the built program: it
// runs as an operator runs it, and a hostile peer signs for real. Each case
// asserts the refusal, and that nothing was wrongly stored, sent or fetched:
// the store's records before and after are the same, and the peers count their
// requests.
//
// The classes are numbered as in docs/security.md, which a test keeps in step.
package attacks
