// Package store is the contract between the use cases and a database. It has
// no driver: store/bolt implements it on an embedded file, and every backend
// must pass store/storetest.
//
// # Transactions
//
// View is a snapshot. Update is serializable and all or nothing: when its
// function returns an error, nothing of it is kept, and nobody else's update
// suffers. When Update returns nil, everything is on disk.
//
// An Update may run its function more than once, so the function mints no ids,
// reads no clock, does no I/O, and does not nest; effects happen after commit.
//
// # Outcomes
//
// An expected outcome is a value, not an error: Get says whether the record
// exists, Add whether it was new, a job's Done whether the lease still held. An
// error means that the transaction cannot go on.
//
// # Shapes
//
// Keys are compared bytewise. Text is valid UTF-8 without NUL; a backend
// refuses other text with ErrText. Times are UTC, in whole microseconds.
// Lists take a Page: no call loads everything.
package store

import (
	"context"
	"errors"
	"time"

	"earshot/internal/desk"
)

// The errors that callers tell apart.
var (
	// ErrFull: the disk said no. Nothing was written; the caller may try again later.
	ErrFull = errors.New("store: no room on the disk")
	// ErrClosed: the store is shut, or stopped after the disk failed.
	ErrClosed = errors.New("store: closed")
	// ErrUnavailable: the database cannot be reached, or not now. The caller may
	// try again later; an update may have been made (see Op).
	ErrUnavailable = errors.New("store: the database cannot be reached")
	// ErrText: a text is not valid UTF-8 or holds a NUL.
	ErrText = errors.New("store: text is not valid UTF-8 without NUL")
	// ErrCursor: Page.After was not made by this list.
	ErrCursor = errors.New("store: not a cursor of this list")
)

// Passing says whether an error is about this moment: the same may work later.
func Passing(err error) bool {
	return errors.Is(err, ErrFull) || errors.Is(err, ErrClosed) || errors.Is(err, ErrUnavailable)
}

// Op names one update, so that a backend whose commit's answer can get lost
// recognises on a retry that it has been made. Mint one per call of Update.
type Op string

// Store keeps everything an instance knows.
type Store interface {
	// View runs f on a snapshot. f must not write.
	View(ctx context.Context, f func(Tx) error) error
	// Update runs f and commits its writes.
	Update(ctx context.Context, op Op, f func(Tx) error) error
	// Watch calls f after every commit that added or moved jobs of a queue, or
	// with Changed that added to the log of changes, until the returned
	// function is called. f must not block.
	Watch(f func(Queue)) (cancel func())
	// Close waits for updates under way and shuts the store.
	Close() error
}

// Tx is what a transaction can reach, one small interface a matter. A Tx and
// its results must not be used after its function has returned.
type Tx interface {
	Meta() Meta
	Desks() Desks
	Keys() Keys
	Actors() Actors
	Issues() Issues
	Posts() Posts
	Events() Events
	Terms() Terms
	Follows() Follows
	Documents() Documents
	Deliveries() Deliveries
	Jobs() Jobs
	Once() Once
	Sources() Sources
	Sightings() Sightings
	Blocks() Blocks
	OptOuts() OptOuts
	Hosts() Hosts
	Agents() Agents
	Credentials() Credentials
	Grants() Grants
	AuditLog() AuditLog
	Changes() Changes
	Quarantine() Quarantine
	Standings() Standings
	Withdrawals() Withdrawals
	Flags() Flags
	Drafts() Drafts
	Phrases() Phrases
	Pictures() Pictures
	Files() Files
	Remarks() Remarks
	Views() Views
	Incidents() Incidents
	Rounds() Rounds
	Destinations() Destinations
	Piles() Piles
	Records() Records
}

// MaxLimit is the largest page a list returns; a larger or no limit means this.
const MaxLimit = 500

// MaxBytes bounds a page of any list, as its records are stored: one that would
// be larger ends early. It has one record in any case.
const MaxBytes = 4 << 20

// Page asks for a part of a list. After is "" for the first page, then the next
// that the list returned; next is "" at the end.
type Page struct {
	After string
	Limit int
}

// Size returns the limit, within bounds.
func (p Page) Size() int {
	if p.Limit <= 0 || p.Limit > MaxLimit {
		return MaxLimit
	}
	return p.Limit
}

// Meta keeps the few facts of the instance itself.
type Meta interface {
	Get(key string) (value string, ok bool, err error)
	Put(key, value string) error
}

// Desks keeps the instance's desks.
type Desks interface {
	Put(desk.Desk) error
	Get(desk.Handle) (desk.Desk, bool, error)
	// All returns every desk by Order, then handle: at most desk.MaxDesks.
	All() ([]desk.Desk, error)
}

// Actors keeps the actors of other servers that we deal with.
type Actors interface {
	Put(desk.Actor) error
	Get(desk.ActorID) (desk.Actor, bool, error)
	// GetAll returns those of some actors that are kept, at most MaxLimit.
	GetAll([]desk.ActorID) (map[desk.ActorID]desk.Actor, error)
	Delete(desk.ActorID) error
}

// Issues keeps issues. One report object opens one issue, ever.
type Issues interface {
	// Add stores a new issue; false if its id, its report or (for an answer to
	// a broadcast) its author on that broadcast has one already.
	Add(desk.Issue) (added bool, err error)
	// Put changes an issue that is there.
	Put(desk.Issue) error
	Get(desk.IssueID) (desk.Issue, bool, error)
	ByReport(desk.ObjectID) (desk.IssueID, bool, error)
	ByBroadcast(broadcast desk.ObjectID, author desk.ActorID) (desk.IssueID, bool, error)
	// ByReporter lists a reporter's issues, oldest first.
	ByReporter(desk.ActorID, Page) (issues []desk.Issue, next string, err error)
	// List lists those waiting, the longest first, then the others, the most
	// recently updated first.
	List(IssueFilter, Page) (issues []desk.Issue, next string, err error)
	// Count counts what List lists, up to most. It reads no issue, and looks at no more
	// entries of a list than [CountLooks] times as many.
	Count(f IssueFilter, most int) (int, error)
}

