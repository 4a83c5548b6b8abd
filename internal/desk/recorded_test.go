package desk

import "testing"

// A record's sentence is read back to its error: today's, an older one, one with
// a sentence in it; other texts are left as they are.
func TestReadRecorded(t *testing.T) {
	for _, id := range RecordedIDs() {
		for _, text := range recorded[id] {
			if e := ReadRecorded(text); e == nil || e.ID != id || e.Format != Recorded(id) {
				t.Errorf("%q is read as %+v, not as %s", text, e, id)
			}
		}
	}
	err := Issue{Silenced: SilenceStop}.MayReply("")
	if e := ReadRecorded(err.Error()); e == nil || e.ID != ErrorID(err) || len(e.Args) != 1 || e.Args[0] != SilenceStop.Words() {
		t.Errorf("%q is read as %+v", err, e)
	}
	for _, text := range []string{"", "connection refused", "no further word", "it is over"} {
		if e := ReadRecorded(text); e != nil {
			t.Errorf("%q is read as %+v", text, e)
		}
	}
}

// Each refusal to send is a recorded sentence: a reply that is waiting keeps it.
func TestRefusalsAreRecorded(t *testing.T) {
	for name, err := range map[string]error{
		"on its way": Issue{Pending: 1}.MayReply(""),
		"unanswered": Issue{Replies: 1, EndTold: true}.MayReply(""),
		"only fixed": Issue{Replies: 1}.MayReply(""),
		"silenced":   Issue{Silenced: SilenceBlock}.MayReply(""),
	} {
		if e := ReadRecorded(ErrorMessage(err)); e == nil || e.ID != ErrorID(err) {
			t.Errorf("%s: %v is read as %+v", name, err, e)
		}
	}
}
