package federation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"earshot/federation/as"
	"earshot/federation/inbox"
	"earshot/federation/resolve"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// Lookup asks other servers on behalf of a person who has filled in a form
// on a public page. It implements public.Peers; errors are of package desk.
type Lookup struct{ n *Network }

// Visitors returns the client with which the public pages ask other servers.
func (n *Network) Visitors() Lookup { return Lookup{n} }

// FollowPage implements public.Peers.
func (v Lookup) FollowPage(ctx context.Context, who string, actor desk.ActorID) (string, error) {
	return v.n.Names.FollowPage(ctx, who, actor)
}

// Person implements public.Peers.
func (v Lookup) Person(ctx context.Context, pasted string) (desk.ActorID, string, error) {
	actor, err := v.find(ctx, pasted)
	if err != nil {
		return "", "", visitorError(err)
	}
	return actor.ID, "@" + v.n.Names.Acct(ctx, actor), nil
}

func (v Lookup) find(ctx context.Context, pasted string) (*as.Actor, error) {
	if !strings.Contains(pasted, "://") && !strings.Contains(pasted, "/") {
		id, err := v.n.Names.Resolve(ctx, pasted)
		if err != nil {
			return nil, err
		}
		return v.n.Resolver.Actor(ctx, id)
	}
	if !strings.Contains(pasted, "://") {
		scheme, _, _ := strings.Cut(v.n.site.URL, ":")
		pasted = scheme + "://" + pasted
	}
	actor, err := v.n.Resolver.Actor(ctx, desk.ActorID(pasted))
	if resolve.KindOf(err) != resolve.Invalid {
		return actor, err
	}
	post, err := v.n.Resolver.Object(ctx, desk.ObjectID(pasted))
	if err != nil {
		return nil, err
	}
	actor, err = v.n.Resolver.Actor(ctx, post.AttributedTo)
	if err == nil && !desk.SameID(string(actor.ID), string(post.AttributedTo)) { // it leads to an account that may know nothing of the post
		return nil, desk.Invalid("post_by_another", "%s is by an account that calls itself %s", pasted, actor.ID)
	}
	return actor, err
}

// Profile implements public.Peers.
func (v Lookup) Profile(ctx context.Context, id desk.ActorID) (acct, words string, err error) {
	actor, err := v.n.Resolver.RefreshActor(ctx, id)
	if err != nil {
		return "", "", visitorError(err)
	}
	if !desk.SameID(string(actor.ID), string(id)) {
		return "", "", desk.Invalid("actor_id_wrong", "%s is not the id of an actor", id)
	}
	return "@" + v.n.Names.Acct(ctx, actor), actor.Name + "\n" + inbox.ProfileText(actor), nil
}

// visitorError says an error of resolve in the words of package desk.
func visitorError(err error) error {
	if _, ok := errors.AsType[*desk.Error](err); ok {
		return err
	}
	because := desk.Unavailable("peer_silent", "that server does not answer")
	switch resolve.KindOf(err) {
	case resolve.NotFound, resolve.Gone:
		because = desk.NotFound("peer_account_not_found", "there is no such account")
	case resolve.Invalid:
		because = desk.Invalid("peer_no_account", "that is no account")
	case resolve.Refused, resolve.Unauthorized:
		because = desk.Unavailable("peer_refuses", "that server does not want to talk to us")
	}
	return fmt.Errorf("%w: %w", because, err)
}

// Mine implements app.WebReader. The page may be on any server but this one and
// those that are blocked.
func (v Lookup) Mine(ctx context.Context, page string) ([]string, error) {
	answer, err := v.n.Client.Begin(ctx, page, func(hop *http.Request) error {
		host, err := desk.HostOf(hop.URL.String())
		if err != nil {
			return err
		}
		hop.Header.Set("Accept", "text/html")
		return v.n.policy.Host(ctx, host)
	})
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", page, answer.Status)
	}
	return markup.Mine(string(answer.Body)), nil
}
