package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// smallest is from how many bytes on an answer is compressed: below, the packets are as
// many.
const smallest = 1400

// jitter is by how many bytes at most the length of a compressed page is padded. By how
// many depends on the page, so asking for it again says no more (BREACH, Heal-the-BREACH).
const jitter = 64

// pad chooses the padding from all of a page of usual size, not from its beginning.
const pad = 256 << 10

// Compressed compresses pages and their assets for clients that take it. It belongs around
// handlers that stream nothing. Only answers to GET and HEAD: a secret that is shown once
// is in the answer to a form, and its length says nothing about it.
func Compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(smallest), gzhttp.EnableZstd(false), gzhttp.RandomJitter(jitter, pad, true),
		gzhttp.ContentTypes([]string{"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json", "application/atom+xml", "application/feed+json", "text/plain"}))
	if err != nil {
		panic(err) // the options above are constants
	}
	compressed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		compressed.ServeHTTP(w, r)
	})
}
