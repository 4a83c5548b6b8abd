package app

import (
	"context"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/markup"
	"earshot/internal/match"
	"earshot/internal/queue"
	"earshot/store"
)

// Inbox is the name of the source through which posts reach us directly.
const Inbox = "inbox"

// Heard is a post as it reached us.
type Heard struct {
	Post      desk.Post // without ID, Issue, Desk and Role: those are decided here
	Author    desk.Actor
	Addressed []desk.ActorID // actors in the audience of the post or its activity
	// Inbox is the desk in whose inbox the author put a post that names no audience;
	// "" for every other.
	Inbox  desk.Handle
	IsVote bool
	Source string // Inbox, or the id of the source
	// FirstSeen is when a source first told us of the post; zero: now.
	FirstSeen time.Time
	// Ancestors is what it answers, and what that answers, oldest first: as far as
	// it was not here and could be had.
	Ancestors []Heard
	// Above is the post above the first of those, or above this one, if it is
	// fetched later; Communities are the actors of which one may be its group.
	Above       desk.ObjectID
	Communities []desk.ActorID

	released *released   // from the quarantine, by an agent: the limits do not count
	room     desk.Domain // that the issue of this report takes of: see desk.Issue.Room
}

// released is how a report was released from the quarantine.
type released struct {
	amongMany bool // with others: it stands where one that arrives would
	letIn     bool // the issue is marked so
}

// Outcome is what became of a post we heard.
type Outcome string

// The outcomes.
const (
	Opened   Outcome = "opened"    // a new issue
	Joined   Outcome = "joined"    // a further word in an issue
	Known    Outcome = "known"     // we had it; at most a sighting is new
	HeldBack Outcome = "set aside" // likely spam, or one of too many; it is in the quarantine
	Dropped  Outcome = "dropped"   // not for us; nothing of it is stored
)

// Result says what became of a post, and why.
type Result struct {
	Outcome Outcome
	Issue   desk.IssueID
	Why     string        // of a post that is held back
	Reason  drop.Reason   // drop.Kept, or why nothing of it is stored
	Named   []desk.Handle // of a dropped post: see match.Decision
	// PushedOut are the authors' hosts of reports that were held back before and are
	// forgotten for this one.
	PushedOut []desk.Host
}

// placement is where a post belongs.
type placement struct {
	issue     desk.IssueID // a thread that exists; "" otherwise
	decision  match.Decision
	parent    desk.Post // what it answers, if we know it
	addressed bool      // it mentions a desk or answers one
}

func (p placement) forUs() bool { return p.issue != "" || p.decision.OK() }

// Hear takes in a post: it opens an issue, joins one, or is dropped. A post is
// taken in once, however often and through however many sources it comes.
func (a *App) Hear(ctx context.Context, h Heard) (Result, error) {
	var r Result
	err := a.Update(ctx, func(tx *Tx) (err error) {
		if r, err = tx.Hear(h); err != nil {
			return err
		}
		return queue.End(ctx, tx.Tx)
	})
	return r, err
}

// Hear is the use case inside a transaction.
func (t *Tx) Hear(h Heard) (Result, error) {
	h, err := t.addressedByInbox(h)
	if err != nil {
		return Result{}, err
	}
	if old, ok, err := t.Posts().ByObject(h.Post.Object); err != nil || ok {
		if err != nil {
			return Result{}, err
		}
		why, err := t.hearAgain(old, h)
		return Result{Outcome: Known, Issue: old.Issue, Reason: why}, err
	}
	if gone, err := t.deletedBefore(h); err != nil || gone {
		return Result{Outcome: Dropped, Reason: drop.Withdrawn}, err
	}
	p, err := t.place(h)
	if err != nil {
		return Result{}, err
	}
	if p.issue == "" && p.decision.Heard == desk.HeardBroadcast {
		answered, _, err := t.answerOf(p.parent)
		if err != nil {
			return Result{}, err
		}
		if p.issue, _, err = t.Issues().ByBroadcast(answered, h.Author.ID); err != nil {
			return Result{}, err
		}
	}
	if p.issue == "" && p.decision.Heard == desk.HeardTags && t.tooLate(h) {
		return Result{Outcome: Dropped, Reason: drop.Late}, nil
	}
	if p.issue == "" && p.decision.OK() && h.released == nil {
		return t.openOrHoldBack(p, h)
	}
	if err := t.releaseHeld(h); err != nil { // a version that does not open an issue
		return Result{}, err
	}
	switch {
	case p.issue != "":
		return t.join(p, h)
	case p.decision.OK():
		return t.open(p, h)
	}
	return Result{Outcome: Dropped, Reason: p.decision.Dropped, Named: p.decision.Named}, nil
}

