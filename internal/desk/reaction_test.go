package desk

import (
	"strings"
	"testing"
)

func TestFeelingOf(t *testing.T) {
	for reaction, want := range map[string]Feeling{
		"": FeelingYes, "👍": FeelingYes, "👍🏽": FeelingYes, "❤": FeelingYes, "❤️": FeelingYes, "♥️": FeelingYes, ":+1:": FeelingYes, ":Heart@.:": FeelingYes, "🙌🏿": FeelingYes,
		"👎": FeelingNo, "👎🏻": FeelingNo, "😡": FeelingNo, "💢": FeelingNo, ":thumbsdown:": FeelingNo, "☹️": FeelingNo, "🤦🏼‍♀️": FeelingNo, "🙅‍♂️": FeelingNo,
		"🤔": FeelingUnknown, "👀": FeelingUnknown, "😂": FeelingUnknown, ":blobcat:": FeelingUnknown, ":": FeelingUnknown, ReactionUnread: FeelingUnknown, "♀": FeelingUnknown,
	} {
		if got := FeelingOf(reaction); got != want {
			t.Errorf("%q: %s, want %s", reaction, got, want)
		}
	}
}

func TestReactionOf(t *testing.T) {
	for content, want := range map[string]string{
		"": "", " 👍 ": "👍", ":blobcat:": ":blobcat:", "🏳️‍🌈": "🏳️‍🌈", " ": "",
		"two words": ReactionUnread, "👍 👍": ReactionUnread, "<b>👍</b>": ReactionUnread, "a\x00": ReactionUnread, strings.Repeat("x", maxReaction+1): ReactionUnread,
		"👎 👎": "👎", "👎 no!": "👎", "👍 👎🏽": "👎🏽",
	} {
		if got := ReactionOf(content); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

// Only a reaction that says yes proves anything.
func TestEventFeeling(t *testing.T) {
	for _, tc := range []struct {
		e    Event
		want Feeling
	}{
		{Event{Kind: KindReaction}.Says(NoteLike), FeelingYes},
		{Event{Kind: KindReaction}.Says(NoteBoost), FeelingYes},
		{Event{Kind: KindReaction, Text: "like"}, FeelingYes}, // of an earlier version
		{Event{Kind: KindReaction}.Says(NoteReacted, "👎"), FeelingNo},
		{Event{Kind: KindReaction}.Says(NoteReacted, "👍"), FeelingYes},
		{Event{Kind: KindNotice}.Says(NoteUnreacted, "👍"), FeelingUnknown},
	} {
		if got := tc.e.Feeling(); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.e, got, tc.want)
		}
	}
}
