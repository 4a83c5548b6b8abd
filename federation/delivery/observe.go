package delivery

// Outcome is how an attempt to deliver ended.
type Outcome string

// The outcomes of an attempt.
const (
	Delivered Outcome = "delivered"
	Retried   Outcome = "retried"   // it failed and is tried again
	Failed    Outcome = "failed"    // given up
	Moved     Outcome = "moved"     // goes to another inbox of the receiver
	HostDown  Outcome = "host_down" // not tried: the host's breaker is open
	HostBusy  Outcome = "host_busy" // not tried: others deliver to the host
)

func (d *Deliverer) observe(o Outcome) {
	if d.Observe != nil {
		d.Observe(o)
	}
}
