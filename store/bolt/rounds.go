package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var roundsTable = table[desk.Round]{
	name:    "rounds",
	key:     func(r *desk.Round) key { return key(nil).text(string(r.Post)) },
	indexes: []*index[desk.Round]{roundsByIncident},
}

var roundsByIncident = &index[desk.Round]{name: "rounds.incident", keys: func(r *desk.Round) []key {
	return []key{key(nil).text(string(r.Incident)).rawDesc(key(nil).text(string(r.Post)))}
}}

var roundVoicesTable = table[desk.RoundVoice]{
	name:    "roundvoices",
	key:     func(v *desk.RoundVoice) key { return voiceKey(v.Round, v.Issue) },
	indexes: []*index[desk.RoundVoice]{roundVoicesByState},
}

// roundVoicesByState has an entry for every list that the voice is in.
var roundVoicesByState = &index[desk.RoundVoice]{name: "roundvoices.state", keys: func(v *desk.RoundVoice) (ks []key) {
	for _, list := range layout.VoiceLists(v) {
		ks = append(ks, voiceList(v.Round, list).raw(layout.Slot(v)).text(string(v.Issue)))
	}
	return ks
}}

func voiceKey(r desk.PostID, i desk.IssueID) key {
	return key(nil).text(string(r)).text(string(i))
}

func voiceList(r desk.PostID, list string) key { return key(nil).text(string(r)).text(list) }

type rounds struct{ *tx }

func (s rounds) Put(r desk.Round) error { return roundsTable.put(s.tx, &r) }

func (s rounds) Get(p desk.PostID) (desk.Round, bool, error) {
	return roundsTable.get(s.tx, key(nil).text(string(p)))
}

func (s rounds) List(i desk.IncidentID, p store.Page) ([]desk.Round, string, error) {
	return roundsTable.listBy(s.tx, roundsByIncident, key(nil).text(string(i)), p)
}

func (s rounds) PutVoice(v desk.RoundVoice) error { return roundVoicesTable.put(s.tx, &v) }

func (s rounds) Voice(r desk.PostID, i desk.IssueID) (desk.RoundVoice, bool, error) {
	return roundVoicesTable.get(s.tx, voiceKey(r, i))
}

func (s rounds) Voices(f store.VoiceFilter, p store.Page) ([]desk.RoundVoice, string, error) {
	if list := layout.VoiceList(f); list != "" {
		return roundVoicesTable.listBy(s.tx, roundVoicesByState, voiceList(f.Round, list), p)
	}
	return roundVoicesTable.list(s.tx, key(nil).text(string(f.Round)), p)
}
