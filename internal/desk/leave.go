package desk

import "slices"

// Public is the address of everybody (ActivityPub §5.6).
const Public = "https://www.w3.org/ns/activitystreams#Public"

// ReplyPolicy is what an author says about who may answer a post: GoToSocial's
// interactionPolicy.canReply. The entries are actor ids, collections, Public.
type ReplyPolicy struct {
	Automatic []string `json:"automatic,omitempty"` // these may answer
	Manual    []string `json:"manual,omitempty"`    // these must ask
	// Older: said in the words of before 0.21 (always, approvalRequired). Such a
	// server may not know a request, but takes an unapproved answer for one.
	Older bool `json:"older,omitempty"`
}

// Leave says whether a post may be answered.
type Leave string

// The leaves.
const (
	LeaveGiven   Leave = "given"
	LeaveAsk     Leave = "ask"
	LeaveRefused Leave = "refused"
)

// LeaveFor says whether one of our actors may answer the post. Whoever the
// post mentions or answers may always; of the policy, the more specific entry
// wins, and of two equal ones the more generous. Whose followers a collection
// holds is not for us to look up: somebody who follows us is asked.
func (p Post) LeaveFor(us ActorID, answersUs, followsUs bool) Leave {
	c := p.CanReply
	if c == nil || answersUs || slices.Contains(p.Mentions, us) {
		return LeaveGiven
	}
	for _, who := range []string{string(us), Public} {
		switch {
		case slices.Contains(c.Automatic, who):
			return LeaveGiven
		case slices.Contains(c.Manual, who):
			return LeaveAsk
		}
	}
	collection := func(who string) bool { return who != string(p.Author) }
	if followsUs && (slices.ContainsFunc(c.Automatic, collection) || slices.ContainsFunc(c.Manual, collection)) {
		return LeaveAsk
	}
	return LeaveRefused
}

// Approval is the leave for one of our replies, asked or given.
type Approval struct {
	Of ObjectID `json:"of"` // what the reply answers
	By ActorID  `json:"by"` // its author, who gives the leave
	// Implicit: asked for by sending the reply itself.
	Implicit bool `json:"implicit,omitempty"`
	// Stamp is the id of the authorization that others verify; "" until given.
	Stamp ObjectID `json:"stamp,omitempty"`
}

// Approved says whether a reply that needed leave has it.
func (p Post) Approved() bool { return p.Approval != nil && p.Approval.Stamp != "" }
