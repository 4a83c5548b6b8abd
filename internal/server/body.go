package server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"earshot/internal/admission"
)

// A body may take bodyGrace before it comes, and then comes at bodyRate a
// second at least, on the average: all of it within readTimeout, but a large one of
// a client that is known within largeTimeout. 10 MiB take ten minutes and a half on
// a phone with 128 kbit/s.
const (
	bodyRate     = 16 << 10
	largeTimeout = 15 * time.Minute
)

var bodyGrace = 5 * time.Second // shorter in tests

// bodyStep is the unit in which memory for a body is counted. A body that has
// not arrived yet costs its sender nothing; it must count here all the same.
const bodyStep = 64 << 10

// bodyBounds bound the bytes of bodies that are read or have been read.
var bodyBounds = admission.Bounds{Total: 64 << 20, Strangers: 48 << 20, Address: 16 << 20, Floor: 4 << 20, Most: 32 << 20, Unit: 128 << 10}

// paced has bodies come at a minimum rate, and bounds what all of them take.
func (a *Admission) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		b := &body{ReadCloser: r.Body, to: http.NewResponseController(w), began: time.Now(), take: func(n int) (*admission.Holding, admission.Reason) {
			return a.bodies.Take(a.peers.Address(r), n)
		}, refused: func(why admission.Reason) { a.refused("bodies", why) }}
		defer b.free()
		r.Body = b
		next.ServeHTTP(w, r)
	})
}

// body is a request's body that is read against the clock.
type body struct {
	io.ReadCloser
	to      *http.ResponseController
	began   time.Time
	take    func(n int) (*admission.Holding, admission.Reason)
	refused func(admission.Reason)

	long    bool // it may take largeTimeout
	held    *admission.Holding
	taken   int // bytes of memory
	read    int
	dropped int // of them
	failure error
}

// Read fails if the body comes too slowly or finds no memory.
func (b *body) Read(p []byte) (int, error) {
	if b.failure != nil {
		return 0, b.failure
	}
	if len(p) > bodyStep {
		p = p[:bodyStep]
	}
	if why := b.room(len(p)); why != "" {
		return 0, b.refuse(why)
	}
	due := b.due()
	_ = b.to.SetReadDeadline(due)
	if b.long {
		_ = b.to.SetWriteDeadline(due.Add(writeTimeout)) // the one of the connection began with the request
	}
	n, err := b.ReadCloser.Read(p)
	b.read += n
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, b.refuse(admission.Slow)
	case err != nil:
		b.failure = err
		b.whole()
	}
	return n, err
}

// due is when the next byte has to be here.
func (b *body) due() time.Time {
	in := bodyGrace + time.Duration(b.read)*time.Second/bodyRate
	if b.long {
		return b.began.Add(min(in, largeTimeout))
	}
	return b.began.Add(min(in, readTimeout))
}

// room sees that there is memory for n bytes more.
func (b *body) room(n int) (why admission.Reason) {
	if b.held == nil {
		b.held, why = b.take(bodyStep)
		if why != "" {
			return why
		}
		b.taken = bodyStep
	}
	for b.taken < b.read-b.dropped+n && why == "" {
		if why = b.held.More(bodyStep); why == "" {
			b.taken += bodyStep
		}
	}
	return why
}

// drop says that n bytes that were read are not kept.
func (b *body) drop(n int) { b.dropped += n }

func (b *body) refuse(why admission.Reason) error {
	b.refused(why)
	b.failure = &admission.Refusal{At: "bodies", Reason: why}
	return b.failure
}

// whole gives back the bytes that the body did not need, and lets its sender
// wait for the answer: a deadline that passes would end the request.
func (b *body) whole() {
	_ = b.to.SetReadDeadline(time.Now().Add(readTimeout))
	if spare := b.taken - (b.read - b.dropped); spare > 0 {
		b.held.More(-spare)
		b.taken -= spare
	}
}

// free gives everything back when the request has been answered.
func (b *body) free() {
	if b.held != nil {
		b.held.Give()
	}
}
