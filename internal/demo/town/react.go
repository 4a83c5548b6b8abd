package town

import (
	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// Like marks a post as liked.
func (t *Town) Like(person string, object desk.ObjectID) error {
	return t.react(person, object, func(a *actor, p *post) error {
		if p.likes[a.id] != "" {
			return desk.Conflict("town_liked_already", "%s likes that post already", person)
		}
		p.likes[a.id] = desk.ActivityID(string(a.id) + "#likes/" + id.New())
		if p.local != nil {
			t.notify(p.local, Notification{Kind: NoteLike, From: a.id, Acct: t.acctOf(a), Object: p.id})
		}
		t.send(a, simple(p.likes[a.id], as.Like, a.id, p.id), []desk.ActorID{p.author})
		return nil
	})
}

// Unlike takes a like back.
func (t *Town) Unlike(person string, object desk.ObjectID) error {
	return t.react(person, object, func(a *actor, p *post) error {
		like := p.likes[a.id]
		if like == "" {
			return desk.Conflict("town_not_liked", "%s does not like that post", person)
		}
		delete(p.likes, a.id)
		t.send(a, undo(like+"/undo", a.id, simple(like, as.Like, a.id, p.id)), []desk.ActorID{p.author})
		return nil
	})
}

// Boost shows a public post to the person's followers.
func (t *Town) Boost(person string, object desk.ObjectID) error {
	return t.react(person, object, func(a *actor, p *post) error {
		if !p.visibility.IsPublic() {
			return desk.Forbidden("town_boost_not_public", "only public posts can be boosted")
		}
		if p.boosts[a.id] != "" {
			return desk.Conflict("town_boosted_already", "%s has boosted that post already", person)
		}
		p.boosts[a.id] = desk.ActivityID(string(a.id) + "/boosts/" + id.New())
		if p.local != nil {
			t.notify(p.local, Notification{Kind: NoteBoost, From: a.id, Acct: t.acctOf(a), Object: p.id})
		}
		t.send(a, t.boostDoc(a, p), boostAudience(a, p))
		return nil
	})
}

// Unboost takes a boost back.
func (t *Town) Unboost(person string, object desk.ObjectID) error {
	return t.react(person, object, func(a *actor, p *post) error {
		boost := p.boosts[a.id]
		if boost == "" {
			return desk.Conflict("town_not_boosted", "%s has not boosted that post", person)
		}
		d := undo(boost+"/undo", a.id, t.boostDoc(a, p))
		d["to"] = []string{as.Public}
		delete(p.boosts, a.id)
		t.send(a, d, boostAudience(a, p))
		return nil
	})
}

func (t *Town) boostDoc(a *actor, p *post) doc {
	d := simple(p.boosts[a.id], as.Announce, a.id, p.id)
	d["to"], d["cc"] = []string{as.Public}, []string{string(p.author), a.followerURL()}
	d["published"] = stamp(t.clock.Now())
	return d
}

func boostAudience(a *actor, p *post) []desk.ActorID {
	set := map[desk.ActorID]bool{p.author: true}
	for f := range a.followers {
		set[f] = true
	}
	return sorted(set)
}

// Vote answers a poll with one of its options, by its name.
func (t *Town) Vote(person string, question desk.ObjectID, option string) error {
	return t.react(person, question, func(a *actor, p *post) error {
		if !p.question {
			return desk.Invalid("town_no_poll", "that post is no poll")
		}
		known := false
		for _, o := range p.options {
			known = known || o == option
		}
		if !known {
			return desk.Invalid("town_poll_option_unknown", "the poll has the options %q, not %q", p.options, option)
		}
		vote := string(a.id) + "#votes/" + id.New()
		to := []desk.ActorID{p.author}
		d := simple(desk.ActivityID(vote+"/activity"), as.Create, a.id, doc{
			"id": vote, "type": as.Note, "name": option, "attributedTo": a.id, "to": p.author, "inReplyTo": p.id,
		})
		d["to"] = p.author
		t.send(a, d, to)
		return nil
	})
}

// react does something to a post that a person can see.
func (t *Town) react(person string, object desk.ObjectID, do func(*actor, *post) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.find(person)
	if err != nil {
		return err
	}
	p := t.posts[object]
	if p == nil || p.deleted || !t.sees(a, p) {
		return desk.NotFound("town_post_not_found", "%s knows no such post: %s", person, object)
	}
	if err := do(a, p); err != nil {
		return err
	}
	t.changed()
	return nil
}

// Flag reports an actor and some of its posts to its server. The instance
// actor says it, as on Mastodon: nobody learns who complained.
func (t *Town) Flag(target desk.ActorID, posts []desk.ObjectID, comment string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	objects := []string{string(target)}
	for _, p := range posts {
		objects = append(objects, string(p))
	}
	d := simple(desk.ActivityID(t.base+"/flags/"+id.New()), as.Flag, t.instance.id, objects)
	d["content"], d["to"] = comment, target
	t.send(t.instance, d, []desk.ActorID{target})
}
