package store

import "earshot/internal/desk"

// ThreadPart is a part of an issue's timeline that is listed by itself.
type ThreadPart string

// The parts of a timeline.
const (
	ThreadMain    ThreadPart = "main"    // all but what third persons added
	ThreadThird   ThreadPart = "third"   // what third persons added: see desk.Event.Third
	ThreadReplies ThreadPart = "replies" // of the main part, our replies
)

// ThreadQuery asks for a page of a part of a timeline.
type ThreadQuery struct {
	Issue  desk.IssueID
	Part   ThreadPart
	Before desk.EventID // only older entries than this one; "" for the newest
	Limit  int          // of entries: see Page.Limit
	// Bytes bounds the entries with their posts, as they are stored; 0: not.
	// The newest one is listed in any case.
	Bytes int
	// Bare: without the posts, which are not read and do not count.
	Bare bool
}

// ThreadEntry is an entry of a timeline, with the post that it is about.
type ThreadEntry struct {
	Event desk.Event
	Post  *desk.Post // nil: no post, or the query is for bare entries
}

// MaxCounted is the highest number to which a part of a timeline is counted.
const MaxCounted = 1000

// ThreadCount counts entries of a timeline, up to MaxCounted.
type ThreadCount struct {
	Entries  int
	Accounts int // by so many persons; of ThreadThird only
}
