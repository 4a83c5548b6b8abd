package store

import (
	"time"

	"earshot/internal/desk"
)

// Queue names a kind of work.
type Queue string

// The queues.
const (
	QueueInbound Queue = "inbound" // an accepted activity to be processed
	QueueVerify  Queue = "verify"  // an activity whose signature could not be verified yet
	QueueFetch   Queue = "fetch"   // an object to be fetched and looked at
	QueueBrought Queue = "brought" // the same, of what a source told us of
	QueuePoll    Queue = "poll"    // a source to be asked
	QueueStream  Queue = "stream"  // a source to be listened to
	QueuePublish Queue = "publish" // something of ours to be frozen and addressed
	QueueDeliver Queue = "deliver" // one activity to one inbox
	QueueNotify  Queue = "notify"  // one notification to one destination
	QueueTimer   Queue = "timer"   // what happens by itself
)

// Changed is no queue: Watch calls with it when there is something new in
// Changes.
const Changed Queue = "changed"

// Queues lists every queue.
func Queues() []Queue {
	return []Queue{QueueInbound, QueueVerify, QueueFetch, QueueBrought, QueuePoll, QueueStream, QueuePublish, QueueDeliver, QueueNotify, QueueTimer}
}

// Job is work that is stored in the same transaction as its cause. It runs at
// least once, so its effect must be idempotent by its id.
type Job struct {
	ID    string `json:"id"` // follows from the work: adding it twice is one job
	Queue Queue  `json:"queue"`
	// Lane: the jobs of one lane of a queue run one after the other, in the
	// order in which they were added; "" waits for nobody. A dead job leaves
	// its lane.
	Lane     string    `json:"lane,omitempty"`
	Due      time.Time `json:"due"` // not before
	Payload  []byte    `json:"payload"`
	Added    time.Time `json:"added"`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error,omitempty"` // of the last attempt
	Host     desk.Host `json:"host,omitempty"`  // the host that it depends on, for people
	// Lease fences: it grows with every lease, and only its holder may finish
	// the job.
	Lease       uint64    `json:"lease"`
	LeasedUntil time.Time `json:"leased_until,omitzero"`
	Dead        bool      `json:"dead"`
	DiedAt      time.Time `json:"died_at,omitzero"`
}

// JobFilter narrows a list of jobs.
type JobFilter struct {
	Queue Queue // "" for all
	Dead  bool  // dead letters, or else those waiting or under way
}

// QueueCount counts a queue's jobs.
type QueueCount struct {
	Waiting int `json:"waiting"` // leased ones included
	Dead    int `json:"dead"`
}

// Jobs keeps durable work.
type Jobs interface {
	// Add stores a job; false if one with this id is waiting, under way or dead.
	Add(Job) (added bool, err error)
	Get(id string) (Job, bool, error)
	// Busy says whether a lane has a job that is not dead.
	Busy(q Queue, lane string) (bool, error)
	// Lease claims at most limit due jobs until a time, oldest due first; a
	// job whose lease has run out is due again. Of a lane only the first.
	Lease(q Queue, now, until time.Time, limit int) ([]Job, error)
	// NextDue returns when the next job can be leased, false without a job.
	NextDue(Queue) (time.Time, bool, error)
	// Extend, Done, Retry and Bury are for the holder of a lease; held is
	// false, and nothing happens, when the lease was lost.
	Extend(id string, lease uint64, until time.Time) (held bool, err error)
	// Done removes the job; the next of its lane may run.
	Done(id string, lease uint64) (held bool, err error)
	// Retry gives the job back, due later. Attempts grows if counted is true.
	Retry(id string, lease uint64, due time.Time, reason string, counted bool) (held bool, err error)
	// Bury makes the job a dead letter; the next of its lane may run.
	Bury(id string, lease uint64, at time.Time, reason string) (held bool, err error)
	// Revive makes a dead letter due again, at the end of its lane, with no
	// attempts counted.
	Revive(id string, due time.Time) (revived bool, err error)
	// Drop removes a job that is not leased at now.
	Drop(id string, now time.Time) (dropped bool, err error)
	// List lists jobs by due time, dead ones by the time of death.
	List(JobFilter, Page) (jobs []Job, next string, err error)
	Counts() (map[Queue]QueueCount, error)
}
