package origin

import (
	"slices"

	"earshot/internal/desk"
)

// Speaks checks the rule for every activity from outside: the signer is the
// actor, and not one of ours.
func Speaks(signer, actor desk.ActorID, site desk.Site) error {
	if signer == "" || signer != actor {
		return refused("signed by %q, but the actor is %q", signer, actor)
	}
	if _, err := desk.HostOf(string(actor)); err != nil {
		return refused("the actor %q is no URL", actor)
	}
	if site.Owns(string(actor)) {
		return refused("%q is an actor of this server", actor)
	}
	return nil
}

// Create checks a new object. The signer is its author and must be among
// attributedTo, in any place: the list is a set. The others (PeerTube's channel, a
// group) must be on the same host. activity
// is the activity's id: it may be empty or without a path, but is on the
// signer's host.
func Create(signer, actor desk.ActorID, object desk.ObjectID, attributedTo []desk.ActorID, activity desk.ActivityID, site desk.Site) error {
	if err := Speaks(signer, actor, site); err != nil {
		return err
	}
	if !sameHost(object, signer) {
		return refused("the object %q is not on the host of its author %q", object, signer)
	}
	if activity != "" && !sameHost(activity, signer) {
		return refused("the activity %q is not on the host of its actor %q", activity, signer)
	}
	return authors(signer, attributedTo)
}

// authors checks that signer is the author among attributedTo.
func authors(signer desk.ActorID, attributedTo []desk.ActorID) error {
	if len(attributedTo) == 0 {
		return refused("the object is attributed to nobody")
	}
	if !slices.Contains(attributedTo, signer) {
		return refused("the object is attributed to %q, not to the signer %q", attributedTo[0], signer)
	}
	if i := slices.IndexFunc(attributedTo, func(a desk.ActorID) bool { return !sameHost(a, signer) }); i >= 0 {
		return refused("the object is also attributed to %q, who is on another host", attributedTo[i])
	}
	return nil
}

// Update checks a change of an object: storedAuthor is its author when it was
// stored, "" if it was not. attributedTo is the new version's, empty if
// missing; an Update cannot change the author. An actor may update itself.
func Update(signer, actor desk.ActorID, object desk.ObjectID, storedAuthor desk.ActorID, attributedTo []desk.ActorID, site desk.Site) error {
	if err := Delete(signer, actor, object, storedAuthor, site); err != nil {
		return err
	}
	if len(attributedTo) == 0 {
		return nil
	}
	return authors(signer, attributedTo)
}

// Delete checks the end of an object, which only its stored author may bring
// about, or of an actor, which only it may announce itself. It does not
// matter that both are on one server.
func Delete(signer, actor desk.ActorID, object desk.ObjectID, storedAuthor desk.ActorID, site desk.Site) error {
	if err := Speaks(signer, actor, site); err != nil {
		return err
	}
	if string(object) == string(actor) {
		return nil
	}
	if site.Owns(string(object)) {
		return refused("the object %q is on this server", object)
	}
	if storedAuthor == "" || storedAuthor != actor {
		return refused("the object %q is not %q's", object, actor)
	}
	return nil
}

// Undo checks that an activity is taken back by who did it. inner is the actor
// of the activity as we stored it, or as embedded if we did not.
func Undo(signer, actor, inner desk.ActorID, site desk.Site) error {
	if err := Speaks(signer, actor, site); err != nil {
		return err
	}
	if inner != actor {
		return refused("%q cannot undo what %q did", actor, inner)
	}
	return nil
}

// Move checks that an actor moves itself, to another that confirms it:
// alsoKnownAs is from the freshly fetched target.
func Move(signer, actor desk.ActorID, object, target desk.ObjectID, alsoKnownAs []desk.ActorID, site desk.Site) error {
	if err := Speaks(signer, actor, site); err != nil {
		return err
	}
	if string(object) != string(actor) {
		return refused("%q cannot move %q", actor, object)
	}
	if target == "" || target == object {
		return refused("%q moves to %q, which is nowhere", actor, target)
	}
	if !slices.Contains(alsoKnownAs, actor) {
		return refused("%q does not say that it was %q", target, actor)
	}
	return nil
}
