// Package admission decides who may have what at once, so that one client
// cannot take what is there for all: places for requests, bytes of bodies,
// connections. Every amount has a total, a share for each address, and a share
// for all addresses together of which nothing good is known.
//
// The share of an address grows with every request of it that is verified, and
// shrinks with every one that fails: a big server is thousands of people behind
// a few addresses. A request that waits for somebody's key can lose its place
// to another one.
//
// The package knows no HTTP: package server does the asking.
package admission
