// Package answer keeps a handler's answer in memory, for those who read or change it.
package answer

import (
	"bytes"
	"net/http"
)

// Kept is such an answer; the zero value is empty. Its status is 0 until the handler has
// written something.
type Kept struct {
	Status int
	Body   bytes.Buffer
	header http.Header
}

// Header returns the header, to be changed.
func (k *Kept) Header() http.Header {
	if k.header == nil {
		k.header = http.Header{}
	}
	return k.header
}

// WriteHeader keeps the first status.
func (k *Kept) WriteHeader(status int) {
	if k.Status == 0 {
		k.Status = status
	}
}

func (k *Kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.Body.Write(b)
}
