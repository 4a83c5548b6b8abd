// Package admission divides limited things among clients, so that one client
// cannot stop all others: places for requests, bytes of bodies, connections.
// Each has a total, a share for every address, and a share for all unknown
// addresses together (strangers).
//
// The share of an address grows with every request of it that is verified, and
// shrinks with every one that fails: a big server is thousands of people behind
// a few addresses. A request that waits for a key can lose its place to
// another request.
//
// The package knows no HTTP: package server calls it.
package admission
