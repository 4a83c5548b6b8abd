// Package picture shows agents the pictures of other people without a browser of
// theirs asking a server of strangers.
//
// Clean makes of the bytes of a stranger a picture of ours: what it is is read from
// its first bytes; its size in pixels is bounded before anything is decoded; and it is
// written again, so that neither the place where it was taken nor a script comes along.
// A Proxy fetches a picture when an agent's browser asks for it, and keeps the cleaned
// copy in a Cache: a folder, bounded in bytes and files.
package picture
