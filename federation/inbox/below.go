package inbox

import (
	"context"

	"earshot/internal/app"
	"earshot/internal/drop"
)

// fetchBelow fetches an answer that an author gave to their own post. Nothing is said
// by the list in which it was: the post itself must be public, of the same author, and
// answer that post.
func (in *Inbox) fetchBelow(ctx context.Context, f app.Fetch) (drop.Reason, error) {
	above, known, err := in.App.Post(ctx, f.Below)
	if err != nil || !known || above.Deleted {
		return drop.Kept, err
	}
	if in.Budget.lookup(above.Author, in.App.Now()) != nil {
		return drop.Limited, nil
	}
	o, err := in.object(ctx, f.Object)
	if passing(err) {
		return "", err
	}
	if err != nil {
		return fetchFailed(err), nil
	}
	if !visibility(o.To, o.Cc, "").IsPublic() {
		return drop.NotPublic, nil
	}
	if o.AttributedTo != above.Author || o.InReplyTo != above.Object {
		return drop.NotAuthor, nil
	}
	if in.spend(ctx, above.Author, len(o.Raw)+entryBytes) != nil {
		return drop.Limited, nil
	}
	got, err := in.takeIn(ctx, f.Object, o, "", reason{below: f.N})
	return got.why, err
}
