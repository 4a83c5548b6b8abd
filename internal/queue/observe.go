package queue

import (
	"time"

	"earshot/store"
)

// Outcome is how a run of a job ended.
type Outcome string

// The outcomes of a run.
const (
	Done    Outcome = "done"
	Retried Outcome = "retried" // it failed and is tried again
	Delayed Outcome = "delayed" // it waits, through no fault of its own
	Buried  Outcome = "dead"    // it was given up
	Lost    Outcome = "lost"    // it outlived its lease: another worker has it
	Unsaved Outcome = "unsaved" // how it ended could not be written down; it runs again
)

// Ended tells of one run of one job.
type Ended struct {
	Queue   store.Queue
	Outcome Outcome
	Took    time.Duration // of the handler and of writing down how it ended
}

func (w *Worker) ended(o Outcome, held bool, err error, took time.Duration) {
	switch {
	case w.Observe == nil:
		return
	case err != nil:
		o = Unsaved
	case !held:
		o = Lost
	}
	w.Observe(Ended{w.Queue, o, took})
}
