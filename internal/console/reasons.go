package console

import (
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// reason is why an issue is closed, in words.
type reason struct {
	Key  desk.Reason
	Word string
}

func reasons(l *locale.Language) (out []reason) {
	for _, r := range desk.Reasons() {
		out = append(out, reason{r, l.T("console_reason." + string(r))})
	}
	return out
}
