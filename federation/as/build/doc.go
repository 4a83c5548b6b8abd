// Package build makes the bytes we send. Values are built with go-fed's
// vocabulary and then normalised: our @context with all extension terms, lists
// that stay lists, contentMap beside content, endpoints and the other terms
// go-fed does not know. Ids go in byte by byte: a net/url round trip would
// re-escape some of them. Keys are sorted, so the same input gives the same
// bytes.
//
// It is apart from the reader because go-fed's code is large: a fuzzer that
// carries it does a fraction of the executions. vocabulary.go names the parts of
// go-fed that are used, and only these are linked (docs/adr/0001).
package build
