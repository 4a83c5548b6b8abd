package app

import (
	"encoding/json"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Verb is what a publish job does.
type Verb string

// The verbs of publish jobs.
const (
	VerbCreate   Verb = "create"   // a reply or broadcast goes out
	VerbUpdate   Verb = "update"   // it was edited
	VerbDelete   Verb = "delete"   // it was retracted
	VerbAccept   Verb = "accept"   // an actor may follow one of ours
	VerbReject   Verb = "reject"   // an actor may not tell our relay of its server's posts
	VerbFollow   Verb = "follow"   // we ask a source's actor to tell us
	VerbUnfollow Verb = "unfollow" // and no more
	VerbProfile  Verb = "profile"  // a desk's profile changed
	VerbQuote    Verb = "quote"    // a person wants to quote one of our posts
	VerbKey      Verb = "key"      // one of our actors has new keys
)

// Publish is the payload of a publish job.
type Publish struct {
	Verb     Verb            `json:"verb"`
	Post     desk.PostID     `json:"post,omitempty"`
	N        int             `json:"n,omitempty"` // which edit, which asking
	Local    desk.Handle     `json:"local,omitempty"`
	Actor    desk.ActorID    `json:"actor,omitempty"`
	Activity desk.ActivityID `json:"activity,omitempty"`
	Inbox    string          `json:"inbox,omitempty"`
	Object   string          `json:"object,omitempty"` // what a Follow names, if not Actor
	Source   desk.SourceID   `json:"source,omitempty"`
	Quote    desk.ObjectID   `json:"quote,omitempty"` // the post that quotes
	// Quiet: a delete that tells nobody. It withdraws a reply that was never
	// shown.
	Quiet bool `json:"quiet,omitempty"`
	// Key is the fragment of the old key, which announces the new one.
	Key string `json:"key,omitempty"`
}

// CreateJob is the id of the job that sends one of our posts for the first time.
func CreateJob(p desk.PostID) string { return string(store.QueuePublish) + ":create:" + string(p) }

// publish adds a publish job. lane orders it after earlier jobs about the same
// thing.
func (t *Tx) publish(id, lane string, due time.Time, p Publish) error {
	return t.addJob(store.QueuePublish, id, lane, due, p)
}

func (t *Tx) addJob(q store.Queue, id, lane string, due time.Time, payload any) error {
	return t.addJobOf("", q, id, lane, due, payload)
}

// addJobOf adds a job that depends on a host.
func (t *Tx) addJobOf(h desk.Host, q store.Queue, id, lane string, due time.Time, payload any) error {
	b, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	return t.addOrRevive(store.Job{ID: string(q) + ":" + id, Queue: q, Lane: lane, Due: due, Added: t.Now, Payload: b, Host: h})
}

// addOrRevive adds a job. A dead letter of the same id gets another life: its
// cause came again, so it may work now.
func (t *Tx) addOrRevive(j store.Job) error {
	added, err := t.Jobs().Add(j)
	if err != nil || added {
		return err
	}
	_, err = t.Jobs().Revive(j.ID, j.Due)
	return err
}

// Timer is the payload of a timer job.
type Timer struct {
	Kind   TimerKind     `json:"kind"`
	Issue  desk.IssueID  `json:"issue,omitempty"`
	Source desk.SourceID `json:"source,omitempty"`
	Object desk.ObjectID `json:"object,omitempty"`
	Agent  desk.Email    `json:"agent,omitempty"`
	At     time.Time     `json:"at,omitzero"` // when it was due first
	Post   desk.PostID   `json:"post,omitempty"`
	Pile   desk.PileID   `json:"pile,omitempty"`
	N      int           `json:"n,omitempty"`     // how many reads were before; the step of a round; the portion of an act
	Tag    string        `json:"tag,omitempty"`   // the ETag of the last one; the act on a pile
	Tries  int           `json:"tries,omitempty"` // of this read, that failed
	// Incident, with the status that it gets at the time At.
	Incident desk.IncidentID     `json:"incident,omitempty"`
	Stands   desk.IncidentStatus `json:"stands,omitempty"`
}

// TimerKind is what happens by itself.
type TimerKind string

// The timers.
const (
	TimerQuiet    TimerKind = "quiet"    // three quiet days after fixed
	TimerSnooze   TimerKind = "snooze"   // a snoozed issue comes back
	TimerRota     TimerKind = "rota"     // nobody took a new issue: the next agent is told
	TimerSource   TimerKind = "source"   // a source that does not answer, or fell silent
	TimerNotFound TimerKind = "notfound" // a post for which its server answered 404 is fetched once more
	TimerRead     TimerKind = "read"     // a report that nobody has answered is read again
	TimerRelease  TimerKind = "release"  // the issues of an agent who was disabled
	TimerReindex  TimerKind = "reindex"  // posts that were indexed by other rules
	TimerForget   TimerKind = "forget"   // expired keys of Once
	TimerAlive    TimerKind = "alive"    // a sign of life, every five minutes
	TimerRound    TimerKind = "round"    // the next portion of telling the voices of an incident
	TimerWindow   TimerKind = "window"   // planned work begins or ends: a prepared update goes out
	TimerRetry    TimerKind = "retry"    // voices whose servers did not take the reply wait once more
	TimerPile     TimerKind = "pile"     // the next portion of an action on a pile
	TimerUpkeep   TimerKind = "upkeep"   // every night: words that expire, compaction
)

func (t *Tx) quietTimer(i desk.Issue) error {
	at := i.QuietUntil()
	return t.addJob(store.QueueTimer, fmt.Sprintf("quiet:%s:%d", i.ID, at.UnixMicro()), "", at, Timer{Kind: TimerQuiet, Issue: i.ID})
}

// Deliver is the payload of a deliver job: one activity to one inbox.
type Deliver struct {
	Activity desk.ActivityID `json:"activity"`
	Inbox    string          `json:"inbox"`
	Signer   desk.Handle     `json:"signer"`
	// Recipient is one reader of this inbox. If a shared inbox answers 404,
	// they are looked up again.
	Recipient desk.ActorID `json:"recipient,omitempty"`
	// Moved says that this was done once already. Without it, an actor who
	// always names another inbox could send us round the world.
	Moved bool `json:"moved,omitempty"`
	// Key is the fragment of a retired key that signs the first attempt: the
	// receivers of a new key know the old one. "" is the current key.
	Key string `json:"key,omitempty"`
}

// Deliver records a delivery and the job that makes it. Deliveries to one host
// about one thread go out in order.
func (t *Tx) Deliver(d Deliver, post desk.PostID, thread string) error {
	host, err := desk.HostOf(d.Inbox)
	if err != nil {
		return err
	}
	if err := t.Deliveries().Put(store.Delivery{Activity: d.Activity, Inbox: d.Inbox, Post: post, State: store.DeliveryQueued, At: t.Now}); err != nil {
		return err
	}
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.addOrRevive(store.Job{ID: "deliver:" + string(d.Activity) + " " + d.Inbox, Queue: store.QueueDeliver,
		Lane: string(host) + " " + thread, Due: t.Now, Added: t.Now, Payload: b, Host: host})
}
