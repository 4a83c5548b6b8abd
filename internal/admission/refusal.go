package admission

import "time"

// RetryAfter is how long a refused client should wait.
const RetryAfter = 10 * time.Second

// Refusal is the error of a limit that is reached.
type Refusal struct {
	At     string // the limited thing: the name of a pool, "bodies", "connections"
	Reason Reason
}

func (r *Refusal) Error() string {
	switch r.Reason {
	case OfAddress:
		return "too many requests of this address are under way"
	case OfStrangers:
		return "too many requests of unknown addresses are under way"
	case GaveWay:
		return "the key did not arrive in time, and other requests were waiting"
	case UnknownKeys:
		return "too many keys that this address named could not be fetched"
	case Slow:
		return "the request came too slowly"
	}
	return "too many requests are under way"
}
