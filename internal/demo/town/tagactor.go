package town

import (
	"maps"
	"slices"
	"strings"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// A hashtag actor boosts every public post of the town with its tag to its
// followers, as FediBuzz and tags.pub do. Its handle is @tag-NAME; @NAME leads
// to it too where nobody has that name.
const tagPrefix = "tag-"

// tagActor returns the actor of a tag and makes it if need be; nil if there are
// too many or the tag is invalid. The caller holds the lock.
func (t *Town) tagActor(name string) *actor {
	tag := desk.FoldTag(name)
	if a := t.tags[tag]; a != nil {
		return a
	}
	pieces := split("#" + tag)
	if len(tag) > 100 || len(pieces) != 1 || pieces[0].kind != '#' || len(t.tags) >= maxTags {
		return nil
	}
	a := t.newActor(desk.ActorID(t.tagURL(tag)), as.Service, tagPrefix+tag)
	a.tag = tag
	a.person.Name = "#" + tag
	t.tags[tag] = a
	return a
}

// TagActor returns the id of the hashtag actor of a tag.
func (t *Town) TagActor(tag string) desk.ActorID { return desk.ActorID(t.tagURL(tag)) }

// byUsername finds who a handle's local part means: a person, then a tag.
func (t *Town) byUsername(name string) *actor {
	name = strings.ToLower(name)
	if name == t.instance.username {
		return t.instance
	}
	if a := t.people[name]; a != nil {
		return a
	}
	return t.tagActor(strings.TrimPrefix(name, tagPrefix))
}

// announceTags brings the boosts of the hashtag actors in line with the post
// as it is now: new tags are boosted, dropped ones and deleted posts taken back.
func (t *Town) announceTags(p *post) {
	wanted := map[string]bool{}
	if p.visibility == desk.VisibilityPublic && !p.deleted {
		for _, tag := range p.tags {
			wanted[desk.FoldTag(tag)] = true
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(wanted)) {
		if a := t.tagActor(tag); a != nil && p.announced[tag] == nil {
			p.announced[tag] = t.announceDoc(a, p)
			t.send(a, p.announced[tag], sorted(a.followers))
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(p.announced)) {
		if a := t.tags[tag]; !wanted[tag] {
			inner := p.announced[tag]
			delete(p.announced, tag)
			d := undo(inner["id"].(desk.ActivityID)+"/undo", a.id, inner)
			d["to"] = []string{as.Public}
			t.send(a, d, sorted(a.followers))
		}
	}
}

// announceDoc has an id of its own each time: an edit may bring a tag back.
func (t *Town) announceDoc(a *actor, p *post) doc {
	d := simple(desk.ActivityID(string(a.id)+"/announces/"+id.New()), as.Announce, a.id, p.id)
	d["to"], d["cc"] = []string{as.Public}, []string{a.followerURL()}
	d["published"] = stamp(t.clock.Now())
	return d
}
