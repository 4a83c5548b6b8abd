package server

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Pages and assets are compressed for those who take it, and nothing else is.
func TestCompressed(t *testing.T) {
	page := strings.Repeat("<p>My line is down</p>", 1000)
	for name, c := range map[string]struct {
		method, takes, mediaType, body string
		want                           bool
	}{
		"a page":               {"GET", "gzip, br", "text/html; charset=utf-8", page, true},
		"a style":              {"GET", "gzip", "text/css; charset=utf-8", page, true},
		"not taken":            {"GET", "", "text/html; charset=utf-8", page, false},
		"refused":              {"GET", "gzip;q=0", "text/html; charset=utf-8", page, false},
		"the answer to a form": {"POST", "gzip", "text/html; charset=utf-8", page, false},
		"small":                {"GET", "gzip", "text/html; charset=utf-8", page[:500], false},
		"a picture":            {"GET", "gzip", "image/png", page, false},
		"a stream of events":   {"GET", "gzip", "text/event-stream", page, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := Compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.mediaType)
				_, _ = io.WriteString(w, c.body)
			}))
			r, w := httptest.NewRequest(c.method, "/", nil), httptest.NewRecorder()
			if c.takes != "" {
				r.Header.Set("Accept-Encoding", c.takes)
			}
			h.ServeHTTP(w, r)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.want {
				t.Fatalf("compressed: %v, want %v", got, c.want)
			}
			var body io.Reader = w.Body
			if c.want {
				if w.Body.Len() > len(c.body)/10 {
					t.Errorf("%d bytes of %d", w.Body.Len(), len(c.body))
				}
				if !strings.Contains(w.Header().Get("Vary"), "Accept-Encoding") {
					t.Errorf("Vary is %q: a cache would mix the two up", w.Header().Get("Vary"))
				}
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = z
			}
			if b, err := io.ReadAll(body); err != nil || string(b) != c.body {
				t.Errorf("%d bytes came, %v", len(b), err)
			}
		})
	}
}

// The length of a compressed page does not say how well a guess in it compresses: it is
// the same each time, and padded by an amount that no guess tells.
func TestCompressedLengthIsPadded(t *testing.T) {
	lengths := map[int]bool{}
	for n := range 64 {
		body := strings.Repeat("<p>My line is down</p>", 100) + fmt.Sprintf("%04d", n)
		h := Compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, body)
		}))
		var first int
		for again := range 2 {
			r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
			r.Header.Set("Accept-Encoding", "gzip")
			h.ServeHTTP(w, r)
			if again == 0 {
				first = w.Body.Len()
			} else if w.Body.Len() != first {
				t.Errorf("asked for twice, a page has %d and %d bytes: many requests average the padding out", first, w.Body.Len())
			}
		}
		lengths[first] = true
	}
	if len(lengths) < 16 {
		t.Errorf("64 pages of one length have %d lengths: %v", len(lengths), lengths)
	}
}
