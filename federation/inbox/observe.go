package inbox

import "net/http"

// Reason is why a POST was answered as it was: one of a few words.
type Reason string

// The reasons of answers.
const (
	Stored         Reason = "kept"            // 202: stored, now or before
	Ignored        Reason = "ignored"         // 202: not for us
	Malformed      Reason = "malformed"       // no activity, or one that cannot be
	TooLarge       Reason = "too_large"       //
	MediaType      Reason = "media_type"      //
	Signature      Reason = "signature"       // none, or a wrong one
	Forbidden      Reason = "forbidden"       // blocked
	KeyGone        Reason = "key_gone"        //
	KeyUnreachable Reason = "key_unreachable" // the sender's server does not answer
	Limited        Reason = "limited"         // the address sent too many wrong signatures
	Flooded        Reason = "flooded"         // more reports than people can look at
	Overloaded     Reason = "overloaded"      // too much waits
	Crowded        Reason = "crowded"         // the address, or all together, have too much under way
	SlowBody       Reason = "slow_body"       // the body came too slowly
	NotStored      Reason = "not_stored"      // the store is full or closed
	GivenUp        Reason = "given_up"        // the sender hung up
	Failure        Reason = "error"           // ours
)

// Outcome tells of one answered POST.
type Outcome struct {
	Status int // HTTP
	Reason Reason
}

var reasons = map[int]Reason{
	http.StatusBadRequest:            Malformed,
	http.StatusUnauthorized:          Signature,
	http.StatusForbidden:             Forbidden,
	http.StatusGone:                  KeyGone,
	http.StatusRequestEntityTooLarge: TooLarge,
	http.StatusUnsupportedMediaType:  MediaType,
	http.StatusTooManyRequests:       Limited,
}

func (r *refusal) reasonClass() Reason {
	if r.class != "" {
		return r.class
	}
	if c, ok := reasons[r.status]; ok {
		return c
	}
	return Failure
}

func (k stored) reason() Reason {
	if k {
		return Stored
	}
	return Ignored
}

func (in *Inbox) observe(status int, why Reason) {
	if in.Observe != nil {
		in.Observe(Outcome{status, why})
	}
}
