package desk

import "time"

// Kind is the kind of an entry in an issue's timeline.
type Kind string

// The kinds of timeline entries.
const (
	KindReport   Kind = "report"
	KindPost     Kind = "post"
	KindReply    Kind = "reply"
	KindComment  Kind = "comment"
	KindStatus   Kind = "status"
	KindAssign   Kind = "assign"
	KindEdit     Kind = "edit"
	KindDelete   Kind = "delete"
	KindSighting Kind = "sighting"
	KindLink     Kind = "link"
	KindHandoff  Kind = "handoff"
	KindReaction Kind = "reaction" // like or boost of one of our posts
	KindMerge    Kind = "merge"
	KindMove     Kind = "move" // to another desk
	KindSnooze   Kind = "snooze"
	KindNotice   Kind = "notice" // an effect of the manners or a block
)

// Event is one entry of an issue's timeline. Entries with a post show the post
// as it is now; the others say their piece in Note and With, and in English in
// Text. Those from before there were notes have the text only.
type Event struct {
	ID    EventID   `json:"id"`
	Issue IssueID   `json:"issue"`
	Kind  Kind      `json:"kind"`
	At    time.Time `json:"at"`
	Post  PostID    `json:"post,omitempty"`
	Actor ActorID   `json:"actor,omitempty"` // a remote person
	// Third: a third person added this, who is neither the reporter nor was brought
	// in by them or by us.
	Third  bool     `json:"third,omitempty"`
	Agent  Email    `json:"agent,omitempty"` // one of us; "" and no Actor: a timer
	Note   Note     `json:"note,omitempty"`
	With   []string `json:"with,omitempty"` // the parts of the note; of a changed comment, the agents that it names only since
	Text   string   `json:"text,omitempty"`
	Status Status   `json:"status,omitempty"`
	Reason Reason   `json:"reason,omitempty"`
	// Assignee is the agent who got the issue; "" is nobody.
	Assignee Email `json:"assignee,omitempty"`
	// Was is how the issue stood before a silent change by one of us: what an
	// undo brings back. It is nil where nothing can be undone.
	Was *Snapshot `json:"was,omitempty"`
	// Undoes is the change that this one takes back.
	Undoes EventID `json:"undoes,omitempty"`
}
