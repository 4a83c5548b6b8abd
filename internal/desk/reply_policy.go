package desk

import "slices"

// Public is the address of everybody (ActivityPub §5.6).
const Public = "https://www.w3.org/ns/activitystreams#Public"

// ReplyPolicy is what an author says about who may answer a post: GoToSocial's
// interactionPolicy.canReply. The entries are actor ids, collections, Public.
type ReplyPolicy struct {
	Automatic []string `json:"automatic,omitempty"` // these may answer
	Manual    []string `json:"manual,omitempty"`    // these must ask
	// Contacts: who is a contact of the author may answer (Hubzilla's commentPolicy).
	// An author who follows us has us as one.
	Contacts bool `json:"contacts,omitempty"`
	// Older: said in the words of before 0.21 (always, approvalRequired). Such a
	// server may not know a request, but takes an unapproved answer for one.
	Older bool `json:"older,omitempty"`
}

// ReplyPermission says whether a post may be answered.
type ReplyPermission string

// The leaves.
const (
	ReplyAllowed       ReplyPermission = "given"
	ReplyNeedsApproval ReplyPermission = "ask"
	ReplyForbidden     ReplyPermission = "refused"
)

// ReplyPermissionFor says whether one of our actors may answer the post. An actor
// that the post mentions or answers always may. Of the policy, the more specific
// entry wins, and of two equal ones the more generous. We do not look up whose
// followers a collection holds: an author who follows us is asked.
func (p Post) ReplyPermissionFor(us ActorID, answersUs, followsUs bool) ReplyPermission {
	c := p.CanReply
	if c == nil || answersUs || slices.Contains(p.Mentions, us) {
		return ReplyAllowed
	}
	if c.Contacts && followsUs {
		return ReplyAllowed
	}
	for _, who := range []string{string(us), Public} {
		switch {
		case slices.Contains(c.Automatic, who):
			return ReplyAllowed
		case slices.Contains(c.Manual, who):
			return ReplyNeedsApproval
		}
	}
	collection := func(who string) bool { return who != string(p.Author) }
	if followsUs && (slices.ContainsFunc(c.Automatic, collection) || slices.ContainsFunc(c.Manual, collection)) {
		return ReplyNeedsApproval
	}
	return ReplyForbidden
}

// Approval is the leave for one of our replies, asked or given.
type Approval struct {
	Of ObjectID `json:"of"` // the answered post
	By ActorID  `json:"by"` // its author, who gives the leave
	// Implicit: asked for by sending the reply itself.
	Implicit bool `json:"implicit,omitempty"`
	// Authorization is the id of the authorization that others verify; "" until given.
	Authorization ObjectID `json:"stamp,omitempty"`
}

// Approved says whether a reply that needed leave has it.
func (p Post) Approved() bool { return p.Approval != nil && p.Approval.Authorization != "" }
