package app

import (
	"context"
	"fmt"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// PublishPost decides for the last time whether a post of ours goes out, and is
// the compare-and-set against the take-back. ok is false where nothing is to be
// sent: the post was taken back, or the manners forbid it by now. A post in the
// state PostAwaitingApproval is sent as a request to its reporter.
func (t *Tx) PublishPost(id desk.PostID) (p desk.Post, ok bool, err error) {
	p, found, err := t.Posts().Get(id)
	if err != nil || !found || p.State != desk.PostPending {
		sent := p.State == desk.PostPublished || p.State == desk.PostAwaitingApproval
		return p, found && sent && !p.Deleted, err
	}
	if p.Role == desk.RoleBroadcast {
		p.To, p.Cc = []string{desk.Public}, []string{string(p.Author) + "/followers"}
		if p.Incident != "" {
			if p, err = t.incidentPublished(p); err != nil {
				return p, false, err
			}
		}
		return t.published(p)
	}
	i, err := t.issue(p.Issue)
	if err != nil {
		return p, false, err
	}
	err = t.checkBeforeSending(i, &p)
	switch {
	case desk.ErrorCode(err) == desk.CodeForbidden:
		return p, false, t.withholdSeen(i, p, desk.ErrorMessage(err))
	case err != nil:
		return p, false, err
	case p.Approval != nil && !p.Approved():
		p, err = t.awaitApproval(p)
		return p, err == nil, err
	}
	if err := t.replyPublished(i, p); err != nil {
		return p, false, err
	}
	if err := t.voiceEnded(p, desk.VoiceTold, "", ""); err != nil {
		return p, false, err
	}
	return t.published(p)
}

// published stores that a post goes out now.
func (t *Tx) published(p desk.Post) (desk.Post, bool, error) {
	p.State, p.PublishedAt, p.Published = desk.PostPublished, t.Now, t.Now
	return p, true, t.Posts().Put(p)
}

// replyPublished stores what a reply that goes out changes in its issue: the
// status that it carries, and who has been answered.
func (t *Tx) replyPublished(i desk.Issue, p desk.Post) error {
	before := i.Status
	// A round goes to everybody who was linked: it says nothing about their servers.
	if p.Round == "" && (i.Replies == 0 || i.Round != "") {
		if err := t.vouch(i.Reporter.Host(), func(s *desk.Standing) { s.Answered++ }); err != nil {
			return err
		}
	}
	if i.MergedInto != "" || len(i.Merged) > 0 {
		return t.copyPublished(i, p)
	}
	i.ReplyPublished(p, t.Now)
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	switch {
	case p.Status != "", i.Status != before:
		return t.statusChanged(i, before, desk.Event{Agent: p.Agent})
	case i.Status == desk.StatusFixed:
		return t.quietTimer(i)
	}
	return nil
}

// checkBeforeSending decides again, just before a reply goes out, whether it may
// go, which post it answers and which people it reaches: the reporter may have
// said stop, deleted or narrowed the post since it was written.
func (t *Tx) checkBeforeSending(i desk.Issue, p *desk.Post) error {
	out, optedOut, err := t.OptOuts().Get(i.Reporter)
	if err != nil {
		return err
	}
	if i.Silenced == "" && optedOut && out.Active(t.Now) {
		i.Silence(out.Silence())
	}
	if blocked, err := t.blocked(i.Reporter); err != nil {
		return err
	} else if blocked {
		i.Silence(desk.SilenceBlock)
	}
	i.ReplyUndone(t.Now) // this one is on its way; it must not forbid itself
	if err := i.MayReply(p.Status); err != nil {
		return err
	}
	if err := t.maySpeakFirst(i); err != nil {
		return err
	}
	target, err := t.target(i, *p)
	if err != nil {
		return err
	}
	if err := t.settleReplyPermission(p, target); err != nil {
		return err
	}
	if p.Visibility, err = desk.ReplyVisibility(target.Visibility, p.RequestedVisibility); err != nil {
		if p.Visibility, err = desk.ReplyVisibility(target.Visibility, ""); err != nil {
			return err
		}
	}
	reporter, _, err := t.Actors().Get(i.Reporter)
	if err != nil {
		return err
	}
	p.InReplyTo, p.Context, p.Conversation = target.Object, target.Context, target.Conversation
	if p.Context == "" && p.Visibility.IsPublic() {
		p.Context = t.site.Thread(i.ID)
	}
	if !p.Unwarned {
		p.Sensitive, p.Warning = target.Sensitive, target.Warning
	}
	p.Mentions, p.MentionNames = []desk.ActorID{i.Reporter}, []string{reporter.Acct}
	p.HTML = markup.Render(p.Text, mentionOf(reporter))
	p.To, p.Cc = replyAudience(p.Visibility, i.Reporter, string(p.Author)+"/followers")
	if p.Group = ""; p.Visibility.IsPublic() && target.Group != "" {
		p.Group = target.Group // where it is a comment, and is passed on
		p.Cc = append(p.Cc, string(p.Group))
	}
	return nil
}

// mentionOf is how a person is mentioned in our posts.
func mentionOf(a desk.Actor) *markup.Person {
	if a.URL == "" {
		a.URL = string(a.ID)
	}
	return &markup.Person{URL: a.URL, Acct: a.Acct}
}

// replyAudience addresses a reply. Quiet: to the reporter, Public in cc, and
// not our followers: it does not concern them.
func replyAudience(v desk.Visibility, reporter desk.ActorID, followers string) (to, cc []string) {
	switch v {
	case desk.VisibilityPublic:
		return []string{desk.Public}, []string{string(reporter), followers}
	case desk.VisibilityQuiet:
		return []string{string(reporter)}, []string{desk.Public}
	}
	return []string{string(reporter)}, nil
}

// withhold keeps a reply that may not be sent any more, and says why. The
// status it carried does not take effect. Its words stay to be read; its pictures go into the form
// of who wrote it, as far as there is room.
func (t *Tx) withhold(i desk.Issue, p desk.Post, why string) error {
	if err := t.withheldFiles(&p); err != nil {
		return err
	}
	if err := t.checkEnded(p); err != nil {
		return err
	}
	p.State, p.Withheld = desk.PostWithheld, why
	i.ReplyUndone(t.Now)
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	if err := t.Posts().Put(p); err != nil {
		return err
	}
	if err := t.voiceEnded(p, desk.VoiceLeft, desk.VoiceRefused, why); err != nil {
		return err
	}
	return t.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Post: p.ID}.Says(desk.NoteWithheld, why))
}

