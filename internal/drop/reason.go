// Package drop says why something that another server sent was not kept, counts
// it by reason, and remembers the last of what concerned us. It holds nothing of
// what anybody wrote.
package drop

import "slices"

// Reason is why something was not kept: one word of a closed list. It is the label
// of a metric, and each has a sentence in every catalogue.
type Reason string

// Kept is the Reason of what was kept. It is not the zero Reason: code that gives
// no reason shows as Unexplained.
const Kept Reason = "kept"

// A request was refused. Other servers send most of these again.
const (
	MediaType      Reason = "media_type"
	Malformed      Reason = "malformed"       // no activity, or one that cannot be; or what was fetched is none
	TooLarge       Reason = "too_large"       //
	SlowBody       Reason = "slow_body"       // the body came too slowly
	NoBody         Reason = "no_body"         // no body came, or not all of it
	Signature      Reason = "signature"       // none, or a wrong one
	KeyGone        Reason = "key_gone"        //
	KeyUnreachable Reason = "key_unreachable" // the sender's server does not answer
	Blocked        Reason = "blocked"         // the actor or its server is blocked
	Limited        Reason = "limited"         // a ration of the sender is used up
	Flooded        Reason = "flooded"         // its server has no room for more open issues
	Overloaded     Reason = "overloaded"      // too much waits
	Crowded        Reason = "crowded"         // the address, or all together, have too much under way
	NotStored      Reason = "not_stored"      // the store is full or closed
	GivenUp        Reason = "given_up"        // the sender hung up
	Failure        Reason = "error"           // ours
)

// Nothing here is what it was about.
const (
	UnknownType    Reason = "unknown_type"    // of the activity or object
	UnknownActor   Reason = "unknown_actor"   // it changes an actor that we have nothing to do with
	UnknownObject  Reason = "unknown_object"  // it is about a post or activity that is not here
	UnknownDesk    Reason = "unknown_desk"    // the desk that it names does not exist
	UnknownAccount Reason = "unknown_account" // WebFinger was asked for an account that does not exist
	NotAddressed   Reason = "not_addressed"   // a post that no desk is addressed in, without both keys
)

// It was about something here, and had no effect.
const (
	NotPublic   Reason = "not_public"   // both keys, but not public
	Bot         Reason = "bot"          // both keys, by a bot
	NoBot       Reason = "no_bot"       // both keys, but the profile asks bots to keep away
	OptedOut    Reason = "opted_out"    // both keys, by a person who opted out
	OtherDesk   Reason = "other_desk"   // both keys, by another Earshot desk
	OwnPost     Reason = "own_post"     // a post of ours came back
	Vote        Reason = "vote"         // a vote in a poll
	NotSource   Reason = "not_source"   // from an actor that is no active source
	NotAuthor   Reason = "not_author"   // its actor may not do that
	NotReporter Reason = "not_reporter" // a reaction that was not the reporter's
	Forwarded   Reason = "forwarded"    // forwarded by another, and not to be checked
	Withdrawn   Reason = "withdrawn"    // taken back before it came
	Deleted     Reason = "deleted"      // about a post that was deleted
	Duplicate   Reason = "duplicate"    // known already, or an older version
	NoInbox     Reason = "no_inbox"     // its actor has no inbox for the answer
	Unapproved  Reason = "unapproved"   // the proof of an approval or of a move does not fit
	PushedOut   Reason = "pushed_out"   // held back, and forgotten for a later one of its sender or server
	Unread      Reason = "unread"       // held back, and forgotten after its time: nobody decided about it
	Late        Reason = "late"         // both keys, brought by a source, too old to be answered
)

// A fetch failed for good.
const (
	NotFound Reason = "not_found" // 404
	Gone     Reason = "gone"      // 410
	Refused  Reason = "refused"   // 403
	NoAuthor Reason = "no_author" // the author's profile cannot be fetched
	// Unreachable: the post's server did not answer, however often a fetch was tried.
	Unreachable Reason = "unreachable"
)

// Unexplained is counted where the code gave no reason: a fault of ours.
const Unexplained Reason = "unexplained"

var all = []Reason{
	MediaType, Malformed, TooLarge, SlowBody, NoBody, Signature, KeyGone, KeyUnreachable, Blocked, Limited, Flooded, Overloaded, Crowded, NotStored, GivenUp, Failure,
	UnknownType, UnknownActor, UnknownObject, UnknownDesk, UnknownAccount, NotAddressed,
	NotPublic, Bot, NoBot, OptedOut, OtherDesk, OwnPost, Vote, NotSource, NotAuthor, NotReporter, Forwarded, Withdrawn, Deleted, Duplicate, NoInbox, Unapproved, PushedOut, Unread, Late,
	NotFound, Gone, Refused, NoAuthor, Unreachable, Unexplained,
}

// Reasons lists every reason but Kept.
func Reasons() []Reason { return slices.Clone(all) }

// Named returns a reason of the list: Unexplained for any other.
func (r Reason) Named() Reason {
	if r == Kept || slices.Contains(all, r) {
		return r
	}
	return Unexplained
}
