package admission

import "time"

// RetryAfter is when those who were refused should come back.
const RetryAfter = 10 * time.Second

// Refusal is the error of what could not be had now.
type Refusal struct {
	At     string // what was asked for: a pool, "bodies", "connections"
	Reason Reason
}

func (r *Refusal) Error() string {
	switch r.Reason {
	case OfAddress:
		return "too many requests of this address are under way"
	case OfStrangers:
		return "too many requests are under way that nothing is known of"
	case GaveWay:
		return "the key did not come in time, and others were waiting"
	case UnknownKeys:
		return "too many keys that this address named could not be fetched"
	case Slow:
		return "the request came too slowly"
	}
	return "too much is asked at once"
}
