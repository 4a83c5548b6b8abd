package console

import (
	"slices"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// whyIn says why an issue is here. One from before its two keys were kept has
// the text only.
func whyIn(l *locale.Language, i desk.Issue) sentence {
	switch {
	case i.Why == desk.WhySplit:
		return sentence{Words: l.T("console_why.split")}
	case i.Heard != desk.HeardTags:
		return sentence{Words: l.T("console_why."+string(i.Heard), "desk", "@"+string(i.Desk))}
	case len(i.Keys) == 2:
		return sentence{Words: l.T("console_why.tags", "name", "#"+i.Keys[0], "call", "#"+i.Keys[1])}
	}
	return sentence{Words: i.Why, English: true}
}

// throughIn names sources. The inbox has no name that a person gave it.
func throughIn(l *locale.Language, sources []string) string {
	names := slices.Clone(sources)
	for n, s := range names {
		if s == app.Inbox {
			names[n] = l.T("console.inbox")
		}
	}
	return strings.Join(names, ", ")
}

// floodIn says why a report is held back.
func floodIn(l *locale.Language, q desk.Quarantined) sentence {
	if q.Flood == "" {
		return sentence{Words: q.Why, English: true}
	}
	return sentence{Words: l.T("console_flood."+string(q.Flood), "host", string(q.Host()))}
}

// noted are the placeholders for the parts of a note, in order.
var noted = map[desk.Note][]string{
	desk.NoteStatus:       {"before", "after"},
	desk.NoteClosed:       {"before", "after", "reason"},
	desk.NoteClosedNext:   {"before", "after", "reason", "next"},
	desk.NoteQuiet:        {"before", "after"},
	desk.NoteSpoke:        {"before"},
	desk.NoteStatusBack:   {"before", "after"},
	desk.NoteAssigned:     {"who"},
	desk.NoteAssignedBack: {"who"},
	desk.NoteWithheld:     {"why"},
	desk.NoteSilenced:     {"why"},
	desk.NoteFlagged:      {"host"},
	desk.NoteFlaggedFor:   {"host", "words"},
	desk.NoteMoved:        {"acct"},
	desk.NoteReacted:      {"emoji"},
	desk.NoteUnreacted:    {"emoji"},
	desk.NoteMerged:       {"issue"},
	desk.NoteMergedInto:   {"issue"},
	desk.NoteUnmerged:     {"issue"},
	desk.NoteDesk:         {"from", "to"},
	desk.NoteDeskBack:     {"from", "to"},
	desk.NoteSnoozed:      {"until"},
	desk.NoteAwakeByTime:  {"until"},
	desk.NoteVoice:        {"title"},
	desk.NoteNoVoice:      {"title"},
}

// noteIn says what an entry tells that has no post to show. One from before
// there were notes has the text only.
func noteIn(l *locale.Language, e desk.Event, staff staff) sentence {
	key := "console_note." + string(e.Note)
	if e.Note == "" || !l.Has(key) {
		return recordedIn(l, e.Text)
	}
	var args []any
	for n, name := range noted[e.Note] {
		if n < len(e.With) {
			args = append(args, name, partIn(l, name, e.With[n], staff))
		}
	}
	return sentence{Words: l.T(key, args...)}
}

// partIn says one of the things a note stands with.
func partIn(l *locale.Language, name, value string, staff staff) string {
	switch name {
	case "before", "after":
		return l.T("console_status." + value)
	case "reason":
		return l.T("console_reason." + value)
	case "why":
		return recordedIn(l, value).Words
	case "until":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return l.Time(at)
		}
	case "who":
		return staff.name(desk.Email(value))
	}
	return value
}
