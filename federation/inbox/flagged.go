package inbox

import (
	"context"
	"slices"
	"strings"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// maxNamed bounds how many posts of ours are read out of the words of a Flag.
const maxNamed = 16

// flagged lists what of ours a Flag is about.
func (in *Inbox) flagged(ctx context.Context, a *as.Activity) ([]desk.ObjectID, error) {
	b, err := in.App.Addresses(ctx)
	if err != nil {
		return nil, err
	}
	return flagged(b, a), nil
}

// flagged lists what of ours a Flag is about: its objects, and the posts that its
// words name. Misskey reports the account alone, and lists posts in the words.
func flagged(b address.Book, a *as.Activity) (own []desk.ObjectID) {
	for _, o := range a.Objects {
		if about := complainedOf(b, string(o)); about != "" && !slices.Contains(own, about) {
			own = append(own, about)
		}
	}
	objects := len(own)
	for _, word := range strings.FieldsFunc(markup.Text(a.Content), endsAddress) {
		o := complainedOf(b, strings.TrimRight(word, ".,;:!?/"))
		if _, isPost := b.Site.PostOf(o); isPost && !slices.Contains(own, o) && len(own) < objects+maxNamed {
			own = append(own, o)
		}
	}
	return own
}

// complainedOf returns the id of what a complaint with this address means, "" if
// that is not ours: what an inbox or a collection belongs to, and for a page about
// no single thing the instance.
func complainedOf(b address.Book, s string) desk.ObjectID {
	found := b.Find(s)
	switch found.Kind {
	case address.Elsewhere, address.Unknown:
		return ""
	case address.Page:
		return desk.ObjectID(b.Site.Relay())
	case address.Inbox, address.Collection, address.Authorization:
		switch {
		case found.Post != "":
			return b.Site.Post(found.Post)
		case found.Handle != "":
			return desk.ObjectID(b.Site.Desk(found.Handle))
		}
		return desk.ObjectID(b.Site.Relay()) // the shared inbox
	case address.Thread, address.Issue:
		return b.Site.Issue(found.Issue)
	}
	return desk.ObjectID(found.Object(b.Site))
}

// endsAddress says whether a letter cannot be in the address of a post of ours.
func endsAddress(r rune) bool { return r <= ' ' || strings.ContainsRune("()[]<>\"'„“”,;|", r) }
