// Package live tells those who follow along what happens, as it happens: on
// this node and, over the store's log of changes, on all others.
//
// What is told is where to look, never what was said: whoever wants to know
// reads it, and sees what they may see and what is still there.
//
// Every node reads the same log in the same order, so a follower who lost the
// connection goes on at any node with the id of the last event they had. One
// who was away too long, or is too slow, is told to begin anew: to read what
// there is, and follow from there. No buffer grows.
package live
