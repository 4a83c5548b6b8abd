package inbox

import (
	"context"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// withdraw remembers a Delete or Undo that found nothing. It costs its sender a
// write. Beyond the sender's share it is dropped: most are about nothing of ours.
func (in *Inbox) withdraw(ctx context.Context, a *as.Activity, by desk.ActorID) (drop.Reason, error) {
	if in.Budget.write(by, in.App.Now()) != nil || in.spend(ctx, by, entryBytes) != nil {
		return drop.Limited, nil
	}
	if a.Type == as.Delete {
		return drop.Kept, in.App.Remove(ctx, a.Object.ID, a.Actor)
	}
	return drop.Kept, in.App.Withdraw(ctx, app.WithdrawnActivity(undone(a), a.Actor))
}

// undone is the id of the activity that an Undo takes back, "" where it does not say.
func undone(a *as.Activity) desk.ActivityID {
	if a.Inner != nil {
		return a.Inner.ID
	}
	return desk.ActivityID(a.Object.ID)
}

// withdrawn says whether what an actor does now was undone before it came. Posts
// are looked at when they are heard.
func (in *Inbox) withdrawn(ctx context.Context, job string, a *as.Activity) (bool, error) {
	switch a.Type {
	case as.Follow, as.Block, as.Like, as.EmojiReact, as.Announce:
		if a.ID != "" {
			return in.App.WithdrawnBefore(ctx, job, app.WithdrawnActivity(a.ID, a.Actor))
		}
	}
	return false, nil
}
