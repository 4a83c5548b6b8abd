package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Nodes that tell the same voices at the same moment, each portion several times,
// say each word once, on both stores.
func TestNodesTellOnce(t *testing.T) {
	onStores(t, func(r *threads) {
		var voices []desk.IssueID
		for n := range 7 {
			voices = append(voices, r.reports(fmt.Sprint("p", n), "1", "no light", "", "help"))
		}
		i := of(r.app().OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No light", Publish: true, Now: true}))(r)
		fine(r.T, r.app().Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(i.Root); return err }))
		of(r.app().LinkVoices(ctx, app.By{}, i.ID, voices))(r)
		round := of(r.app().TellVoices(ctx, app.By{Agent: bo}, i.ID, app.TellInput{Count: 7}))(r)
		for range 20 {
			rounds, _, err := r.app().Told(ctx, i.ID, store.Page{})
			fine(r.T, err)
			if round = rounds[0]; round.State == desk.RoundDone {
				break
			}
			var working sync.WaitGroup
			for n := range 4 {
				working.Go(func() {
					if err := r.nodes[n%len(r.nodes)].Tell(ctx, round.Post, round.Step); err != nil {
						r.Error(err)
					}
				})
			}
			working.Wait()
		}
		r.same("the end", []any{round.State, round.Voices, round.Written, round.Waiting()}, []any{desk.RoundDone, 7, 7, 0})
		r.publish(voices...)
		for n, id := range voices {
			said := r.ours(id)
			if len(said) != 1 || !strings.HasPrefix(said[0], fmt.Sprintf("help published p%d@p%d.example [investigating", n, n)) {
				r.Errorf("voice %d heard %q", n, said)
			}
		}
		told, _, err := r.app().ToldVoices(ctx, store.VoiceFilter{Round: round.Post, State: desk.VoiceTold}, store.Page{})
		fine(r.T, err)
		r.same("told", len(told), 7)
	})
}

// Of a merged issue each reporter is a voice, and hears in their own thread.
func TestMergedVoices(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		i := of(r.app().OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No light", Publish: true, Now: true}))(r)
		fine(r.T, r.app().Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(i.Root); return err }))
		of(r.app().LinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{a}))(r)
		round := of(r.app().TellVoices(ctx, app.By{Agent: bo}, i.ID, app.TellInput{Count: 2}))(r)
		for range 5 {
			fine(r.T, r.app().Tell(ctx, round.Post, round.Step))
			rounds, _, err := r.app().Told(ctx, i.ID, store.Page{})
			fine(r.T, err)
			round = rounds[0]
		}
		r.publish(a, b)
		r.same("replies", []int{len(r.ours(a)), len(r.ours(b))}, []int{1, 1})
		r.same("status of the whole", r.kept(a).Status, desk.StatusInProgress)
	})
}
