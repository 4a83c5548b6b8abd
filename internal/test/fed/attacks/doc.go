// Package attacks replays every class of attack that was published against
// ActivityPub servers, one named case a class, against the built program: it
// runs as an operator runs it, and a hostile peer signs for real. Each case
// asserts the refusal, and that nothing was stored, sent or fetched that
// should not have been: the store's records before and after are the same, and
// the peers have counted what they were asked.
//
// The classes are numbered as in docs/security.md, which a test keeps in step.
package attacks