// hearAgain takes in a post that we have: at most a new version and a new sighting.
func (t *Tx) hearAgain(old desk.Post, h Heard) (drop.Reason, error) {
	if old.Deleted {
		return drop.Deleted, nil
	}
	if old.Author != h.Author.ID {
		return drop.NotAuthor, nil
	}
	if err := t.found(old.Object); err != nil {
		return "", err
	}
	why, err := t.edited(old, h)
	if err != nil {
		return "", err
	}
	first, err := t.sightOf(old, h.Source)
	if first && why == drop.Duplicate {
		why = drop.Kept
	}
	return why, err
}

// addressedByInbox reads a post without audience as one to the desk that owns the
// inbox. What a source delivers there, it delivers to all who follow it.
func (t *Tx) addressedByInbox(h Heard) (Heard, error) {
	if h.Inbox == "" {
		return h, nil
	}
	_, source, err := t.Sources().ByActor(h.Author.ID)
	if err == nil && !source {
		h.Addressed = append(slices.Clone(h.Addressed), t.site.Desk(h.Inbox))
	}
	h.Inbox = ""
	return h, err
}

// place finds the thread a post belongs to, or the desk it is for.
func (t *Tx) place(h Heard) (placement, error) {
	who, err := t.author(h.Author)
	if err != nil {
		return placement{}, err
	}
	desks, err := t.candidates()
	if err != nil {
		return placement{}, err
	}
	var p placement
	if h.Post.InReplyTo != "" {
		if p.parent, _, err = t.Posts().ByObject(h.Post.InReplyTo); err != nil {
			return p, err
		}
	}
	post := match.Post{Tags: h.Post.Tags, Mentions: h.Post.Mentions, Addressed: h.Addressed,
		Visibility: h.Post.Visibility, IsVote: h.IsVote}
	if p.parent.Ours() && p.parent.Role != desk.RoleComment {
		post.Answers, post.Broadcast = p.parent.Desk, p.parent.Role == desk.RoleBroadcast
	}
	p.decision = match.Match(post, who, desks)
	p.addressed = p.decision.OK() && p.decision.Heard != desk.HeardTags
	if who.Local || who.Blocked || h.IsVote {
		return p, nil
	}
	// A person who wants to be left alone is not dragged in by a thread in which
	// they did not address us.
	if !p.addressed && (who.OptedOut || who.NoBot || who.Bot || who.Earshot) {
		return p, nil
	}
	if p.issue, err = t.thread(p.parent, h); err == nil && p.issue == "" {
		p.issue, err = t.connected(h.Ancestors)
	}
	if err == nil && p.issue == "" {
		p.issue, err = t.answeredIn(h, p)
	}
	if err == nil && p.decision.OK() && p.parent.Issue == "" {
		p.issue, err = t.unlessAbove(p.issue, h)
	}
	return p, err
}

// thread finds the issue a post joins: by what it answers, or by the context
// in which the same author has spoken there before. Every server can claim a
// context, so it counts for its own author only.
func (t *Tx) thread(answered desk.Post, h Heard) (desk.IssueID, error) {
	if answered.Issue != "" {
		return answered.Issue, nil
	}
	for _, c := range []string{h.Post.Context, h.Post.Conversation} {
		if c == "" {
			continue
		}
		if id, ok, err := t.ownThread(c, h.Author.ID); err != nil || ok {
			return id, err
		}
		if id, ok, err := t.Posts().ByContext(c, h.Author.ID); err != nil || ok {
			return id, err
		}
	}
	return "", nil
}

// ownThread finds the issue of a reporter that a context of ours names.
func (t *Tx) ownThread(context string, author desk.ActorID) (desk.IssueID, bool, error) {
	id, ok := t.site.ThreadOf(context)
	if !ok {
		return "", false, nil
	}
	i, ok, err := t.Issues().Get(id)
	if err != nil || !ok || i.Reporter != author {
		return "", false, err
	}
	id, err = t.HomeOf(i)
	return id, err == nil, err
}

func (t *Tx) candidates() ([]match.Candidate, error) {
	desks, err := t.Desks().All()
	out := make([]match.Candidate, len(desks))
	for n, d := range desks {
		out[n] = match.Candidate{Desk: d, Actor: t.site.Desk(d.Handle)}
	}
	return out, err
}

func (t *Tx) author(a desk.Actor) (match.Author, error) {
	who := match.Author{ID: a.ID, Local: t.site.Owns(string(a.ID)), Bot: a.Bot, NoBot: a.NoBot, Earshot: a.Earshot}
	var err error
	if who.Blocked, err = t.blocked(a.ID); err != nil {
		return who, err
	}
	out, err := t.optOutOf(a.ID)
	who.OptedOut = out != nil
	return who, err
}

