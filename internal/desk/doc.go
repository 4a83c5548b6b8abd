// Package desk is the domain: desks, issues, posts, their statuses, and the
// manners that say who may be written to. It is pure: no network, no storage,
// no clock and no randomness; those come in as arguments.
package desk
