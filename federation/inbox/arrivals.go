package inbox

// manyArrivals is how many activities wait to be stored, at the same moment, while many arrive.
const manyArrivals = 3

// Arriving says whether so many activities arrive that those already stored should wait,
// so that senders have their answer first. It says no once half of the room for those
// that wait is used.
func (in *Inbox) Arriving() bool { return in.arriving.Load() >= manyArrivals && !in.Gate.half() }

// arrive counts an activity that is being stored; the result ends that.
func (in *Inbox) arrive() (stored func()) {
	in.arriving.Add(1)
	return func() { in.arriving.Add(-1) }
}
