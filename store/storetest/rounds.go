package storetest

import (
	"fmt"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

// round makes one of every member.
func round(post desk.PostID) desk.Round {
	return desk.Round{Post: post, Incident: "in", Desk: "help", Agent: "bo@acme.example", At: t0, State: desk.RoundHalted,
		Text: "A cable. ^BO", Language: "en", Versions: map[string]string{"de": "Ein Kabel. ^BO"}, Status: desk.StatusInProgress, Tags: true,
		Skip: []desk.IssueID{"i2"}, Take: []desk.IssueID{"i3"}, Planned: true, RestFrom: at(1), Step: 3, Edits: 1, EditAfter: "x", Editing: true, Retracting: true,
		Voices: 9, Written: 4, Left: 2, Objections: 1, FlaggedBy: []desk.Domain{"m.example"}, Seen: desk.RoundFigures{Written: 1, Objections: 2, Flags: 3}, HeldAt: at(2), EndAt: at(3)}
}

func roundVoice(r desk.PostID, i desk.IssueID) desk.RoundVoice {
	return desk.RoundVoice{Round: r, Issue: i, Host: "m.example", Invited: true, State: desk.VoiceWaiting, Why: desk.VoiceOld, Error: "e", Slot: desk.SlotInvited, N: 2,
		Post: "p", Objection: desk.ObjectionStop, At: at(1)}
}

func testRounds(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for _, r := range []desk.Round{round("2"), round("1"), round("3")} {
			early := r // as if it had changed since
			early.Incident, early.Voices = "other", 0
			noError(t, tx.Rounds().Put(early))
			noError(t, tx.Rounds().Put(r))
		}
		other := round("4")
		other.Incident = "other"
		return tx.Rounds().Put(other)
	})
	view(t, s, func(tx store.Tx) error {
		of := func(i desk.IncidentID) []string {
			all := all(t, func(p store.Page) ([]desk.Round, string, error) { return tx.Rounds().List(i, p) })
			return names(all, func(r desk.Round) string { return string(r.Post) })
		}
		same(t, "newest first", of("in"), []string{"3", "2", "1"})
		same(t, "of another", of("other"), []string{"4"})
		same(t, "of none", of("none"), []string{})
		got, ok, err := tx.Rounds().Get("2")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "round", got, round("2"))
		_, ok, err = tx.Rounds().Get("none")
		same(t, "one that is not there", ok, false)
		return err
	})
}

// testRoundVoices lists voices by issue, and by slot while they are in a state.
func testRoundVoices(t *testing.T, s store.Store) {
	put := func(tx store.Tx, issue desk.IssueID, state desk.VoiceState, slot int, objects desk.Objection) {
		v := roundVoice("r", issue)
		v.State, v.Slot, v.Objection = state, slot, objects
		noError(t, tx.Rounds().PutVoice(v))
	}
	update(t, s, func(tx store.Tx) error {
		put(tx, "a", desk.VoiceWaiting, 86_400, "")
		put(tx, "b", desk.VoiceWaiting, 0, "")
		put(tx, "c", desk.VoiceWaiting, desk.SlotFirst, "")
		put(tx, "d", desk.VoiceWaiting, desk.SlotInvited, "")
		put(tx, "e", desk.VoiceWaiting, 7, desk.ObjectionFlag)
		put(tx, "f", desk.VoiceWaiting, 0, "")
		noError(t, tx.Rounds().PutVoice(roundVoice("other", "a")))
		// Later they are in other states and slots.
		put(tx, "e", desk.VoiceTold, 7, desk.ObjectionFlag)
		put(tx, "f", desk.VoiceWaiting, 300, "")
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		for _, tt := range []struct {
			f    store.VoiceFilter
			want []string
		}{
			{store.VoiceFilter{Round: "r"}, []string{"a", "b", "c", "d", "e", "f"}},
			{store.VoiceFilter{Round: "r", State: desk.VoiceWaiting}, []string{"d", "c", "b", "f", "a"}},
			{store.VoiceFilter{Round: "r", State: desk.VoiceTold}, []string{"e"}},
			{store.VoiceFilter{Round: "r", State: desk.VoiceLeft}, []string{}},
			{store.VoiceFilter{Round: "r", Objected: true}, []string{"e"}},
			{store.VoiceFilter{Round: "other"}, []string{"a"}},
			{store.VoiceFilter{Round: "none"}, []string{}},
		} {
			got := all(t, func(p store.Page) ([]desk.RoundVoice, string, error) { return tx.Rounds().Voices(tt.f, p) })
			same(t, fmt.Sprintf("%+v", tt.f), names(got, func(v desk.RoundVoice) string { return string(v.Issue) }), tt.want)
		}
		got, ok, err := tx.Rounds().Voice("other", "a")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "voice", got, roundVoice("other", "a"))
		_, ok, err = tx.Rounds().Voice("other", "b")
		same(t, "one that is not there", ok, false)
		return err
	})
}
