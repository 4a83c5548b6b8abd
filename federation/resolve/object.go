package resolve

import (
	"context"
	"errors"
	"fmt"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// Object fetches a post, or another object with this id: check its Type. For a
// Create or Update (Mastodon's …/activity) it fetches the created or updated
// object by its own id, and ignores the embedded one. All of attributedTo are
// on the id's host, but there may be none. Nothing is cached. Errors are
// *Error; a Tombstone is Gone.
func (r *Resolver) Object(ctx context.Context, id desk.ObjectID) (*as.Object, error) {
	return r.objects.do(ctx, string(id), string(id), func(ctx context.Context) (*as.Object, error) {
		o, err := r.fetchObject(ctx, id)
		if err != nil {
			return nil, asError(string(id), err)
		}
		return o, nil
	})
}

func (r *Resolver) fetchObject(ctx context.Context, id desk.ObjectID) (*as.Object, error) {
	o, err := r.readObject(ctx, id)
	if err != nil {
		return nil, err
	}
	activity, err := as.ParseActivity(o.Raw)
	if err != nil || !isWrapper(o.Type) {
		return o, nil
	}
	inner := activity.Object.ID
	if inner == "" || inner.Host() != o.ID.Host() {
		return nil, invalid(string(id), fmt.Errorf("the %s is about %q, on another host", o.Type, inner))
	}
	if o, err = r.readObject(ctx, inner); err != nil {
		return nil, err
	}
	if isWrapper(o.Type) {
		return nil, invalid(string(id), fmt.Errorf("a %s in another activity", o.Type))
	}
	return o, nil
}

// ObjectIf is Object of a post that was read before, with the ETag that it had then, or
// "". It returns the ETag of now, and no object if the server says that nothing changed.
func (r *Resolver) ObjectIf(ctx context.Context, id desk.ObjectID, tag string) (o *as.Object, now string, err error) {
	c := &condition{url: string(id), tag: tag}
	o, err = r.fetchObject(context.WithValue(ctx, conditionKey{}, c), id)
	if errors.Is(err, errUnchanged) {
		return nil, tag, nil
	}
	if err != nil {
		return nil, "", asError(string(id), err)
	}
	return o, c.now, nil
}

func isWrapper(t as.Type) bool { return t == as.Create || t == as.Update }

func (r *Resolver) readObject(ctx context.Context, id desk.ObjectID) (*as.Object, error) {
	var o *as.Object
	err := r.fetch(ctx, string(id), func(body []byte) (document, error) {
		var err error
		if o, err = as.ParseObject(body); err != nil {
			return document{}, err
		}
		return document{o.ID, o.AllAttributedTo, o.Type == as.Tombstone}, nil
	})
	return o, err
}
