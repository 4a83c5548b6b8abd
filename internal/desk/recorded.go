package desk

import (
	"slices"
	"strings"
)

// recorded are the sentences that a record keeps in English: why a reply was not
// sent, why an issue is silent. The first text of an id is the one written
// today; the others were written by older versions. A text that was released
// stays in the list, so that old records can be read in every language.
var recorded = map[string][]string{
	"silence_stop":      {"the reporter asked us to stop"},
	"silence_block":     {"the reporter blocked this desk, or is blocked here"},
	"silence_withdrawn": {"the reporter removed the tags by which we heard the post"},
	"silence_deleted":   {"the reporter deleted the report"},
	"silence_refused":   {"the reporter's server refuses to show us the post"},
	"silence_declined":  {"the reporter declined a reply of this desk"},
	"reply_on_its_way": {
		"a reply is on its way, and the reporter has not written to us yet: undo that reply, or wait for an answer",
		"a reply is on its way, and the reporter has not spoken to us yet: undo that one, or wait for an answer",
	},
	"reply_unanswered": {"the reporter was told that it is over and has not answered; nothing more may be said unless they do"},
	"reply_only_fixed": {
		"this was heard by its tags and the reporter has not answered our reply: the one word still allowed is that it is over, with the status “fixed, we believe”",
		"this was heard by its tags and the reporter has not answered our reply: the one word still allowed is that it is over (--status fixed)",
	},
	"reply_not_permitted": {
		"the author of the post chose who may answer it, and this desk is not among them: a reply would be dropped. If they write to the desk themselves, it may answer",
		"the post may only be answered by those whom its author chose, and this desk is not among them: a reply would be dropped. If they write to the desk themselves, it may answer",
	},
	"reporter_erased": {"the reporter has deleted everything they said here: there is nothing left to answer"},
	"reply_not_public": {
		"the post was not public, so it can only be answered directly",
		"the post was not public, so it can only be answered directly: leave --visibility out, or say direct",
	},
	"reply_louder":          {"the post was quiet public, so a public answer would be louder than the question: answer quietly or directly"},
	"server_no_first_words": {"people of this server are not spoken to first: a reply is possible once the reporter has written to the desk"},
	"reply_declined":        {"the reporter declined it"},
	"report_unreadable": {
		"the report could not be read on its author's server, so we do not know whether a reply is still wanted",
		"the report could not be read on its author's server, so nobody knows whether a reply is still wanted",
	},
	"reply_sent_back":   {"a colleague sent it back; their comment says why"},
	"dropped_by_admin":  {"an admin dropped it from the queue"},
	"source_refused_us": {"the other side refused to tell us"},
	InternalID:          {"Something went wrong inside; the log has the details."},
}

// Recorded returns the sentence of an id, and the id itself if it has no sentence.
func Recorded(id string) string {
	if texts := recorded[id]; len(texts) > 0 {
		return texts[0]
	}
	return id
}

// RecordedIDs lists the ids of the recorded sentences.
func RecordedIDs() (ids []string) {
	for id := range recorded {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// noFurtherWord is the one recorded sentence with a part of its own, the words
// of a Silence.
const noFurtherWord = "no further word may be sent here: %s"

// ReadRecorded returns the error of which a record keeps the message, nil for
// any other text.
func ReadRecorded(text string) *Error {
	for id, texts := range recorded {
		if slices.Contains(texts, text) {
			return &Error{ID: id, Message: text, Format: texts[0]}
		}
	}
	if why, ok := strings.CutPrefix(text, strings.TrimSuffix(noFurtherWord, "%s")); ok {
		return &Error{ID: "no_further_word", Message: text, Format: noFurtherWord, Args: []any{why}}
	}
	return nil
}
