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

// ReactionOf cleans the content of a Like or EmojiReact: "" for one without, as
// Mastodon sends it, or with something that is no reaction.
func ReactionOf(content string) string {
	s := strings.TrimSpace(content)
	if n := len([]rune(s)); n == 0 || n > maxReaction || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '<' }) {
		return ""
	}
	return s
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
