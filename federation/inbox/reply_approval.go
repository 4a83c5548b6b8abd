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
)

// approvedReply returns the reply of ours that an Accept or Reject is about, "" if
// it is about something else. The request may be embedded or named by its id;
// servers that know none name the reply.
func approvedReply(a *as.Activity, site desk.Site) desk.ObjectID {
	reply := a.Object.ID
	if a.Inner != nil {
		if a.Inner.Type != as.ReplyRequest {
			return ""
		}
		reply = a.Inner.Instrument
	}
	if asked, ok := strings.CutPrefix(string(reply), site.URL+"/activities/"); ok && a.Inner == nil {
		if post, ok := strings.CutSuffix(asked, "/ask"); ok {
			reply = site.Post(desk.PostID(post))
		}
	}
	if _, ok := site.PostOf(reply); !ok {
		return ""
	}
	return reply
}

// planAnswer reads an Accept or Reject: of a Follow of ours, or of a reply.
func (in *Inbox) planAnswer(_ context.Context, a arrival) (plan, error) {
	if o := approvedReply(a.Activity, in.App.Site()); o != "" {
		return plan{about: app.AboutApproval(o, a.Actor)}, nil
	}
	return plan{about: app.AboutSource(a.Actor)}, nil
}

// replyApproval takes in that an author approves or declines a reply of ours. What
// approves it is an authorization on the author's own server that says so; before
// there were any, it was the Accept itself.
func (in *Inbox) replyApproval(ctx context.Context, a *as.Activity, o desk.ObjectID) error {
	if a.Type == as.Reject {
		return in.App.Declined(ctx, o, a.Actor)
	}
	p, ok, err := in.App.ReplyAwaiting(ctx, o, a.Actor)
	if err != nil || !ok || p.State != desk.PostAwaitingApproval {
		return err
	}
	authorization := cmp.Or(a.Result, desk.ObjectID(a.ID))
	err = in.checkAuthorization(ctx, a, authorization, p)
	if passing(err) {
		return fmt.Errorf("fetching the authorization of a reply: %w", err)
	}
	if err != nil {
		in.Log.Info("an approval does not count", "reply", o, "by", a.Actor, "authorization", authorization, "err", err)
		return nil
	}
	return in.App.Approved(ctx, o, a.Actor, authorization)
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
