// Package build makes the bytes we send. Values are built with go-fed's
// vocabulary and then normalised: our @context with all extension terms, lists
// that stay lists, contentMap beside content, endpoints and the other terms
// go-fed does not know. Ids go in byte by byte: a net/url round trip would
// re-escape some of them. Keys are sorted, so the same input gives the same
// bytes.
//
// It is apart from the reader because go-fed's 475,000 lines are linked into
// whatever imports it: a fuzzer that carries them does a dozen executions a
// second instead of thousands.
package build
