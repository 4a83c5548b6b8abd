package town

import (
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/markup"
)

// NoteKind is what a notification is about.
type NoteKind string

// The kinds of notifications.
const (
	NoteMention NoteKind = "mention"
	NoteLike    NoteKind = "like"
	NoteBoost   NoteKind = "boost"
	NoteFollow  NoteKind = "follow"
)

// Notification is something that a person is told.
type Notification struct {
	Kind   NoteKind
	From   desk.ActorID
	Acct   string        // user@host
	Object desk.ObjectID // "" of a follow
	Text   string        // the beginning of the post, as it is now
	At     time.Time
}

// notifyMentioned tells the people who are mentioned by a Mention tag and
// addressed in `to` or `cc`: one of the two is not enough on Mastodon.
func (t *Town) notifyMentioned(p *post) {
	for _, m := range p.mentions {
		a := t.local(m.id)
		if a == nil || a.id == p.author || !p.reaches(a.id) {
			continue
		}
		t.notify(a, Notification{Kind: NoteMention, From: p.author, Acct: p.acct, Object: p.id})
	}
}

// notify tells one of ours something once; hashtags and the instance are not told.
func (t *Town) notify(a *actor, n Notification) {
	if a.tag != "" || a == t.instance || a.gone || a.id == n.From {
		return
	}
	if _, blocked := a.blocks[n.From]; blocked {
		return
	}
	same := func(o Notification) bool { return o.Kind == n.Kind && o.From == n.From && o.Object == n.Object }
	if slices.ContainsFunc(a.notes, same) {
		return
	}
	n.At = t.clock.Now()
	if len(a.notes) >= maxNotes {
		a.notes = slices.Delete(a.notes, 0, 1)
	}
	a.notes = append(a.notes, n)
}

// Notifications returns what a person was told, newest first.
func (t *Town) Notifications(person string) []Notification {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.people[person]
	if a == nil {
		return nil
	}
	out := []Notification{}
	for _, n := range slices.Backward(a.notes) {
		if _, blocked := a.blocks[n.From]; blocked {
			continue
		}
		if p := t.posts[n.Object]; p != nil {
			if p.deleted {
				continue
			}
			n.Text = markup.Excerpt(p.plain(), 140)
		}
		out = append(out, n)
	}
	return out
}
