package inbox

import (
	"context"
	"slices"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
)

// read reads an activity and gives each address of ours in it the one spelling
// that everything after this compares. Who acts, and what was created, changed
// or deleted, stays as it was sent: those are never ours.
func (in *Inbox) read(ctx context.Context, raw []byte) (*as.Activity, error) {
	a, err := as.ParseActivity(raw)
	if err != nil {
		return nil, malformed(err)
	}
	b, err := in.App.Addresses(ctx)
	if err != nil {
		return nil, err
	}
	return canonical(b, a), nil
}

// object fetches a post, with addresses of ours as in read.
func (in *Inbox) object(ctx context.Context, id desk.ObjectID) (*as.Object, error) {
	o, err := in.Resolver.Object(ctx, id)
	if err != nil {
		return nil, err
	}
	b, err := in.App.Addresses(ctx)
	if err != nil {
		return nil, err
	}
	return canonicalObject(b, o), nil
}

// canonical returns a with the ids of ours that it names.
func canonical(b address.Book, a *as.Activity) *as.Activity {
	out := *a
	out.Target, out.Instrument = spell(b, a.Target), spell(b, a.Instrument)
	out.To, out.Cc = spellAll(b, a.To), spellAll(b, a.Cc)
	switch a.Type {
	case as.Create, as.Update, as.Delete:
	case as.Accept, as.Reject: // of an activity of ours, which is not its post
		out.Object.ID = exactly(b, a.Object.ID)
	default:
		out.Object.ID, out.Objects = spell(b, a.Object.ID), spellAll(b, a.Objects)
	}
	if a.Object.Object != nil {
		out.Object.Object = canonicalObject(b, a.Object.Object)
	}
	if a.Inner != nil {
		out.Inner = canonical(b, a.Inner)
		out.Inner.ID = exactly(b, a.Inner.ID)
	}
	return &out
}

// canonicalObject returns o with the ids of ours that it names. An answer to the
// page of an issue is one in its thread.
func canonicalObject(b address.Book, o *as.Object) *as.Object {
	out := *o
	out.AllAttributedTo = slices.Clone(o.AllAttributedTo) // respelled in place
	out.InReplyTo, out.Quote = spell(b, o.InReplyTo), spell(b, o.Quote)
	out.Interaction, out.Target = spell(b, o.Interaction), spell(b, o.Target)
	out.To, out.Cc, out.Bto, out.Bcc, out.Audience = spellAll(b, o.To), spellAll(b, o.Cc), spellAll(b, o.Bto), spellAll(b, o.Bcc), spellAll(b, o.Audience)
	for _, context := range []string{string(o.InReplyTo), o.Context} {
		if found := b.Find(context); found.Issue != "" {
			out.Context = b.Site.Thread(found.Issue)
		}
	}
	out.Mentions = nil
	for _, m := range o.Mentions {
		m.Href = mentioned(b, m)
		out.Mentions = append(out.Mentions, m)
	}
	if p := o.CanReply; p != nil {
		out.CanReply = &as.Policy{Automatic: spellAll(b, p.Automatic), Manual: spellAll(b, p.Manual), Older: p.Older, Contacts: p.Contacts}
	}
	return &out
}

// mentioned returns which account a Mention is of. The link decides: the name
// counts only where there is no link, or one to our host that leads nowhere.
func mentioned(b address.Book, m as.Mention) desk.ActorID {
	found := b.Find(string(m.Href))
	if m.Href == "" || found.Kind == address.Unknown {
		found = b.Find(m.Name)
	}
	if id := found.Object(b.Site); found.Kind == address.Actor || found.Kind == address.Key {
		return desk.ActorID(id)
	}
	return m.Href
}

// spell returns the id of what of ours an address means, and others as they are.
func spell[T ~string](b address.Book, s T) T {
	if s == "" || as.IsPublic(string(s)) {
		return s
	}
	if found := b.Find(string(s)); found.Ours() {
		return T(found.Object(b.Site))
	}
	return s
}

// exactly returns the id of ours that an address is, and others as they are.
func exactly[T ~string](b address.Book, s T) T {
	if found := b.Find(string(s)); found.Ours() {
		return T(found.ID)
	}
	return s
}

func spellAll[T ~string](b address.Book, list []T) []T {
	var out []T
	for _, s := range list {
		out = append(out, spell(b, s))
	}
	return out
}
