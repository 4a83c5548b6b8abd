package desk

import "fmt"

// Note is what an entry of a timeline says that has no post. A page says it in
// its reader's language, with the values in Event.With.
type Note string

// The notes, each with its values in order.
const (
	NoteStatus           Note = "status"      // the status before, and now
	NoteClosed           Note = "closed"      // the status before, and now; the Reason
	NoteClosedNext       Note = "closed_next" // the same, and where to go instead
	NoteQuiet            Note = "quiet"       // the status before, and now
	NoteSpoke            Note = "spoke"       // the status before
	NoteStatusBack       Note = "status_back" // undone: the status before, and now
	NoteAssigned         Note = "assigned"    // to which agent
	NoteUnassigned       Note = "unassigned"
	NoteAssignedBack     Note = "assigned_back" // undone: to which agent
	NoteUnassignedBack   Note = "unassigned_back"
	NoteLike             Note = "like"
	NoteBoost            Note = "boost"
	NoteUnlike           Note = "unlike"
	NoteUnboost          Note = "unboost"
	NoteReacted          Note = "reacted"   // with which emoji
	NoteUnreacted        Note = "unreacted" // with which emoji
	NoteTakenBack        Note = "taken_back"
	NoteReleased         Note = "released"
	NoteAwaitingApproval Note = "asked"
	NoteApproved         Note = "approved"
	NoteDeclined         Note = "declined"
	NoteWithheld         Note = "withheld" // why, as in Post.Withheld
	NoteSilenced         Note = "silenced" // why: the words of a Silence
	NoteUntagged         Note = "untagged"
	NoteFlagged          Note = "flagged"       // by which server
	NoteFlaggedFor       Note = "flagged_words" // by which server, and its words
	NoteMoved            Note = "moved"         // to which account
	NoteExpired          Note = "expired"
	NoteMerged           Note = "merged"      // which issue
	NoteMergedInto       Note = "merged_into" // which issue
	NoteUnmerged         Note = "unmerged"    // undone: which issue
	NoteDesk             Note = "desk"        // the desk before, and now
	NoteDeskBack         Note = "desk_back"   // undone: the desk before, and now
	NoteSnoozed          Note = "snoozed"     // until which time
	NoteSnoozedSpeaks    Note = "snoozed_speaks"
	NoteAwake            Note = "awake"        // by an agent
	NoteAwakeByTime      Note = "awake_time"   // which time
	NoteSnoozeBack       Note = "snooze_back"  // undone: it is not snoozed
	NoteSnoozeAgain      Note = "snooze_again" // undone: it is snoozed as before
	NoteVoice            Note = "voice"        // linked to an incident: its title
	NoteNoVoice          Note = "no_voice"     // the link ended: the incident's title
)

// english is the text of each note for programs, the command line and the log,
// as for fmt.Sprintf.
var english = map[Note]string{
	NoteStatus:           "%s → %s",
	NoteClosed:           "%s → %s (%s)",
	NoteClosedNext:       "%s → %s (%s): %s",
	NoteQuiet:            "%s → %s: three quiet days",
	NoteSpoke:            "the reporter spoke; it was %s",
	NoteAssigned:         "assigned to %s",
	NoteUnassigned:       "assigned to nobody",
	NoteStatusBack:       "undone: %s → %s",
	NoteAssignedBack:     "undone: assigned to %s",
	NoteUnassignedBack:   "undone: assigned to nobody",
	NoteLike:             "like",
	NoteBoost:            "boost",
	NoteUnlike:           "does not like it any more",
	NoteUnboost:          "does not boost it any more",
	NoteReacted:          "reacts with %s",
	NoteUnreacted:        "took the reaction %s back",
	NoteTakenBack:        "the reply was undone before it went out",
	NoteReleased:         "a colleague released the reply",
	NoteAwaitingApproval: "the reply awaits the reporter's approval",
	NoteApproved:         "the reporter approved the reply",
	NoteDeclined:         "the reply was withdrawn: the reporter declined it",
	NoteWithheld:         "the reply was not sent: %s",
	NoteSilenced:         "no further reply is sent: %s",
	NoteUntagged:         "the tags by which this was heard were removed: no further reply is sent",
	NoteFlagged:          "our reply was reported by %s",
	NoteFlaggedFor:       "our reply was reported by %s: %s",
	NoteMoved:            "the reporter moved to %s",
	NoteExpired:          "other people's words have expired and were erased",
	NoteMerged:           "%s was merged into this issue",
	NoteMergedInto:       "merged into %s",
	NoteUnmerged:         "undone: %s is an issue of its own again",
	NoteDesk:             "moved from the desk %s to %s",
	NoteDeskBack:         "undone: moved from the desk %s to %s",
	NoteSnoozed:          "snoozed until %s",
	NoteSnoozedSpeaks:    "snoozed until the reporter speaks",
	NoteAwake:            "not snoozed any more",
	NoteAwakeByTime:      "back in the lists: it was snoozed until %s",
	NoteSnoozeBack:       "undone: not snoozed any more",
	NoteSnoozeAgain:      "undone: snoozed as before",
	NoteVoice:            "linked to the incident “%s”",
	NoteNoVoice:          "no longer linked to the incident “%s”",
}

// Says returns the event with a note, its values and its text in English.
func (e Event) Says(n Note, with ...string) Event {
	args := make([]any, len(with))
	for i, w := range with {
		args[i] = w
	}
	e.Note, e.With, e.Text = n, with, fmt.Sprintf(english[n], args...)
	return e
}
