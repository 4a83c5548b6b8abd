package app

import (
	"context"
	"encoding/json"
	"fmt"

	"earshot/store"
)

// RunTimer does what a timer job asks for.
func (a *App) RunTimer(ctx context.Context, j store.Job) error {
	var t Timer
	if err := json.Unmarshal(j.Payload, &t); err != nil {
		return fmt.Errorf("reading a timer: %w", err)
	}
	switch t.Kind {
	case TimerQuiet:
		return a.Quiet(ctx, t.Issue)
	case TimerSnooze:
		return a.SnoozeOver(ctx, t.Issue, t.At)
	case TimerRota:
		return a.nextOfRota(ctx, t.Issue, t.N)
	case TimerSource:
		return a.TendSource(ctx, t.Source)
	case TimerNotFound:
		return a.FetchAgain(ctx, t.Object, j.Added)
	case TimerRead:
		return a.ReadAgain(ctx, t)
	case TimerRelease:
		return a.ReleaseIssues(ctx, t.Agent)
	case TimerReindex:
		return a.Reindex(ctx)
	case TimerAlive:
		return a.Alive(ctx, t.At)
	case TimerRound:
		return a.Tell(ctx, t.Post, t.N)
	case TimerWindow:
		return a.Window(ctx, t)
	case TimerRetry:
		return a.placeAgain(ctx, t)
	case TimerPile:
		return a.pilePortion(ctx, t.Pile, t.Tag, t.N)
	case TimerForget:
		if err := a.Forget(ctx); err != nil {
			return err
		}
		return a.ArmForget(ctx)
	case TimerUpkeep:
		if err := a.Upkeep(ctx); err != nil {
			return err
		}
		return a.ArmUpkeep(ctx)
	}
	return fmt.Errorf("there is no timer %q", t.Kind)
}
