package outbox

import (
	"context"
	"fmt"
	"time"

	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	// lately: an issue that changed since then has a reporter who is told of a new
	// key; others find it when they need it.
	lately = 90 * 24 * time.Hour
	// maxIssues bounds how many issues are read for such reporters.
	maxIssues = 20_000
)

// newKey tells others that one of our actors has new keys: the servers of its
// followers, of those it talked to lately, and of the sources it follows.
func (o *Outbox) newKey(ctx context.Context, job app.Publish) error {
	doc, err := o.docOf(ctx, job.Local)
	if err != nil {
		return err
	}
	id := o.App.Site().Activity("desk-"+string(job.Local), fmt.Sprintf("key/%d", job.N))
	if _, err := o.App.Publish(ctx, job, o.writeActor(id, doc)); err != nil {
		return err
	}
	s := profileShipment(job, id)
	if err := o.toFollowers(ctx, s, job.Local); err != nil {
		return err
	}
	if job.Local == desk.RelayHandle {
		return o.toFirst(ctx, s, maxIssues/batch, func(p store.Page) ([]app.Target, string, error) { return o.App.SourceInboxes(ctx, p) })
	}
	since := o.App.Now().Add(-lately)
	return o.toFirst(ctx, s, maxIssues/batch, func(p store.Page) ([]app.Target, string, error) {
		return o.App.ReporterInboxes(ctx, job.Local, since, p)
	})
}

func (o *Outbox) docOf(ctx context.Context, h desk.Handle) (build.ActorDoc, error) {
	if h == desk.RelayHandle {
		return o.RelayDoc(ctx)
	}
	doc, ok, err := o.DeskDoc(ctx, h)
	if err == nil && !ok {
		err = fmt.Errorf("there is no desk %s", h)
	}
	return doc, err
}