var whyUnseen = desk.Recorded("report_unreadable")

// Unseen withholds a reply whose report could not be read just before it would
// have gone out: in doubt nothing is written.
func (a *App) Unseen(ctx context.Context, id desk.PostID) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.Posts().Get(id)
		if err != nil || !ok || p.State != desk.PostPending {
			return err
		}
		i, err := tx.issue(p.Issue)
		if err != nil {
			return err
		}
		return tx.withholdSeen(i, p, whyUnseen)
	})
}

// ToAnswer returns the receiver of a reply that is about to go out; "" for none.
func (a *App) ToAnswer(ctx context.Context, id desk.PostID) (who desk.ActorID, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		who = ""
		p, ok, err := tx.Posts().Get(id)
		if err != nil || !ok || p.Role != desk.RoleReply || p.State != desk.PostPending {
			return err
		}
		i, ok, err := tx.Issues().Get(p.Issue)
		if err != nil || !ok || i.Silenced != "" {
			return err
		}
		if blocked, err := tx.blocked(i.Reporter); err != nil || blocked {
			return err
		}
		who = i.Reporter
		return nil
	})
	return who, err
}

// ToRevalidate returns the report that has to be read again before a reply may go
// out: one that was heard by its tags, of a person who has not spoken to us. "" for
// none.
func (a *App) ToRevalidate(ctx context.Context, id desk.PostID) (report desk.ObjectID, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		report = ""
		p, ok, err := tx.Posts().Get(id)
		if err != nil || !ok || p.Role != desk.RoleReply || p.State != desk.PostPending {
			return err
		}
		i, ok, err := tx.Issues().Get(p.Issue)
		if err != nil || !ok || !readAgain(i) {
			return err
		}
		blocked, err := tx.blocked(i.Reporter)
		if !blocked { // the server of a blocked reporter is not asked: Publish says why
			report = i.Report
		}
		return err
	})
	return report, err
}

