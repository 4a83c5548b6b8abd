package as

import "earshot/internal/desk"

// MaxAnswers is how many answers are read of those that a post brings along.
const MaxAnswers = 10

// answers lists the ids in the first page of a post's replies, if that is in the post.
func (n *node) answers() (out []desk.ObjectID) {
	replies := n.child("replies")
	if replies == nil {
		return nil
	}
	if first := replies.child("first"); first != nil {
		replies = first
	}
	for _, v := range replies.entries() {
		if id := idOf(v); id != "" && len(out) < MaxAnswers {
			out = append(out, desk.ObjectID(id))
		}
	}
	return out
}
