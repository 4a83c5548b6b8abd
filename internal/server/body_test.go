package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/clock"
)

// Bytes that are left out of a body take no memory: a body may be longer than all that is bounded.
func TestDroppedBytesTakeNoMemory(t *testing.T) {
	large := bodyBounds.Most + bodyBounds.Total
	for _, says := range []bool{true, false} {
		a := NewAdmission(AdmissionOptions{Clock: clock.System{}, Trim: func(*http.Request) Trim {
			return func(body io.Reader, dropped func(int)) ([]byte, error) {
				b := make([]byte, 32<<10)
				for {
					n, err := body.Read(b)
					if says {
						dropped(n)
					}
					if err == io.EOF {
						return []byte("words"), nil
					}
					if err != nil {
						return nil, err
					}
				}
			}
		}})
		w := httptest.NewRecorder()
		a.paced(a.Console(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))).
			ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", large))))
		if (w.Code == http.StatusOK && w.Body.String() == "words") != says || !says && w.Code != http.StatusServiceUnavailable {
			t.Errorf("dropping %v: %d %.60q", says, w.Code, w.Body)
		}
	}
}
