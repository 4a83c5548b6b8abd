package inbox

import (
	"earshot/federation/as"
	"earshot/internal/desk"
)

// MaxPost bounds a whole remote post, in bytes: its text, its HTML, and all the
// rest of it together. A post of 256 pictures with long descriptions would
// otherwise be as long as a document may be, and a few hundred of them make an
// issue unreadable.
const MaxPost = 2*MaxText + maxRest

const (
	maxRest = 64 << 10
	// MaxName bounds the name of an actor, which is shown beside each of its posts.
	MaxName = 2 << 10
	// entryCosts is what an entry of a list counts for beside its own bytes.
	entryCosts = 16
)

// room is the rest of a bound, in bytes.
type room int

// fits takes the room that texts need, together, or none of it.
func (r *room) fits(texts ...string) bool {
	need := entryCosts
	for _, s := range texts {
		need += len(s)
	}
	if need > int(*r) {
		return false
	}
	*r -= room(need)
	return true
}

// cut takes the room that a text needs, and cuts it to the room that there is.
func (r *room) cut(s string) string {
	s = cut(s, int(*r))
	*r -= room(len(s))
	return s
}

// usual is the length of addresses and tags that servers make.
const usual = 255

// keep returns the entries for which there is room, in order. Those of a usual
// length, as ours are, are asked first.
func keep[S ~string](left *room, list []S) (out []S) {
	kept := make([]bool, len(list))
	for _, first := range []bool{true, false} {
		for n, s := range list {
			if (len(s) <= usual) == first {
				kept[n] = left.fits(string(s))
			}
		}
	}
	for n, s := range list {
		if kept[n] {
			out = append(out, s)
		}
	}
	return out
}

// attachmentsOf returns the links of a post that there is room for, then as much
// of their descriptions.
func attachmentsOf(o *as.Object, left *room) (out []desk.Attachment) {
	var alts []string
	for _, a := range o.Attachments {
		if left.fits(a.URL, a.MediaType) {
			out, alts = append(out, desk.Attachment{URL: a.URL, MediaType: a.MediaType}), append(alts, a.Alt)
		}
	}
	for n, alt := range alts {
		out[n].Alt = left.cut(alt)
	}
	return out
}