// blocked says whether an actor or its server is blocked here.
func (t *Tx) blocked(a desk.ActorID) (bool, error) {
	_, ok, err := t.Blocks().First(append([]string{string(a)}, domains(a.Host())...)...)
	return ok, err
}

// BlockedHost says whether a server, or a domain it is below, is blocked here.
func (t *Tx) BlockedHost(h desk.Host) (bool, error) {
	_, ok, err := t.Blocks().First(domains(h)...)
	return ok, err
}

// open makes the issue of a report.
func (t *Tx) open(p placement, h Heard) (Result, error) {
	above, err := t.newAncestors(h.Ancestors)
	if err != nil {
		return Result{}, err
	}
	post := h.Post
	post.ID, post.Issue = desk.PostID(t.NewID()), desk.IssueID(t.NewID())
	post.Desk, post.Role, post.Received = p.decision.Desk, desk.RoleReport, t.Now
	post.Invited = p.addressed
	i := desk.OpenIssue(post.Issue, post, h.Author.ID, p.decision.Heard, p.decision.Why, t.Now)
	i.Also, i.Keys = p.decision.Also, p.decision.Keys
	if h.released != nil && h.released.letIn {
		i.LetItIn()
	}
	if h.room != "" {
		post = t.shortened(post)
		i.Room, i.RoomBytes = h.room, post.Size()
	}
	i.Excerpt = markup.Excerpt(post.Line(), excerptLength)
	if p.decision.Heard == desk.HeardBroadcast {
		if i.Broadcast, i.Incident, err = t.answerOf(p.parent); err != nil {
			return Result{}, err
		}
	}
	if err := t.applyOptOut(&i, h); err != nil {
		return Result{}, err
	}
	if err := t.stand(&i, post, h.released != nil && !h.released.amongMany); err != nil {
		return Result{}, err
	}
	added, err := t.Issues().Add(i)
	if err != nil || !added {
		return Result{Outcome: Known, Reason: drop.Duplicate}, err
	}
	if err := t.countVoice(i); err != nil {
		return Result{}, err
	}
	if _, err := t.storeAncestors(i, above, h.Author.ID); err != nil {
		return Result{}, err
	}
	if err := t.store(post, h); err != nil {
		return Result{}, err
	}
	if err := t.eventIn(i, desk.Event{Issue: i.ID, Kind: desk.KindReport, Post: post.ID, Actor: h.Author.ID}); err != nil {
		return Result{}, err
	}
	if err := t.callNext(i, 0); err != nil {
		return Result{}, err
	}
	if err := t.queueServerLimits(h.Author.ID.Host()); err != nil {
		return Result{}, err
	}
	if err := t.completeLater(post, h); err != nil {
		return Result{}, err
	}
	if err := t.gatherAnswers(post); err != nil {
		return Result{}, err
	}
	if readAgain(i) && post.Visibility.IsPublic() {
		if err := t.armReadAgain(post.Object, t.Now, 0, ""); err != nil {
			return Result{}, err
		}
	}
	return Result{Outcome: Opened, Issue: i.ID, Reason: drop.Kept}, t.applyStop(p, h)
}

const excerptLength = 140

// applyOptOut applies an earlier opt-out of the author. A person who said
// "stop" and now calls us by name in a thread of its own has changed their
// mind; a block or a refusal is not ours to forget.
func (t *Tx) applyOptOut(i *desk.Issue, h Heard) error {
	out, ok, err := t.OptOuts().Get(h.Author.ID)
	if err != nil || !ok || !out.Active(t.Now) {
		return err
	}
	if out.Cause == desk.OptOutStop && i.Heard == desk.HeardMention && !desk.StopWord(t.words(h)) {
		_, err := t.OptOuts().Delete(h.Author.ID)
		return err
	}
	i.Silence(out.Silence())
	return nil
}

