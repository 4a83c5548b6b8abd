package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// approvedReply returns the reply of ours that an Accept or Reject is about, "" if
// it is about something else. The request may be embedded, under any id, or named
// by its id; servers that know none name the reply, or its Create.
func approvedReply(a *as.Activity, site desk.Site) desk.ObjectID {
	reply := a.Object.ID
	if a.Inner != nil {
		switch a.Inner.Type {
		case as.ReplyRequest:
			reply = a.Inner.Instrument
		case as.Create:
			reply = a.Inner.Object.ID
		default:
			return ""
		}
	}
	if reply == "" || a.Inner == nil {
		reply = askedFor(a.Object.ID, site)
	}
	if _, ok := site.PostOf(reply); !ok {
		return ""
	}
	return reply
}

// approvedOn returns the post that an Accept or Reject lets us answer or not, if that
// is all it says: its ReplyRequest has an id that was made up, and names no reply.
func approvedOn(a *as.Activity, site desk.Site) desk.ObjectID {
	in := a.Inner
	if in == nil || in.Type != as.ReplyRequest || in.Instrument != "" || site.Owns(string(in.ID)) {
		return ""
	}
	if in.Actor != "" && !site.Owns(string(in.Actor)) {
		return ""
	}
	return in.Object.ID
}

// askedFor returns the reply for which an activity of ours asks, and what it is
// given itself if it is no such activity.
func askedFor(o desk.ObjectID, site desk.Site) desk.ObjectID {
	asked, ok := strings.CutPrefix(string(o), site.URL+"/activities/")
	if !ok {
		return o
	}
	for _, end := range []string{"/ask", "/create"} {
		if post, ok := strings.CutSuffix(asked, end); ok {
			return site.Post(desk.PostID(post))
		}
	}
	return o
}

// answersFollow returns which of our Follows of an actor its answer names, "" for
// the last one. ok is false if it is about something else. The actor who answers
// and the one who is followed say enough: an id that is not on our host was made up
// elsewhere.
func answersFollow(a *as.Activity, site desk.Site) (follow desk.ActivityID, ok bool) {
	follow = desk.ActivityID(a.Object.ID)
	if in := a.Inner; in != nil {
		followed := in.Object.ID == "" || in.Object.ID == desk.ObjectID(a.Actor) || as.IsPublic(string(in.Object.ID))
		// Of a desk's Follow the id must be ours: it says which source it was for.
		_, isDesk := site.HandleOf(in.Actor)
		ours := in.Actor == "" || in.Actor == site.Relay() || isDesk && site.Owns(string(in.ID))
		if in.Type != as.Follow || !ours || !followed {
			return "", false
		}
		follow = in.ID
	}
	if site.Owns(string(follow)) {
		return follow, true
	}
	return "", true
}

// planAnswer reads an Accept or Reject: of a Follow of ours, or of a reply.
func (in *Inbox) planAnswer(_ context.Context, a arrival) (plan, error) {
	if o := approvedReply(a.Activity, in.App.Site()); o != "" {
		return plan{about: app.AboutApproval(o, a.Actor)}, nil
	}
	if of := approvedOn(a.Activity, in.App.Site()); of != "" {
		return plan{about: app.AboutApprovalOn(of, a.Actor)}, nil
	}
	follow, ok := answersFollow(a.Activity, in.App.Site())
	if !ok {
		return ignore(drop.UnknownObject), nil
	}
	return plan{about: app.AboutFollowAnswer(a.Actor, follow)}, nil
}

// replyApproval takes in that an author approves or declines a reply of ours. What
// approves it is an authorization on the author's own server that says so; before
// there were any, it was the Accept itself.
func (in *Inbox) replyApproval(ctx context.Context, a *as.Activity, o desk.ObjectID) (drop.Reason, error) {
	if a.Type == as.Reject {
		return drop.Kept, in.App.Declined(ctx, o, a.Actor)
	}
	p, ok, err := in.App.ReplyAwaiting(ctx, o, a.Actor)
	switch {
	case err != nil || !ok:
		return drop.NotAuthor, err
	case p.State != desk.PostAwaitingApproval:
		return drop.Duplicate, nil
	}
	authorization := cmp.Or(a.Result, desk.ObjectID(a.ID))
	err = in.checkAuthorization(ctx, a, authorization, p)
	if passing(err) {
		return "", fmt.Errorf("fetching the authorization of a reply: %w", err)
	}
	if err != nil {
		in.Log.Info("an approval does not count", "reply", o, "by", a.Actor, "authorization", authorization, "err", err)
		return drop.Unapproved, nil
	}
	return drop.Kept, in.App.Approved(ctx, o, a.Actor, authorization)
}

// checkAuthorization checks whether an authorization is the one we need. The Accept itself
// has been verified; anything else is fetched.
func (in *Inbox) checkAuthorization(ctx context.Context, a *as.Activity, authorization desk.ObjectID, p desk.Post) error {
	if authorization.Host() != a.Actor.Host() { // before anything is fetched
		return fmt.Errorf("the authorization %s is not on the host of %s", authorization, a.Actor)
	}
	if a.Result == "" {
		return nil
	}
	s, err := in.object(ctx, authorization)
	if err != nil {
		return err
	}
	if s.Type != as.ReplyAuthorization && s.Type != as.ReplyApproval {
		return fmt.Errorf("a %s authorizes no reply", s.Type)
	}
	return origin.ReplyAuthorization(s.ID, a.Actor, s.AttributedTo, s.Interaction, s.Target, p.Object, p.InReplyTo)
}

// passing says whether a fetch failed for now: another try may work. What was
// fetched and does not fit will not.
func passing(err error) bool {
	e, ok := errors.AsType[*resolve.Error](err)
	return ok && (e.Kind == resolve.Temporary || e.Kind == resolve.Unauthorized)
}
