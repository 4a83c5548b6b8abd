package inbox

import (
	"context"
	"errors"

	"earshot/internal/app"
	"earshot/internal/drop"
	"earshot/internal/queue"
	"earshot/store"
)

// readAgain reads a report that nobody has answered once more, and takes in what has
// become of it: an edit, or that it is gone. Where its server cannot say so now, it is
// tried for four hours, and then the next time counts.
func (in *Inbox) readAgain(ctx context.Context, job store.Job, f app.Fetch) error {
	yes, err := in.App.ToReadAgain(ctx, f.Object)
	if err != nil || !yes {
		return err
	}
	tag, err := in.changed(ctx, f)
	if err != nil && ctx.Err() == nil {
		var why drop.Reason
		job.Attempts = f.Tries
		if why, err = in.broughtAgain(job, err); why == drop.Unreachable {
			in.Log.Info("a report could not be read again", "object", f.Object)
		}
		if later, puts := errors.AsType[*queue.Later](err); puts {
			return in.App.ReadLater(ctx, f, later.At) // when the server has a turn
		}
		tag = f.Tag
	}
	if err != nil {
		return err
	}
	return in.App.ArmReadAgain(ctx, f.Object, f.Read, tag)
}

// changed takes in what has become of a report, and returns its ETag.
func (in *Inbox) changed(ctx context.Context, f app.Fetch) (tag string, err error) {
	o, tag, err := in.Resolver.ObjectIf(ctx, f.Object, f.Tag)
	if err != nil {
		_, err = in.notFetched(ctx, f.Object, reason{}, err)
		return "", err
	}
	if o == nil {
		return tag, nil
	}
	b, err := in.App.Addresses(ctx)
	if err != nil {
		return "", err
	}
	_, err = in.takeIn(ctx, f.Object, canonicalObject(b, o), "", reason{})
	return tag, err
}
