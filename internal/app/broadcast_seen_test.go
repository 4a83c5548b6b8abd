package app_test

import (
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A colleague changes a post that is in no issue, a broadcast or an update of an incident,
// before it goes out or after: who has read the words from before neither writes over
// theirs nor takes them away.
func TestChangesThePostThatWasSeen(t *testing.T) { inHouses(t, (*house).changesPostSeen) }

func (h *house) changesPostSeen() {
	h.agents()
	acts := map[string]func(by app.By, id desk.PostID, sent bool) error{
		"an edit": func(by app.By, id desk.PostID, _ bool) error {
			_, err := h.EditPost(ctx, by, id, "My own words.")
			return err
		},
		"taking back": func(by app.By, id desk.PostID, sent bool) (err error) {
			if sent {
				_, err = h.RetractPost(ctx, by, id)
			} else {
				_, err = h.Undo(ctx, by, string(id))
			}
			return err
		},
	}
	posts := map[string]func() desk.Post{
		"a broadcast": func() desk.Post {
			p, err := h.Broadcast(ctx, app.By{Agent: cy}, app.BroadcastInput{Desk: "help", Text: "The north is dark.", At: h.Now().Add(time.Hour)})
			h.ok(err)
			return p
		},
		"an update": func() desk.Post {
			i, err := h.OpenIncident(ctx, app.By{Agent: cy}, app.IncidentInput{Desk: "help", Title: "No light", Text: "The north is dark.", Publish: true, Now: true})
			h.ok(err)
			h.goesOut(i.Root)
			i, err = h.UpdateIncident(ctx, app.By{Agent: cy}, app.UpdateInput{Incident: i.ID, Text: "We look for the cable."})
			h.ok(err)
			p, err := h.post(i.Updates[0].Post)
			h.ok(err)
			return p
		},
	}
	for kind, write := range posts {
		for what, act := range acts {
			for _, sent := range []bool{false, true} {
				p := write()
				if sent {
					h.goesOut(p.ID)
				}
				seen := app.By{Agent: cy, Seen: desk.EventID(p.Version())}
				changed, err := h.EditPost(ctx, app.By{Agent: bo, Seen: seen.Seen}, p.ID, "A colleague's words.")
				h.ok(err)
				name := what + " of " + kind
				h.equal(name+", on the words from before", desk.ErrorID(act(seen, p.ID, sent)), "post_moved_on")
				now, err := h.post(p.ID)
				h.ok(err)
				h.equal(name+": the colleague's words stay", now.Text, "A colleague's words.")
				h.ok(act(app.By{Agent: cy, Seen: desk.EventID(changed.Version())}, p.ID, sent))
			}
		}
	}
}

// goesOut publishes a post of ours.
func (h *house) goesOut(id desk.PostID) {
	h.t.Helper()
	h.ok(h.Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(id); return err }))
}

func (h *house) post(id desk.PostID) (p desk.Post, err error) {
	return p, h.View(ctx, func(tx *app.Tx) (err error) { p, _, err = tx.Posts().Get(id); return err })
}
