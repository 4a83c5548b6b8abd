package origin

import "earshot/internal/desk"

// ReplyAuthorization checks an authorization (GoToSocial's interaction controls, FEP-044f):
// it is on the host of the author whose leave is needed, says that it is
// theirs, and is for this interaction with this post of theirs.
func ReplyAuthorization(id desk.ObjectID, author, attributedTo desk.ActorID, interaction, target, wantInteraction, wantTarget desk.ObjectID) error {
	switch {
	case !sameHost(id, author):
		return refused("the authorization %q is not on the host of %q", id, author)
	case attributedTo != author:
		return refused("the authorization %q is by %q, not by %q", id, attributedTo, author)
	case interaction == "" || interaction != wantInteraction:
		return refused("the authorization %q is for %q, not for %q", id, interaction, wantInteraction)
	case target == "" || target != wantTarget:
		return refused("the authorization %q is about %q, not about %q", id, target, wantTarget)
	}
	return nil
}
