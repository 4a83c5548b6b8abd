package town

import (
	"slices"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// audience returns who is sent a post of ours, its edits and its end: who is or
// was mentioned, followers, the author of the answered post, and everyone who
// answered, liked or boosted it. The caller holds the lock.
func (t *Town) audience(p *post) []desk.ActorID {
	set := map[desk.ActorID]bool{}
	for _, m := range p.everyone {
		set[m.id] = true
	}
	if p.visibility != desk.VisibilityDirect {
		for f := range p.local.followers {
			set[f] = true
		}
	}
	if p.visibility.IsPublic() {
		if parent := t.posts[p.inReplyTo]; parent != nil {
			set[parent.author] = true
		}
		for _, answer := range t.answers[p.id] {
			set[answer.author] = true
		}
		for who := range p.likes {
			set[who] = true
		}
		for who := range p.boosts {
			set[who] = true
		}
	}
	return sorted(set)
}

func sorted(set map[desk.ActorID]bool) []desk.ActorID {
	var out []desk.ActorID
	for a := range set {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}

// sees says whether one of the people (nil: a stranger) may read a post.
func (t *Town) sees(viewer *actor, p *post) bool {
	if viewer == nil {
		return p.visibility.IsPublic()
	}
	if p.author == viewer.id {
		return true
	}
	if _, blocked := viewer.blocks[p.author]; blocked {
		return false
	}
	if p.local != nil {
		if _, blocked := p.local.blocks[viewer.id]; blocked {
			return false
		}
	}
	if p.visibility.IsPublic() || p.reaches(viewer.id) {
		return true
	}
	if p.visibility != desk.VisibilityFollowers {
		return false
	}
	return p.local != nil && p.local.followers[viewer.id] || viewer.following[p.author].accepted
}

// reaches says whether an actor is addressed by name.
func (p *post) reaches(id desk.ActorID) bool {
	return slices.Contains(p.to, string(id)) || slices.Contains(p.cc, string(id))
}

// visibilityOf reads the audience of a post of others. followers is the
// author's followers collection, "" if unknown.
func visibilityOf(to, cc []string, followers string) desk.Visibility {
	switch {
	case slices.ContainsFunc(to, as.IsPublic):
		return desk.VisibilityPublic
	case slices.ContainsFunc(cc, as.IsPublic):
		return desk.VisibilityQuiet
	case followers != "" && (slices.Contains(to, followers) || slices.Contains(cc, followers)):
		return desk.VisibilityFollowers
	}
	return desk.VisibilityDirect
}
