package webfinger

import (
	"strings"
	"testing"

	"earshot/internal/test/corpus"
)

// TestCorpus reads the WebFinger answers of the corpus: each names an account
// and an ActivityPub actor, both on the host that was asked.
func TestCorpus(t *testing.T) {
	read := 0
	for _, p := range corpus.Payloads(t) {
		if p.Kind != "WebFinger" {
			continue
		}
		read++
		found, err := readJRD(p.Read(t), "https")
		if err != nil || found.account.user == "" || found.actor.Host() != found.account.domain || !strings.HasSuffix(string(found.actor), "/"+found.account.user) {
			t.Errorf("%s/%s: %+v, %v", p.Platform, p.File, found, err)
		}
	}
	if read == 0 {
		t.Error("the corpus has no WebFinger answer")
	}
}
