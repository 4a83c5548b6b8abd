package fed_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/test/fed"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Reports of each platform, and our replies: testdata/replies has a report in
// the shape of a platform, and beside it the Create that reaches its reporter.
func TestRepliesToPlatforms(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/replies/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if strings.HasSuffix(name, ".reply") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := answered(t, file)
			golden := filepath.Join("testdata/replies", name+".reply.json")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// answered hears the report of a file and returns the answer that arrives,
// with the changing parts replaced.
func answered(t *testing.T, file string) []byte {
	t.Helper()
	c := fed.New(t)
	p, peer := c.Provider(acme), c.Peer()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("DESKHOST", string(p.Site.HandleDomain), "DESK", p.Site.URL, "PEER", peer.URL).Replace(string(raw))
	var report struct{ Actor, Post M }
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	peer.Person("eve", report.Actor)
	group := M{"id": peer.URL + "/c/town", "type": "Group", "inbox": peer.URL + "/c/town/inbox", "outbox": peer.URL + "/c/town/outbox", "preferredUsername": "town"}
	peer.Serve("/c/town", group)
	peer.Serve(strings.TrimPrefix(report.Post["id"].(string), peer.URL), report.Post)
	peer.Send(p.Site.SharedInbox(), peer.Create(report.Post))
	c.Settle()
	p.Say(p.Only().Issue.ID, "We are on it.\n\nDoes it work at https://acme.example/status?")
	c.Settle()
	var create M
	to := map[string]int{}
	for _, g := range peer.Got() {
		to[g.Path]++
		create = g.Body
	}
	delete(create, "@context")
	delete(create, "proof") // another one each time; see federation/proof
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(M{"delivered": to, "activity": create}); err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer(p.Site.URL, "DESK", peer.URL, "PEER", string(p.Site.HandleDomain), "DESKHOST", string(peer.Actor.Host()), "PEERHOST").Replace(out.String())
	s = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}`).ReplaceAllString(s, "UUID")
	s = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`).ReplaceAllString(s, "TIME")
	return []byte(s)
}
