package instance

import (
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/corpus"
)

// TestCorpus reads the NodeInfo of the corpus: the links lead to the newest
// version on the same host, and none of these documents says how long a post
// may be.
func TestCorpus(t *testing.T) {
	read := 0
	for _, p := range corpus.Payloads(t) {
		if !strings.HasPrefix(p.Kind, "NodeInfo") {
			continue
		}
		read++
		raw := p.Read(t)
		if n := readNodeInfo(raw); n != 0 {
			t.Errorf("%s/%s: %d characters", p.Platform, p.File, n)
		}
		newest := map[string]string{"mastodon": "2.0", "wildebeest": "2.1"}[p.Platform]
		host := desk.Host(p.Platform + ".example.org")
		want := ""
		if strings.HasSuffix(p.Kind, "discovery") {
			want = "https://" + string(host) + "/nodeinfo/" + newest
		}
		if got := readNodeInfoLinks(raw, host); got != want {
			t.Errorf("%s/%s leads to %q, want %q", p.Platform, p.File, got, want)
		}
		if got := readNodeInfoLinks(raw, "elsewhere.example"); got != "" {
			t.Errorf("%s/%s leads elsewhere to %q", p.Platform, p.File, got)
		}
	}
	if read == 0 {
		t.Error("the corpus has no NodeInfo")
	}
}
