package desk

import (
	"time"
	"unicode/utf8"
)

// Heard says by which of the two ways a report reached us.
type Heard string

// The ways of being heard.
const (
	HeardMention   Heard = "mention"   // it mentions the desk
	HeardAnswer    Heard = "answer"    // it answers one of the desk's posts
	HeardTags      Heard = "tags"      // it carries a name and a call
	HeardBroadcast Heard = "broadcast" // it answers a broadcast: one issue an author
)

// Issue is one reporter's thread, and of the issues merged into it the lists show
// it only. Change it through its methods: they keep the
// rules of the statuses and the manners.
type Issue struct {
	ID       IssueID  `json:"id"`
	Desk     Handle   `json:"desk"`
	Also     []Handle `json:"also,omitempty"` // other desks that matched
	Reporter ActorID  `json:"reporter"`
	Report   ObjectID `json:"report"`
	Post     PostID   `json:"post"` // the report, as we keep it
	// Broadcast is the broadcast this issue's report answers, if it does.
	Broadcast ObjectID `json:"broadcast,omitempty"`
	// Incident is the incident to which the issue is linked.
	Incident IncidentID `json:"incident,omitempty"`
	// Round is the last round in which the reporter was told of the incident. Apart: it
	// still fails for the reporter, who said so after the end; they are told with the
	// others no more. Folded: what the reporter said is counted on the incident.
	Round    PostID   `json:"round,omitempty"`
	Apart    bool     `json:"apart,omitempty"`
	Folded   bool     `json:"folded,omitempty"`
	Heard    Heard    `json:"heard"`
	Why      string   `json:"why"`            // in English: the same as Heard, Desk and Keys, or WhySplit
	Keys     []string `json:"keys,omitempty"` // heard by tags: the name and the call
	Excerpt  string   `json:"excerpt"`
	Language string   `json:"language,omitempty"`

	Status   Status `json:"status"`
	Reason   Reason `json:"reason,omitempty"`
	Next     string `json:"next,omitempty"` // where to go instead, with not_ours
	NeedsUs  bool   `json:"answered"`       // the reporter spoke and we have not reacted
	Assignee Email  `json:"assignee,omitempty"`
	// Mentioned are the agents that a comment called here and who have not looked since.
	Mentioned []Email `json:"called,omitempty"`

	// Invited: the reporter mentioned us, answered us or reacted to us.
	Invited bool `json:"invited"`
	// Silenced says why no word may be sent here any more: "" means it may.
	Silenced Silence `json:"silenced,omitempty"`
	Replies  int     `json:"replies"` // published replies
	Pending  int     `json:"pending"` // replies that may still be taken back
	EndTold  bool    `json:"told_over"`

	OpenedAt     time.Time `json:"opened_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	WaitingSince time.Time `json:"waiting_since,omitzero"` // zero: the reporter waits for nothing
	FixedAt      time.Time `json:"fixed_at,omitzero"`      // the last time it became fixed
	LastWord     time.Time `json:"last_word,omitzero"`     // the reporter's last word or reaction
	// MergedInto is the issue of which this one is a part, MergedAt since when;
	// Merged are the parts of this one. A part keeps its reporter, posts and manners.
	MergedInto IssueID   `json:"merged_into,omitempty"`
	MergedAt   time.Time `json:"merged_at,omitzero"`
	Merged     []IssueID `json:"merged,omitempty"`
	// Own is what the issue's own reporter waits for, while it has parts.
	Own Needs `json:"own,omitzero"`
	// Room is the domain of whose Room the issue takes its part while it is open, and
	// RoomBytes the size of its report. "": its reporter was known before.
	Room      Domain `json:"room,omitempty"`
	RoomBytes int    `json:"room_bytes,omitempty"`
	// Pile is the pile in which the issue was put, and PileAct what was done last to it with
	// that, after a mark if it was let in: see LetItIn. OutOfPile: it stands on a row of its own for good. See InPile.
	Pile      PileID `json:"pile,omitempty"`
	PileAct   string `json:"pile_act,omitempty"`
	OutOfPile bool   `json:"out_of_pile,omitempty"`
	// Snooze keeps it off the lists of those to work on.
	Snooze Snooze `json:"snooze,omitzero"`
	// ExpiredAt is when expired words of other people were last erased in it.
	ExpiredAt time.Time `json:"expired_at,omitzero"`
}

// On are the desks on which an issue is shown.
func (i Issue) On() []Handle { return append([]Handle{i.Desk}, i.Also...) }

// WhySplit is why an issue is here that an agent made of a part of another.
const WhySplit = "split from another issue by an agent"

// QuietDays is how long after `fixed` silence means resolved.
const QuietDays = 3 * 24 * time.Hour

// OpenIssue makes the issue of a report.
func OpenIssue(id IssueID, report Post, reporter ActorID, heard Heard, why string, at time.Time) Issue {
	return Issue{
		ID: id, Desk: report.Desk, Reporter: reporter, Report: report.Object, Post: report.ID,
		Heard: heard, Why: why, Language: report.Language,
		Status: StatusNew, Invited: heard != HeardTags,
		OpenedAt: at, UpdatedAt: at, WaitingSince: at, LastWord: at,
	}
}

// ReporterSpoke records a later word of the reporter. It always marks the
// issue answered; where we had stopped working on it (waiting, closed) it is
// acknowledged again. In fixed and resolved the agent decides: "thanks"
// reopens nothing. It reports whether the status changed.
func (i *Issue) ReporterSpoke(at time.Time) bool {
	i.NeedsUs, i.Snooze = true, Snooze{}
	i.LastWord, i.UpdatedAt = at, at
	if len(i.Merged) > 0 {
		i.Own.spoke(at)
	}
	if i.WaitingSince.IsZero() {
		i.WaitingSince = at
	}
	if i.Status == StatusWaiting || i.Status == StatusClosed {
		i.Status, i.Reason, i.Next = StatusAcknowledged, "", ""
		return true
	}
	return false
}

// ReporterReacted records a like or boost of one of our replies: an invitation.
func (i *Issue) ReporterReacted(at time.Time) {
	i.LastWord, i.UpdatedAt = at, at
	if len(i.Merged) > 0 {
		i.Own.LastWord = at
	}
	i.Invite()
}

// Invite records that the reporter addressed us: talk freely from here on. It
// lifts what a removed tag or a declined reply had silenced, nothing else.
func (i *Issue) Invite() {
	i.Invited = true
	if i.Silenced.lifted() {
		i.Silenced = ""
	}
}

// MaxNext is the longest StatusChange.Next, in characters.
const MaxNext = 500

// StatusChange is what an agent asks for.
type StatusChange struct {
	To     Status
	Reason Reason // with closed
	Next   string // with closed/not_ours: where to go instead
	// Because is the reporter's word or reaction after the last fixed; only
	// for resolved.
	Because *Evidence
}

// Evidence is a timeline entry that an agent names to show that the reporter
// said it works.
type Evidence struct {
	By ActorID
	At time.Time
}

// CheckStatus says whether an agent may make the change.
func (i Issue) CheckStatus(c StatusChange) error {
	if c.To.Category() == "" {
		return Invalid("status_unknown", "there is no status %q; there are %v", c.To, Statuses())
	}
	if c.To != StatusClosed && (c.Reason != "" || c.Next != "") {
		return Invalid("reason_not_closed", "a reason goes with “closed” only")
	}
	switch c.To {
	case StatusNew:
		return Invalid("status_not_new_again", "an issue is new only until an agent has read it")
	case StatusHandedOff:
		return Invalid("status_not_by_hand", "“handed off” is set when another provider has accepted the issue, not by hand")
	case StatusClosed:
		if !c.Reason.valid() {
			return Invalid("reason_missing", "“closed” needs a reason: one of %v", Reasons())
		}
		if c.Reason == ReasonNotOurs && c.Next == "" {
			return Invalid("next_missing", "“not ours” needs a place to turn to: tell the reporter where to go instead")
		}
		if c.Reason != ReasonNotOurs && c.Next != "" {
			return Invalid("next_not_ours_only", "a place to turn to goes with the reason “not ours” only")
		}
		if utf8.RuneCountInString(c.Next) > MaxNext {
			return Invalid("next_too_long", "the place to turn to has at most %d characters", MaxNext)
		}
	case StatusResolved:
		if err := i.checkResolved(c.Because); err != nil {
			return err
		}
	}
	if i.Status == c.To && i.Reason == c.Reason {
		return Conflict("status_already", "the issue is %s already", c.To)
	}
	return nil
}

func (i Issue) checkResolved(because *Evidence) error {
	if i.FixedAt.IsZero() {
		return Conflict("resolved_before_fixed", "“resolved” comes after “fixed, we believe”: say first that it should work again")
	}
	if because == nil {
		return Invalid("evidence_missing", "“resolved” needs the reporter's word as evidence; or leave it: three quiet days after “fixed, we believe” resolve it")
	}
	if because.By != i.Reporter {
		return Invalid("evidence_not_reporter", "that was not said by the reporter: only their own word resolves an issue")
	}
	if !because.At.After(i.FixedAt) {
		return Invalid("evidence_too_early", "that was said before the issue was fixed; it cannot mean that it works now")
	}
	return nil
}

// ApplyStatus makes a change that CheckStatus allowed.
func (i *Issue) ApplyStatus(c StatusChange, at time.Time) {
	i.Status, i.Reason, i.Next, i.UpdatedAt = c.To, c.Reason, c.Next, at
	i.NeedsUs = false
	i.Own.reacted(c.To)
	if c.To.Category() == CategoryDone {
		i.Snooze = Snooze{}
	}
	switch c.To {
	case StatusFixed:
		i.FixedAt = at
		i.WaitingSince = time.Time{}
	case StatusWaiting, StatusResolved, StatusClosed:
		i.WaitingSince = time.Time{}
	}
}

// QuietUntil returns when silence resolves a fixed issue.
func (i Issue) QuietUntil() time.Time {
	from := i.FixedAt
	if i.LastWord.After(from) {
		from = i.LastWord
	}
	return from.Add(QuietDays)
}

// ResolveQuietly is the timer's silent change after three quiet days. It
// leaves an issue alone that is not fixed, whose days are not over, or whose
// reporter's word no agent has looked at.
func (i *Issue) ResolveQuietly(now time.Time) bool {
	if i.Status != StatusFixed || i.NeedsUs || now.Before(i.QuietUntil()) {
		return false
	}
	i.ApplyStatus(StatusChange{To: StatusResolved}, now)
	return true
}

// WordsExpire says whether other people's words in the issue are to be erased:
// it was done or last touched before a time, and they are still there.
func (i Issue) WordsExpire(before time.Time) bool {
	return i.UpdatedAt.Before(before) && !i.ExpiredAt.After(i.UpdatedAt)
}

// WordsExpired records that they were. The issue stays where it is in the list:
// expired words are no news.
func (i *Issue) WordsExpired(at time.Time) {
	i.Excerpt, i.Language, i.ExpiredAt = "", "", at
}

// WordsGone says whether the report had words that were erased or taken back.
func (i Issue) WordsGone() bool { return !i.ExpiredAt.IsZero() || i.Silenced == SilenceDeleted }

// ReportDeleted records that the reporter deleted the report. Only the fact
// that it existed stays.
func (i *Issue) ReportDeleted(at time.Time) {
	i.ReportGone(at)
	i.Withdraw()
}

// ReportGone is what ReportDeleted does to an issue that others reported too: it
// stands where it stood.
func (i *Issue) ReportGone(at time.Time) {
	i.Excerpt, i.Language, i.UpdatedAt = "", "", at
	i.WaitingSince, i.NeedsUs, i.Own, i.Snooze = time.Time{}, false, Needs{}, Snooze{}
	i.Silence(SilenceDeleted)
}

// Withdraw closes an issue that nobody reports any more.
func (i *Issue) Withdraw() {
	if i.Status.Category() != CategoryDone {
		i.Status, i.Reason, i.Next = StatusClosed, ReasonWithdrawn, ""
	}
}
