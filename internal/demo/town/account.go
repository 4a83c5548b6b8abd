package town

import (
	"fmt"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// SetBio changes a person's profile text and tells the servers that know the
// person.
func (t *Town) SetBio(person, bio string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.find(person)
	if err != nil {
		return err
	}
	a.person.Bio = bio
	a.edits++
	d := simple(desk.ActivityID(fmt.Sprintf("%s#updates/%d", a.id, a.edits)), as.Update, a.id, t.actorDoc(a))
	d["to"] = []string{as.Public}
	t.send(a, d, t.acquaintances(a))
	t.changed()
	return nil
}

// Move tells followers that a person lives elsewhere now.
func (t *Town) Move(person string, target desk.ActorID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.find(person)
	if err != nil {
		return err
	}
	a.movedTo = target
	d := simple(desk.ActivityID(string(a.id)+"#moves/"+id.New()), as.Move, a.id, a.id)
	d["target"], d["to"] = target, a.followerURL()
	t.send(a, d, t.acquaintances(a))
	t.changed()
	return nil
}

// Leave deletes a person's account with everything they wrote. From then on
// the actor is answered with 410.
func (t *Town) Leave(person string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.find(person)
	if err != nil {
		return err
	}
	known := t.acquaintances(a)
	for _, p := range t.posts {
		if p.local == a && !p.deleted {
			p.erase()
			t.announceTags(p)
		}
	}
	a.gone = true
	d := simple(desk.ActivityID(string(a.id)+"#delete"), as.Delete, a.id, a.id)
	d["to"] = []string{as.Public}
	t.send(a, d, known)
	t.changed()
	return nil
}

// acquaintances are all who may have heard of a person: followers, followed,
// and everybody who was sent a post of theirs.
func (t *Town) acquaintances(a *actor) []desk.ActorID {
	set := map[desk.ActorID]bool{}
	for id := range a.followers {
		set[id] = true
	}
	for id := range a.following {
		set[id] = true
	}
	for _, p := range t.posts {
		if p.local != a {
			continue
		}
		for _, id := range t.audience(p) {
			set[id] = true
		}
	}
	return sorted(set)
}
