package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var roundsTable = define(table[desk.Round]{
	name: "rounds", keys: []string{"post"}, columns: []string{"incident"},
	key:    func(r *desk.Round) []any { return []any{ordered(r.Post)} },
	values: func(r *desk.Round) []any { return []any{ordered(r.Incident)} },
})

var roundVoicesTable = define(table[desk.RoundVoice]{
	name: "round_voices", keys: []string{"round", "issue"},
	key:  func(v *desk.RoundVoice) []any { return []any{ordered(v.Round), ordered(v.Issue)} },
	more: placeVoice,
})

// placeVoice puts a voice on the lists that it is in.
func placeVoice(x *tx, v *desk.RoundVoice) error {
	round, issue := ordered(v.Round), ordered(v.Issue)
	err := x.later("delete from round_lists where round = $1 and issue = $2", round, issue)
	for _, list := range layout.VoiceLists(v) {
		if err == nil {
			err = x.later("insert into round_lists (round, list, slot, issue) values ($1, $2, $3, $4)", round, ordered(list), layout.Slot(v), issue)
		}
	}
	return err
}

type rounds struct{ *tx }

func (s rounds) Put(r desk.Round) error { return roundsTable.put(s.tx, &r) }

func (s rounds) Get(p desk.PostID) (desk.Round, bool, error) {
	return roundsTable.get(s.tx, ordered(p))
}

func (s rounds) List(i desk.IncidentID, p store.Page) ([]desk.Round, string, error) {
	return page(s.tx, roundsTable, listing{name: "rounds", table: "rounds", where: []string{"incident"}, is: []any{ordered(i)}, order: []string{"post"}, desc: true}, p)
}

func (s rounds) PutVoice(v desk.RoundVoice) error { return roundVoicesTable.put(s.tx, &v) }

func (s rounds) Voice(r desk.PostID, i desk.IssueID) (desk.RoundVoice, bool, error) {
	return roundVoicesTable.get(s.tx, ordered(r), ordered(i))
}

func (s rounds) Voices(f store.VoiceFilter, p store.Page) ([]desk.RoundVoice, string, error) {
	l := listing{name: "voices of round", table: "round_voices", where: []string{"round"}, is: []any{ordered(f.Round)}, order: []string{"issue"}}
	if list := layout.VoiceList(f); list != "" {
		l = listing{name: "voices by state", table: "round_lists join round_voices using (round, issue)", where: []string{"round", "list"}, is: []any{ordered(f.Round), ordered(list)}, order: []string{"slot", "issue"}}
	}
	return page(s.tx, roundVoicesTable, l, p)
}
