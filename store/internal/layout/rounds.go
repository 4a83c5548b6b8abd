package layout

import (
	"encoding/binary"

	"earshot/internal/desk"
	"earshot/store"
)

// VoiceLists names the lists of its round that a voice is in.
func VoiceLists(v *desk.RoundVoice) []string {
	lists := []string{string(v.State)}
	if v.Objection != "" {
		lists = append(lists, store.Objecting)
	}
	return lists
}

// VoiceList names the one list that a filter looks through, "" for all voices.
func VoiceList(f store.VoiceFilter) string {
	if f.Objected {
		return store.Objecting
	}
	return string(f.State)
}

// Slot is a voice's slot in the order of bytes.
func Slot(v *desk.RoundVoice) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(int64(v.Slot))^1<<63)
}
