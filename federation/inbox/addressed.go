package inbox

import (
	"context"
	"slices"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// inboxKey is under which a context has the desk whose inbox was written to.
type inboxKey struct{}

// InInbox marks the context of a request to the inbox of one desk.
func InInbox(ctx context.Context, h desk.Handle) context.Context {
	return context.WithValue(ctx, inboxKey{}, h)
}

// inboxOf returns the desk whose inbox was written to, "" for the shared one.
func inboxOf(ctx context.Context) desk.Handle {
	h, _ := ctx.Value(inboxKey{}).(desk.Handle)
	return h
}

// relayKey is under which a context says that our relay was written to.
type relayKey struct{}

// ToRelay marks the context of a request to the inbox of our relay.
func ToRelay(ctx context.Context) context.Context { return context.WithValue(ctx, relayKey{}, true) }

func toRelay(ctx context.Context) bool { return ctx.Value(relayKey{}) != nil }

// addressed adds to a post of a Create or Update what came around it: the actors that the
// activity addresses, and the desk whose inbox it was sent to, if it names no
// audience: blind copies are taken off before delivery. Neither makes a post
// more public. A group passes on what others say, so its inbox says nothing.
func addressed(ctx context.Context, h app.Heard, a *as.Activity, author *as.Actor) app.Heard {
	for _, r := range slices.Concat(a.To, a.Cc) {
		if who := desk.ActorID(r); !as.IsPublic(r) && !slices.Contains(h.Addressed, who) {
			h.Addressed = append(h.Addressed, who)
		}
	}
	if namesNobody(a) && author.Type != as.Group {
		h.Inbox = inboxOf(ctx)
	}
	return h
}

// namesNobody says whether neither an activity nor its object has an audience. An
// object without one was lent that of its activity.
func namesNobody(a *as.Activity) bool {
	o := a.Object.Object
	return len(a.To)+len(a.Cc)+len(o.To)+len(o.Cc)+len(o.Bto)+len(o.Bcc)+len(o.Audience) == 0
}