// readAgain says whether an issue's report has to be read again before a reply.
func readAgain(i desk.Issue) bool {
	return i.Heard == desk.HeardTags && !i.Invited && i.Silenced == ""
}

// withholdSeen withholds a reply after its approval. The approving server has
// seen it already, so it gets a Delete.
func (t *Tx) withholdSeen(i desk.Issue, p desk.Post, why string) error {
	p.Updated = t.Now
	if err := t.withhold(i, p, why); err != nil || !p.Approved() {
		return err
	}
	return t.publish("delete:"+string(p.ID), string(p.ID), t.Now, Publish{Verb: VerbDelete, Post: p.ID})
}

// maxCountedByServer is how many deliveries of one post are read to count servers.
// Above it inboxes are counted; nearly all of so many are shared by a server.
const maxCountedByServer = 2000

// Reached counts the servers to which a post of ours has gone. One that has several
// inboxes counts once: as delivered if one of them took the post.
func (t *Tx) Reached(p desk.Post) (store.Tally, error) {
	id := sentAs(t.site, p)
	if id == "" {
		return store.Tally{}, nil
	}
	inboxes, err := t.Deliveries().Tally(id)
	if n := inboxes.Queued + inboxes.Delivered + inboxes.Failed; err != nil || n < 2 || n > maxCountedByServer {
		return inboxes, err
	}
	states := map[desk.Host]store.DeliveryState{}
	for d, err := range store.EachOf(t.Deliveries().ByActivity, id) {
		if err != nil {
			return store.Tally{}, err
		}
		host := d.Server()
		if had := states[host]; had != store.DeliveryDelivered && (had != store.DeliveryQueued || d.State == store.DeliveryDelivered) {
			states[host] = d.State
		}
	}
	var servers store.Tally
	for _, state := range states {
		switch state {
		case store.DeliveryDelivered:
			servers.Delivered++
		case store.DeliveryQueued:
			servers.Queued++
		case store.DeliveryFailed:
			servers.Failed++
		}
	}
	return servers, nil
}

// sentAs is the activity by which a post of ours went out, "" while none did.
func sentAs(s desk.Site, p desk.Post) desk.ActivityID {
	switch p.State {
	case desk.PostPublished:
		return CreateID(s, p.ID)
	case desk.PostAwaitingApproval:
		return ReplyRequestID(s, p.ID)
	}
	return ""
}

const (
	shownFailed = 5  // deliveries
	failedPages = 10 // pages of deliveries, among which they are looked for
)

// failed lists deliveries of a post of ours that failed for good: the first
// few, to show the reasons.
func (t *Tx) failed(p desk.Post) (out []store.Delivery, err error) {
	after := ""
	for range failedPages {
		deliveries, next, err := t.Deliveries().ByActivity(sentAs(t.site, p), store.Page{After: after})
		if err != nil {
			return nil, err
		}
		for _, d := range deliveries {
			if d.State != store.DeliveryFailed {
				continue
			}
			if out = append(out, d); len(out) == shownFailed {
				return out, nil
			}
		}
		if next == "" {
			break
		}
		after = next
	}
	return out, nil
}

// CreateID is the id of the Create of one of our posts.
func CreateID(s desk.Site, p desk.PostID) desk.ActivityID { return s.Activity(string(p), "create") }

// UpdateID is the id of an edit of one of our posts.
func UpdateID(s desk.Site, p desk.PostID, n int) desk.ActivityID {
	return s.Activity(string(p), fmt.Sprintf("update/%d", n))
}

// DocumentIDs lists the ids of the documents that may hold a post's words.
func DocumentIDs(s desk.Site, p desk.Post) []string {
	ids := []string{string(p.Object), string(CreateID(s, p.ID))}
	if p.Approval != nil {
		ids = append(ids, string(ReplyRequestID(s, p.ID)))
	}
	for n := 1; n <= p.Edits; n++ {
		ids = append(ids, string(UpdateID(s, p.ID, n)))
	}
	return ids
}

// DeleteID is the id of the Delete of one of our posts.
func DeleteID(s desk.Site, p desk.PostID) desk.ActivityID { return s.Activity(string(p), "delete") }
