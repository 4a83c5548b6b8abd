package api

import "earshot/internal/desk"

// NewReply is the body of a reply.
type NewReply struct {
	Text       string          `json:"text"`
	Visibility desk.Visibility `json:"visibility,omitempty"`
	Language   string          `json:"language,omitempty"`
	Status     desk.Status     `json:"status,omitempty"`
	Reason     desk.Reason     `json:"reason,omitempty"`
	Next       string          `json:"next,omitempty"`
	Because    string          `json:"because,omitempty"`
	Now        bool            `json:"now,omitempty"`
	// WithoutWarning takes off the warning of the answered post.
	WithoutWarning bool `json:"without_warning,omitempty"`
	// Only is the part of a merged issue whose reporter alone is answered.
	Only  desk.IssueID `json:"only,omitempty"`
	Meant bool         `json:"meant,omitempty"` // after reply_asks_secret: the words ask for no secret
	// Files are pictures that were uploaded, at most four.
	Files []NewFile `json:"files,omitempty"`
}

// NewFile is a picture of a post: one that was uploaded, or one that an edited post has.
type NewFile struct {
	ID  desk.FileID `json:"id"`
	Alt string      `json:"alt,omitempty"` // what it shows, for those who do not see it
}

// NewMerge is the body of a merge: the other issue, and the newest entry of it that
// was seen. That of the issue of the address is in If-Match.
type NewMerge struct {
	Issue desk.IssueID `json:"issue"`
	Seen  desk.EventID `json:"seen,omitempty"`
}

// NewMove is the body of a move to another desk.
type NewMove struct {
	Desk desk.Handle `json:"desk"`
}

// NewStatus is the body of a silent change of status.
type NewStatus struct {
	Status  desk.Status `json:"status"`
	Reason  desk.Reason `json:"reason,omitempty"`
	Next    string      `json:"next,omitempty"`
	Because string      `json:"because,omitempty"`
}

// NewText is the body of a comment.
type NewText struct {
	Text string `json:"text"`
}

// NewEdit is the body of an edit.
type NewEdit struct {
	Text  string `json:"text"`
	Meant bool   `json:"meant,omitempty"` // as in NewReply
	// Files are those that it is to have, in their order; without them it keeps its own.
	Files *[]NewFile `json:"files,omitempty"`
}

// NewAssignee is the body of an assignment; "" is nobody.
type NewAssignee struct {
	Assignee desk.Email `json:"assignee"`
}

// NewSnooze is the body of a snooze; without a time it lasts until the reporter speaks.
type NewSnooze struct {
	Until Time `json:"until,omitzero"`
}

// NewUndo is the body of taking back a silent change: its entry in the
// timeline, or the newest of its kind if it is one's own.
type NewUndo struct {
	Entry desk.EventID `json:"entry,omitempty"`
}

// NewLink is the body of a link between two issues.
type NewLink struct {
	Issue desk.IssueID `json:"issue"`
}

// NewBroadcast is the body of a broadcast.
type NewBroadcast struct {
	Desk     desk.Handle `json:"desk"`
	Text     string      `json:"text"`
	Language string      `json:"language,omitempty"`
	Warning  string      `json:"warning,omitempty"` // before the words, which readers open behind it; at most 200 characters
	At       Time        `json:"at,omitzero"`       // when it goes out; empty: after the take-back time
	Now      bool        `json:"now,omitempty"`
	Meant    bool        `json:"meant,omitempty"` // as in NewReply
	Files    []NewFile   `json:"files,omitempty"` // as in NewReply
}

// NewDesk is the body of a new desk.
type NewDesk struct {
	Handle  desk.Handle `json:"handle"`
	Name    string      `json:"name,omitempty"`
	Summary string      `json:"summary,omitempty"`
	Names   []string    `json:"names,omitempty"`
	Calls   []string    `json:"calls,omitempty"`
	// Services are what the desk provides: status pages list them.
	Services []string `json:"services,omitempty"`
}

// DeskEdit is the body of a change of a desk; fields that are left out stay.
type DeskEdit struct {
	Name    *string   `json:"name,omitempty"`
	Summary *string   `json:"summary,omitempty"`
	Names   *[]string `json:"names,omitempty"`
	Calls   *[]string `json:"calls,omitempty"`
	// Services are all of them; an empty list: those that incidents name.
	Services *[]string `json:"services,omitempty"`
	// Colour is written as #0b6b66; an empty text: our own.
	Colour *desk.Colour `json:"colour,omitempty"`
	// Links are all of them.
	Links *[]NewDeskLink `json:"links,omitempty"`
}

// Rota is who is told of new issues that nobody takes, in their order, and after how many
// minutes the next one is; 0 minutes: 10. No agents end it.
type Rota struct {
	Agents  []desk.Email `json:"agents"`
	Minutes int          `json:"minutes,omitempty"`
}

// NewDeskLink is a link on the profile of a desk.
type NewDeskLink struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url"`
}

// NewPicture is the body of a new picture of a desk.
type NewPicture struct {
	Data []byte `json:"data"` // a PNG, JPEG, GIF or WebP, in base64
}

// NewAlias is the body of a new alias of a desk.
type NewAlias struct {
	Address string `json:"address"`
}

// NewBlock is the body of a block.
type NewBlock struct {
	Target string `json:"target"`
	Reason string `json:"reason,omitempty"`
}

// NewOptOut is the body of an opt-out.
type NewOptOut struct {
	Actor  desk.ActorID `json:"actor"`
	Remark string       `json:"remark,omitempty"`
}

// JobID is the body of a request about one job.
type JobID struct {
	ID string `json:"id"`
}
