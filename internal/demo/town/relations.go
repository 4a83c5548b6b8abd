package town

import (
	"context"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// Follow asks to follow an actor: a desk, a hashtag actor, a person.
func (t *Town) Follow(ctx context.Context, person string, target desk.ActorID) error {
	return t.relate(ctx, person, target, func(a *actor) error {
		f := following{follow: desk.ActivityID(string(a.id) + "#follows/" + id.New())}
		if len(a.following) >= maxLinks {
			return desk.Conflict("town_follows_too_many", "%s follows too many", person)
		}
		if ours := t.local(target); ours != nil {
			f.accepted = true
			ours.followers[a.id] = true
		}
		a.following[target] = f
		t.send(a, followDoc(a, target, f), []desk.ActorID{target})
		return nil
	})
}

func followDoc(a *actor, target desk.ActorID, f following) doc {
	return simple(f.follow, as.Follow, a.id, target)
}

// Unfollow takes a Follow back, accepted or not.
func (t *Town) Unfollow(ctx context.Context, person string, target desk.ActorID) error {
	return t.relate(ctx, person, target, func(a *actor) error {
		t.unfollow(a, target)
		return nil
	})
}

func (t *Town) unfollow(a *actor, target desk.ActorID) {
	f, ok := a.following[target]
	if !ok {
		return
	}
	delete(a.following, target)
	if ours := t.local(target); ours != nil {
		delete(ours.followers, a.id)
	}
	t.send(a, undo(f.follow+"/undo", a.id, followDoc(a, target, f)), []desk.ActorID{target})
}

// Following says whether a person's Follow was accepted.
func (t *Town) Following(person string, target desk.ActorID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.people[person]
	return a != nil && a.following[target].accepted
}

// Block blocks an actor: its posts are not shown to the person, following ends
// on both sides, and its server is told, as Mastodon tells it.
func (t *Town) Block(ctx context.Context, person string, target desk.ActorID) error {
	return t.relate(ctx, person, target, func(a *actor) error {
		if len(a.blocks) >= maxLinks {
			return desk.Conflict("town_blocks_too_many", "%s blocks too many", person)
		}
		t.unfollow(a, target)
		delete(a.followers, target)
		block := desk.ActivityID(string(a.id) + "#blocks/" + id.New())
		a.blocks[target] = block
		t.send(a, simple(block, as.Block, a.id, target), []desk.ActorID{target})
		return nil
	})
}

// Unblock takes a Block back.
func (t *Town) Unblock(ctx context.Context, person string, target desk.ActorID) error {
	return t.relate(ctx, person, target, func(a *actor) error {
		block, ok := a.blocks[target]
		if !ok {
			return desk.Conflict("town_not_blocked", "%s does not block %s", person, target)
		}
		delete(a.blocks, target)
		t.send(a, undo(block+"/undo", a.id, simple(block, as.Block, a.id, target)), []desk.ActorID{target})
		return nil
	})
}

// relate makes sure that target is an actor, and changes something between it
// and a person under the lock.
func (t *Town) relate(ctx context.Context, person string, target desk.ActorID, change func(*actor) error) error {
	if target.Host() != t.host {
		if _, err := t.remote(ctx, target); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.find(person)
	if err != nil {
		return err
	}
	if target.Host() == t.host && t.local(target) == nil || target == a.id {
		return desk.NotFound("town_alone", "there is nobody else at %s", target)
	}
	if err := change(a); err != nil {
		return err
	}
	t.changed()
	return nil
}

// processFollow accepts, a second time too: the first Accept may be lost.
func (t *Town) processFollow(author *remote, a *as.Activity) string {
	target := t.local(desk.ActorID(a.Object.ID))
	if living(target) == nil || target == t.instance {
		return "nobody here to follow"
	}
	kind := as.Accept
	if _, blocked := target.blocks[author.ID]; blocked || len(target.followers) >= maxLinks {
		kind = as.Reject
	} else {
		target.followers[author.ID] = true
		t.notify(target, Notification{Kind: NoteFollow, From: author.ID, Acct: author.acct})
	}
	follow := simple(a.ID, as.Follow, author.ID, target.id)
	answer := simple(desk.ActivityID(string(target.id)+"#accepts/"+id.New()), kind, target.id, follow)
	t.send(target, answer, []desk.ActorID{author.ID})
	return ""
}

// processAnswer takes the answer to one of our Follows, which is named by its
// id or embedded.
func (t *Town) processAnswer(author *remote, a *as.Activity) string {
	for _, person := range t.people {
		f, ok := person.following[author.ID]
		named := string(f.follow) == string(a.Object.ID)
		embedded := a.Inner != nil && a.Inner.Type == as.Follow && a.Inner.Actor == person.id && string(a.Inner.Object.ID) == string(author.ID)
		if !ok || !named && !embedded {
			continue
		}
		if a.Type == as.Reject {
			delete(person.following, author.ID)
			return ""
		}
		f.accepted = true
		person.following[author.ID] = f
		return ""
	}
	return "nobody here asked for that"
}

func (t *Town) processBlock(author *remote, a *as.Activity) string {
	target := t.local(desk.ActorID(a.Object.ID))
	if target == nil {
		return "nobody here to block"
	}
	delete(target.followers, author.ID)
	delete(target.following, author.ID)
	return ""
}
