package store

import (
	"encoding/json"
	"testing"
)

// A source of an earlier version is read with its tag and its state.
func TestSourceOfAnEarlierVersion(t *testing.T) {
	for in, want := range map[string]struct {
		state SourceState
		tag   string
	}{
		`{"id":"s","tag":"acme","state":"active"}`:                 {SourceAccepted, "acme"},
		`{"id":"s","state":"leaving"}`:                             {SourceClosed, ""},
		`{"id":"s","tags":["Acme","Ackme"],"state":"polling"}`:     {SourcePolling, "Acme"},
		`{"id":"s","tag":"old","tags":["new"],"state":"rejected"}`: {SourceRejected, "new"},
	} {
		var s Source
		if err := json.Unmarshal([]byte(in), &s); err != nil || s.ID != "s" || s.State != want.state || s.Tag() != want.tag {
			t.Errorf("%s is read as %+v, %v", in, s, err)
		}
	}
}
