package inbox

import (
	"slices"
	"strings"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// maxNamed bounds how many posts of ours are read out of the words of a Flag.
const maxNamed = 16

// flagged lists what of ours a Flag is about: its objects, and the posts that its
// words name. Misskey reports the account alone, and lists posts in the words.
func flagged(a *as.Activity, site desk.Site) (own []desk.ObjectID) {
	for _, o := range a.Objects {
		if site.Owns(string(o)) {
			own = append(own, o)
		}
	}
	objects := len(own)
	for _, word := range strings.FieldsFunc(markup.Text(a.Content), endsAddress) {
		o := desk.ObjectID(strings.TrimRight(word, ".,;:!?/"))
		if _, ours := site.PostOf(o); ours && !slices.Contains(own, o) && len(own) < objects+maxNamed {
			own = append(own, o)
		}
	}
	return own
}

// endsAddress says whether a letter cannot be in the address of a post of ours.
func endsAddress(r rune) bool { return r <= ' ' || strings.ContainsRune("()[]<>\"'„“”,;|", r) }
