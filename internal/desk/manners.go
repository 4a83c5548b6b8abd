package desk

import (
	"strings"
	"time"
	"unicode"
)

// Silence is a cause for which no further word goes out on an issue.
type Silence string

// The causes.
const (
	SilenceStop      Silence = "stop"      // the reporter said stop, or an admin opted them out
	SilenceBlock     Silence = "block"     // one of the two blocked the other
	SilenceWithdrawn Silence = "withdrawn" // heard by tags, and the tags were removed
	SilenceDeleted   Silence = "deleted"   // the report was deleted
	SilenceRefused   Silence = "refused"   // the reporter's server refused to show us the post
	SilenceDeclined  Silence = "declined"  // the reporter declined one of our replies
)

// Words says it in words.
func (s Silence) Words() string {
	return strings.TrimPrefix(Recorded("silence_"+string(s)), "silence_")
}

// lifted says whether an invitation ends the silence.
func (s Silence) lifted() bool { return s == SilenceWithdrawn || s == SilenceDeclined }

// Silence forbids further words on the issue. A stronger cause is not replaced
// by one that an invitation would lift.
func (i *Issue) Silence(s Silence) {
	if i.Silenced == "" || i.Silenced.lifted() {
		i.Silenced = s
	}
}

// MayReply says whether an agent may send a reply that carries status ("" for
// none) now. Invited: freely. Heard by tags and silent since: one reply by a
// person, and later one more, the word that it is over.
func (i Issue) MayReply(status Status) error {
	if i.Silenced != "" {
		return Forbidden("no_further_word", noFurtherWord, i.Silenced.Words())
	}
	if i.Invited {
		return nil
	}
	if i.Pending > 0 {
		return NotSent("reply_on_its_way")
	}
	if i.Replies == 0 {
		return nil
	}
	if i.EndTold {
		return NotSent("reply_unanswered")
	}
	if status != StatusFixed {
		return NotSent("reply_only_fixed")
	}
	return nil
}

// BeforeReply is the issue as the manners saw it before a reply that carried status; ""
// as the reply: there was none.
func (i Issue) BeforeReply(reply PostID, status Status) Issue {
	if reply != "" && i.Replies > 0 {
		i.Replies--
		i.EndTold = i.EndTold && status != StatusFixed
	}
	return i
}

// ReplyWritten records a reply that may still be taken back.
func (i *Issue) ReplyWritten(at time.Time) { i.Pending++; i.UpdatedAt = at }

// ReplyUndone records that it was taken back, or withheld.
func (i *Issue) ReplyUndone(at time.Time) {
	if i.Pending > 0 {
		i.Pending--
	}
	i.UpdatedAt = at
}

// ReplyPublished records that a reply went out: the reporter waits no longer,
// and the status it carries takes effect.
func (i *Issue) ReplyPublished(p Post, at time.Time) {
	i.ReplyCounted(p, at)
	i.Replied(p, at)
}

// ReplyCounted records of a reply that went out only what the manners go by.
func (i *Issue) ReplyCounted(p Post, at time.Time) {
	i.ReplyUndone(at)
	i.Replies++
	i.EndTold = i.EndTold || p.Status == StatusFixed
	i.Own.replied(p)
}

// Replied is what a reply changes that went out here, or in an issue merged into
// this one.
//
// A word of the reporter that came while the reply was on its way has not been
// answered by it: it stays marked.
func (i *Issue) Replied(p Post, at time.Time) {
	i.UpdatedAt = at
	if i.NeedsUs && i.LastWord.After(p.Received) {
		spoke := i.LastWord
		defer func() { i.ReporterSpoke(spoke) }()
	}
	i.NeedsUs = false
	i.WaitingSince = time.Time{}
	switch {
	case p.Status != "":
		i.ApplyStatus(StatusChange{To: p.Status, Reason: p.Reason, Next: p.Next}, at)
	case i.Status == StatusNew: // the agent who wrote it has read the report
		i.Status = StatusAcknowledged
	}
}

// StopWord says whether a text, its mentions already removed, asks us to stop:
// the whole text is that word, as German writes it too. Signs around it count for nothing:
// each language in which we offer it puts it into other quotes.
func StopWord(text string) bool {
	t := strings.ToLower(strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }))
	return t == "stop" || t == "stopp"
}

// NoBotTags are the tags in a profile that forbid us to hear its owner by tags.
func NoBotTags() []string { return []string{"nobot", "nobots", "noindex"} }

// OptOut is a person who is left alone.
type OptOut struct {
	Actor  ActorID      `json:"actor"`
	Cause  OptOutReason `json:"cause"`
	Since  time.Time    `json:"since"`
	Until  time.Time    `json:"until,omitzero"` // zero: for good
	Remark string       `json:"remark,omitempty"`
}

// OptOutReason is why a person is left alone.
type OptOutReason string

// The reasons.
const (
	OptOutStop    OptOutReason = "stop"    // they said so
	OptOutBlock   OptOutReason = "block"   // they blocked one of our actors
	OptOutRefused OptOutReason = "refused" // their server refused us (403): 30 days
	OptOutAdmin   OptOutReason = "admin"   // entered by hand
)

// RefusedFor is how long an author whose server answered 403 is left alone.
const RefusedFor = 30 * 24 * time.Hour

// Server says whether it is of a server, to whose people we do not speak first.
func (o OptOut) Server() bool { return o.Actor != "" && !strings.Contains(string(o.Actor), "://") }

// Active says whether the opt-out holds at a time.
func (o OptOut) Active(now time.Time) bool { return o.Until.IsZero() || now.Before(o.Until) }

// Silence returns the silence that an opt-out puts on an issue.
func (o OptOut) Silence() Silence {
	switch o.Cause {
	case OptOutBlock:
		return SilenceBlock
	case OptOutRefused:
		return SilenceRefused
	}
	return SilenceStop
}

// Block is an account, or a whole server, that we neither hear nor talk to.
type Block struct {
	Target string    `json:"target"` // an actor id, or a host
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	Agent  Email     `json:"agent,omitempty"`
}
