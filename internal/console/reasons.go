package console

import "earshot/internal/desk"

// reason is why an issue is closed, in words.
type reason struct {
	Key  desk.Reason
	Word string
}

var reasonWords = map[desk.Reason]string{
	desk.ReasonNotOurs:   "not ours: names who it is",
	desk.ReasonCannot:    "we cannot",
	desk.ReasonWillNot:   "we will not",
	desk.ReasonDuplicate: "told twice",
	desk.ReasonNoAnswer:  "no answer",
	desk.ReasonWithdrawn: "taken back",
	desk.ReasonNotACall:  "no call for help",
}

func reasons() []reason {
	var out []reason
	for _, r := range desk.Reasons() {
		out = append(out, reason{r, reasonWords[r]})
	}
	return out
}
