// Package live notifies followers (open pages, API clients) of changes at once:
// those of this node and, through the store's log of changes, those of all
// others.
//
// An event says where to look and never quotes a text. A client then reads the
// issue, and sees only what it may see and what still exists.
//
// Every node reads the same log in the same order, so a follower who lost the
// connection goes on at any node with the id of the last event they had. A
// follower who was away too long, or is too slow, is told to start again: to
// reload the data, and follow from there. No buffer grows.
package live