// join adds a further word to an issue.
func (t *Tx) join(p placement, h Heard) (Result, error) {
	i, err := t.issue(p.issue)
	if err != nil {
		return Result{}, err
	}
	if left, err := t.payToAdd(i, h); err != nil {
		return Result{}, err
	} else if left != nil {
		return *left, nil
	}
	above, err := t.newAncestors(h.Ancestors)
	if err != nil {
		return Result{}, err
	}
	if above, err = t.storeAncestors(i, above, h.Author.ID); err != nil {
		return Result{}, err
	}
	post := h.Post
	post.ID, post.Issue = desk.PostID(t.NewID()), i.ID
	post.Desk, post.Role, post.Received = i.Desk, desk.RolePost, t.Now
	post.Invited = p.addressed
	if err := t.store(post, h); err != nil {
		return Result{}, err
	}
	if err := t.event(added(i, desk.KindPost, post)); err != nil {
		return Result{}, err
	}
	if err := t.completeLater(post, h); err != nil {
		return Result{}, err
	}
	i.Also = withDesks(i, p.decision.Desk, p.decision.Also)
	i.UpdatedAt = t.Now
	missed := slices.ContainsFunc(above, func(a Heard) bool { return a.Author.ID == i.Reporter })
	if h.Author.ID == i.Reporter || missed {
		if err := t.reporterSaid(&i, p.addressed && h.Author.ID == i.Reporter, t.words(h)); err != nil {
			return Result{}, err
		}
	}
	if err := t.Issues().Put(i); err != nil {
		return Result{}, err
	}
	if err := t.gatherAnswers(post); err != nil {
		return Result{}, err
	}
	return Result{Outcome: Joined, Issue: i.ID, Reason: drop.Kept}, t.applyStop(p, h)
}

// applyStop opts out an author who said nothing but "stop" to us, in an issue or
// in a post of its own.
func (t *Tx) applyStop(p placement, h Heard) error {
	if !p.addressed || !desk.StopWord(t.words(h)) {
		return nil
	}
	return t.optOut(desk.OptOut{Actor: h.Author.ID, Cause: desk.OptOutStop, Since: t.Now})
}

func (t *Tx) reporterSpoke(i *desk.Issue, addressed bool) error {
	return t.reporterSaid(i, addressed, "")
}

// reporterSaid takes in a word of the reporter. Words of the voices of an incident
// are folded on that.
func (t *Tx) reporterSaid(i *desk.Issue, addressed bool, words string) error {
	if addressed {
		i.Invite()
	}
	if err := t.queueServerLimits(i.Reporter.Host()); err != nil {
		return err
	}
	if folded, err := t.foldWord(i, words); err != nil || folded {
		return err
	}
	if err := t.spokeInPart(*i); err != nil {
		return err
	}
	before := i.Status
	if i.ReporterSpoke(t.Now) {
		return t.event(desk.Event{Issue: i.ID, Kind: desk.KindStatus, Status: i.Status}.Says(desk.NoteSpoke, string(before)))
	}
	if i.Status == desk.StatusFixed {
		return t.quietTimer(*i)
	}
	return nil
}

// words is a post's text without the mentions in it.
func (t *Tx) words(h Heard) string { return markup.StripMentions(h.Post.Text) }

// store stores a post, its author, its words and through what it was heard.
func (t *Tx) store(post desk.Post, h Heard) error {
	if err := t.Posts().Put(post); err != nil {
		return err
	}
	if err := t.Actors().Put(h.Author); err != nil {
		return err
	}
	if err := t.index(post); err != nil {
		return err
	}
	_, err := t.sightOf(post, h.Source)
	return err
}

// sight says whether this is the first sighting of the post through the source, and
// credits the source.
func (t *Tx) sight(o desk.ObjectID, source string) (first bool, err error) {
	p, ok, err := t.Posts().ByObject(o)
	if err != nil {
		return false, err
	}
	if !ok {
		p.Object = o
	}
	return t.sightOf(p, source)
}

func (t *Tx) sightOf(p desk.Post, source string) (first bool, err error) {
	if source == "" {
		return false, nil
	}
	o := p.Object
	others, err := t.Sightings().ByObject(o)
	if err != nil {
		return false, err
	}
	first, err = t.Sightings().Add(store.Sighting{Object: o, Source: source, At: t.Now})
	if err != nil || !first {
		return first, err
	}
	report := p.Role == desk.RoleReport
	if report && len(others) == 1 {
		if err := t.credit(others[0].Source, func(s *store.Source) { s.Alone = max(0, s.Alone-1) }); err != nil {
			return first, err
		}
	}
	return first, t.credit(source, func(s *store.Source) {
		s.Matched++
		if report {
			s.Issues++
		}
		if report && len(others) == 0 {
			s.Alone++
		}
	})
}

// credit changes the counts of a source, if it is one and still there.
func (t *Tx) credit(source string, change func(*store.Source)) error {
	if source == Inbox {
		return nil
	}
	s, ok, err := t.Sources().Get(desk.SourceID(source))
	if err != nil || !ok {
		return err
	}
	change(&s)
	return t.Sources().Put(s)
}

// later says whether b is a later version than a; versions without a time are
// told apart by what they say.
func later(a, b desk.Post) bool {
	if b.Updated.IsZero() || a.Updated.Equal(b.Updated) {
		return false
	}
	return b.Updated.After(a.Updated)
}
