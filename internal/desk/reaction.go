package desk

import (
	"slices"
	"strings"
	"unicode"
)

// Feeling is what a reaction tells us.
type Feeling string

// The feelings. Only a known affirmative proves that something works, or
// invites us to talk; an unknown one tells us nothing.
const (
	FeelingYes     Feeling = "yes"
	FeelingNo      Feeling = "no"
	FeelingUnknown Feeling = "unknown"
)

// Emojis without their variants of colour and form, and names of custom ones.
var (
	yes = strings.Fields("👍 👌 🙏 🙌 👏 🤝 💪 🤗 ✅ ✔ ☑ 🆗 💯 🎉 🥳 🎊 ✨ ⭐ 🌟 😀 😃 😄 😁 😆 😊 🙂 😎 😌 😍 🥰 😘 😻 🤩 ☺ " +
		"❤ ♥ ❣ 💓 💖 💗 💙 💚 💛 💜 🧡 🤎 🖤 🤍 🩷 🩵 🩶 💝 +1 thumbsup like heart ok yes check white_check_mark heavy_check_mark tada ok_hand clap pray")
	no = strings.Fields("👎 😡 😠 🤬 😤 👿 😾 💢 😞 😟 😢 😭 😩 😫 😖 😣 😒 🙄 ☹ 🙁 😕 💔 🖕 🤮 🤢 💩 🤦 🙅 🙎 ❌ ✖ ❎ ⛔ 🚫 🛑 👊 " +
		"-1 thumbsdown dislike angry rage no cry sob x broken_heart")
)

// maxReaction is the longest reaction, in runes: a family of emojis has 7, a
// custom one's name may be long.
const maxReaction = 64

// ReactionUnread stands for a reaction that cannot be read: one of several words, or
// too long. It tells us nothing.
const ReactionUnread = "?"

// ReactionOf cleans the content of a Like or EmojiReact: "" for one without, as
// Mastodon sends it. Of several the first that says no counts.
func ReactionOf(content string) string {
	words := strings.Fields(content)
	for _, w := range words {
		if FeelingOf(w) == FeelingNo {
			return w
		}
	}
	switch {
	case len(words) == 0:
		return ""
	case len(words) > 1 || len([]rune(words[0])) > maxReaction || strings.ContainsFunc(words[0], func(r rune) bool { return unicode.IsControl(r) || r == '<' }):
		return ReactionUnread
	}
	return words[0]
}

// FeelingOf returns what a reaction tells us; a plain like, "", says yes.
func FeelingOf(reaction string) Feeling {
	name := strings.ToLower(strings.Trim(strings.Map(plain, reaction), ":"))
	name, _, _ = strings.Cut(name, "@") // Misskey names the server of a custom emoji
	switch {
	case name == "" && reaction == "", slices.Contains(yes, name):
		return FeelingYes
	case slices.Contains(no, name):
		return FeelingNo
	}
	return FeelingUnknown
}

// plain drops what gives an emoji a colour, a sex or a form.
func plain(r rune) rune {
	switch {
	case r >= 0x1f3fb && r <= 0x1f3ff, r == 0xfe0e, r == 0xfe0f, r == 0x200d, r == '♀', r == '♂':
		return -1
	}
	return r
}

// Feeling returns what a reaction in a timeline tells us.
func (e Event) Feeling() Feeling {
	if e.Kind != KindReaction {
		return FeelingUnknown
	}
	if e.Note == NoteReacted && len(e.With) > 0 {
		return FeelingOf(e.With[0])
	}
	return FeelingYes
}
