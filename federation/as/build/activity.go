package build

import (
	"time"

	"github.com/go-fed/activity/streams/vocab"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// activity is the part that go-fed's activity types share, as far as we need it.
type activity interface {
	vocab.Type
	SetActivityStreamsActor(vocab.ActivityStreamsActorProperty)
	SetActivityStreamsTo(vocab.ActivityStreamsToProperty)
	SetActivityStreamsCc(vocab.ActivityStreamsCcProperty)
	SetActivityStreamsPublished(vocab.ActivityStreamsPublishedProperty)
}

// wrap makes an activity without its object. The actor is always a bare id:
// Misskey and Threads stumble over an embedded one. to and cc are lists, absent
// if empty.
func wrap(v activity, id desk.ActivityID, actor desk.ActorID, to, cc []string, at time.Time) (document, error) {
	if err := requireIDs(string(id), string(actor)); err != nil {
		return nil, err
	}
	if err := requireAudience(to, cc); err != nil {
		return nil, err
	}
	setID(v, string(id))
	p := newActorProperty()
	p.AppendIRI(iri(string(actor)))
	v.SetActivityStreamsActor(p)
	setAudience(v, to, cc)
	setPublished(v, at)
	d, err := serialize(v)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"to", "cc"} {
		if d[key] != nil {
			d.lists(key)
		}
	}
	return d, nil
}

// Delete withdraws an object: to and cc are those of its Create.
func Delete(id desk.ActivityID, actor desk.ActorID, object desk.ObjectID, to, cc []string, at time.Time) ([]byte, error) {
	if err := requireIDs(string(object)); err != nil {
		return nil, err
	}
	d, err := wrap(newDelete(), id, actor, to, cc, at)
	if err != nil {
		return nil, err
	}
	if d["object"], err = tombstone(object, "", time.Time{}); err != nil {
		return nil, err
	}
	d.lists("to", "cc")
	return d.encode(as.Namespace)
}

// Tombstone returns the document that is served with status 410 in place of a
// deleted object.
func Tombstone(id desk.ObjectID, formerType as.Type, deleted time.Time) ([]byte, error) {
	if err := requireIDs(string(id)); err != nil {
		return nil, err
	}
	d, err := tombstone(id, formerType, deleted)
	if err != nil {
		return nil, err
	}
	return d.encode(as.Namespace)
}

func tombstone(id desk.ObjectID, formerType as.Type, deleted time.Time) (document, error) {
	v := newTombstone()
	setID(v, string(id))
	if formerType != "" {
		p := newFormerTypeProperty()
		p.AppendXMLSchemaString(string(formerType))
		v.SetActivityStreamsFormerType(p)
	}
	if !deleted.IsZero() {
		p := newDeletedProperty()
		p.Set(deleted.UTC())
		v.SetActivityStreamsDeleted(p)
	}
	return serialize(v)
}

// FollowDoc is a Follow, ours or one that we answer or undo.
type FollowDoc struct {
	ID     desk.ActivityID // of others it may be empty
	Actor  desk.ActorID
	Object string // an actor's id, or Public for relays of Mastodon's kind
}

func (f FollowDoc) document() (document, error) {
	if err := requireIDs(string(f.Actor)); err != nil {
		return nil, err
	}
	if err := requireAudience([]string{f.Object}); err != nil {
		return nil, err
	}
	d := document{"type": string(as.Follow), "actor": string(f.Actor), "object": f.Object}
	d.text("id", string(f.ID))
	return d, nil
}

// Follow asks to follow. A Follow of Public must not be addressed to
// Public (relays answer 202 and nothing happens): to is the relay's actor, or
// nobody.
func Follow(id desk.ActivityID, actor desk.ActorID, object string, to []string) ([]byte, error) {
	d, err := wrap(newFollow(), id, actor, to, nil, time.Time{})
	if err != nil {
		return nil, err
	}
	if err := requireAudience([]string{object}); err != nil {
		return nil, err
	}
	d["object"] = object
	return d.encode(as.Namespace)
}

// Accept accepts a Follow. It embeds the Follow, for peers that forgot it.
func Accept(id desk.ActivityID, actor desk.ActorID, follow FollowDoc) ([]byte, error) {
	return buildAnswer(newAccept(), id, actor, follow, []string{string(follow.Actor)})
}

// Reject answers a Follow with no.
func Reject(id desk.ActivityID, actor desk.ActorID, follow FollowDoc) ([]byte, error) {
	return buildAnswer(newReject(), id, actor, follow, []string{string(follow.Actor)})
}

// Undo takes back a Follow of ours. to is as it was in the Follow.
func Undo(id desk.ActivityID, actor desk.ActorID, follow FollowDoc, to []string) ([]byte, error) {
	return buildAnswer(newUndo(), id, actor, follow, to)
}

func buildAnswer(v activity, id desk.ActivityID, actor desk.ActorID, follow FollowDoc, to []string) ([]byte, error) {
	d, err := wrap(v, id, actor, to, nil, time.Time{})
	if err != nil {
		return nil, err
	}
	if d["object"], err = follow.document(); err != nil {
		return nil, err
	}
	return d.encode(as.Namespace)
}