// CountLooks bounds a count of issues that are few among many: beyond, it is too small.
const CountLooks = 10

// IssueFilter narrows a list of issues; a zero field does not.
type IssueFilter struct {
	Desk      desk.Handle // its own, or one it is also shown on
	Status    desk.Status
	Category  desk.Category
	NeedsUs   bool            // only those the reporter answered
	Assignee  desk.Email      // only those assigned to this agent
	Mentioned desk.Email      // only those to which this agent was called; not together with Assignee
	Incident  desk.IncidentID // only its voices; not together with Assignee or Mentioned
	Rows      bool            // only those that stand in no pile
	Pile      desk.PileID     // only those that stand in this one; not together with any of Assignee to Incident
	LeftPile  desk.PileID     // only those that left this one, and were not taken out for good; as Pile
	Awake     bool            // only those that are not snoozed
	Snoozed   bool            // only those that are
}

// Piles keeps the piles of the desks. Issues name theirs.
type Piles interface {
	Put(desk.Pile) error
	Get(desk.PileID) (desk.Pile, bool, error)
	Delete(desk.PileID) (deleted bool, err error)
	// List lists them by the time of their first report, newest first.
	List(PileFilter, Page) (piles []desk.Pile, next string, err error)
}

// PileFilter narrows a list of piles; a zero field does not.
type PileFilter struct {
	Desk     desk.Handle
	Standing bool // only those in which an issue stands
}

// Posts keeps the posts of others and of ours.
type Posts interface {
	Put(desk.Post) error
	Get(desk.PostID) (desk.Post, bool, error)
	// ByObject finds the post of an ActivityPub id, ours or remote.
	ByObject(desk.ObjectID) (desk.Post, bool, error)
	// ByContext finds the issue in which an author has spoken under a
	// `context` or `conversation`.
	ByContext(context string, author desk.ActorID) (desk.IssueID, bool, error)
	// ByIssue lists an issue's posts as they were received.
	ByIssue(desk.IssueID, Page) (posts []desk.Post, next string, err error)
	// ByAuthor lists what a remote author said, as it was received.
	ByAuthor(desk.ActorID, Page) (posts []desk.Post, next string, err error)
	// Replies lists the posts that answer an object, as they were received.
	Replies(desk.ObjectID, Page) (posts []desk.Post, next string, err error)
	// Outbox lists a desk's published, public, undeleted posts, newest first.
	Outbox(desk.Handle, Page) (posts []desk.Post, next string, err error)
	OutboxCount(desk.Handle) (int, error)
	// Broadcasts lists all broadcasts of a desk in any state, newest first.
	Broadcasts(desk.Handle, Page) (posts []desk.Post, next string, err error)
}

// Events keeps the timelines of issues.
type Events interface {
	Add(desk.Event) error
	Get(desk.EventID) (desk.Event, bool, error)
	// ByIssue lists a timeline in order of time, then id.
	ByIssue(desk.IssueID, Page) (events []desk.Event, next string, err error)
	// Thread lists a part of a timeline, the newest first; older says that there
	// is more. It reads no post that it does not return. An entry Before that is
	// not there is ErrCursor.
	Thread(ThreadQuery) (entries []ThreadEntry, older bool, err error)
	// CountThread counts a part of a timeline. Limit and Bytes do not matter.
	CountThread(ThreadQuery) (ThreadCount, error)
}

// Terms is the search index: words of posts, all in lower case.
type Terms interface {
	// Set replaces the terms of a post; none removes it from the index.
	Set(desk.PostID, desk.IssueID, []string) error
	// Search lists the issues in which every term begins a word, newest issue first.
	Search(terms []string, p Page) (issues []desk.IssueID, next string, err error)
}

// Once remembers keys for a while: of accepted activities (deduplication) and
// of answered requests (idempotency).
type Once interface {
	// Put remembers value under key until expires. If there is one already it
	// is returned and kept.
	Put(key string, value []byte, expires time.Time) (kept []byte, added bool, err error)
	// Set remembers value under key until expires, instead of an earlier one.
	Set(key string, value []byte, expires time.Time) error
	Get(key string) (value []byte, ok bool, err error)
	Delete(key string) (deleted bool, err error)
	// Expire forgets at most limit keys whose time has come.
	Expire(now time.Time, limit int) (forgotten int, err error)
}

// Blocks keeps the accounts and servers that we neither hear nor talk to, as
// actor ids and hosts.
type Blocks interface {
	Put(desk.Block) error
	Get(target string) (desk.Block, bool, error)
	// First is the block of the first of these targets that has one.
	First(targets ...string) (desk.Block, bool, error)
	Delete(target string) (deleted bool, err error)
	List(Page) (blocks []desk.Block, next string, err error)
}

// OptOuts keeps who is left alone.
type OptOuts interface {
	Put(desk.OptOut) error
	Get(desk.ActorID) (desk.OptOut, bool, error)
	// Of are those of these actors that have one, in this order.
	Of(...desk.ActorID) ([]desk.OptOut, error)
	Delete(desk.ActorID) (deleted bool, err error)
	List(Page) (optOuts []desk.OptOut, next string, err error)
}
