package fed_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/test/corpus"
	"earshot/internal/test/fed"
)

// recordings gives a test an example of our own, and the recording of a running
// server where there is one. The server that was recorded spoke with desk.
func recordings(t *testing.T, file, own, desk string, check func(t *testing.T, ours func(site string) string)) {
	t.Helper()
	for what, raw := range map[string]string{"own": own, "recorded": string(corpus.Interop(t, file))} {
		if raw == "" {
			continue
		}
		t.Run(what, func(t *testing.T) {
			check(t, func(site string) string { return strings.ReplaceAll(raw, desk, site) })
		})
	}
}

// GoToSocial keeps an actor for six hours, and answers 401 to what another key of it
// signs. After revoked keys nothing is lost: it is asked again after one hour and
// after seven.
func TestInteropRevokedKey(t *testing.T) {
	const own = `{"error":"key mismatch: fetched key https://desk.example/desks/help#main-key-3 does not match pubkey of fetched Actor https://desk.example/desks/help"}`
	mismatch := regexp.MustCompile(`fetched key (\S+) does not match pubkey of fetched Actor (\S+)`)
	recordings(t, "gotosocial-revoked-key.json", own, "https://desk.example", func(t *testing.T, ours func(string) string) {
		c, p, eve, id := correspondent(t)
		var answer struct{ Error string }
		if err := json.Unmarshal([]byte(ours(p.Site.URL)), &answer); err != nil {
			t.Fatal(err)
		}
		said := mismatch.FindStringSubmatch(answer.Error)
		if len(said) != 3 || said[2] != string(p.Site.Desk("help")) {
			t.Fatalf("it said %q", answer.Error)
		}
		rotate(t, p, "help", false)
		c.Settle()
		revoked := c.Clock.Now()
		rotate(t, p, "help", true)
		eve.InboxDecides("/users/eve/inbox", func(r *http.Request) int {
			signature := r.Header.Get("Signature") + r.Header.Get("Signature-Input")
			if strings.Contains(signature, `"`+said[1]+`"`) && c.Clock.Now().Sub(revoked) < 6*time.Hour {
				return http.StatusUnauthorized
			}
			return http.StatusAccepted
		})
		c.Settle()
		before := len(eve.Got())
		post := p.Say(id, "Which street?")
		c.Settle()
		if got := tally(p, post.ID); got.Delivered != 0 || len(eve.Got()) == before {
			t.Fatalf("at first: %+v, tried %d times; it is not refused by the key %s", got, len(eve.Got())-before, said[1])
		}
		c.Advance(61 * time.Minute)
		c.Settle()
		if got := tally(p, post.ID); got.Delivered != 0 || got.Failed != 0 {
			t.Errorf("an hour later: %+v", got)
		}
		c.Advance(6 * time.Hour)
		c.Settle()
		if got := tally(p, post.ID); got.Delivered != 1 {
			t.Errorf("seven hours later: %+v", got)
		}
		if got := signedBy(eve, before); !slices.Contains(got, "Create main-key-3") {
			t.Errorf("eve got %q", got)
		}
	})
}

// snac takes every delivery with 202, ignores the Update of an Organization, and
// drops what a key signs that it does not know, for as long as it keeps our actor:
// 36 hours. After new keys it still reads what we say, then and later.
func TestInteropUpdateOfAnOrganization(t *testing.T) {
	const own = `{"activity":{"type":"Update","id":"https://social.acme.example/activities/desk-help/key/2","actor":"https://social.acme.example/desks/help",
		"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://social.acme.example/desks/help/followers"],
		"object":{"type":"Organization","id":"https://social.acme.example/desks/help","publicKey":{"id":"https://social.acme.example/desks/help#main-key-2"}}}}`
	recordings(t, "snac-update-organization.json", own, "https://social.acme.example", func(t *testing.T, ours func(string) string) {
		c, p, eve, id := correspondent(t)
		help := string(p.Site.Desk("help"))
		var recorded struct{ Activity fed.M }
		if err := json.Unmarshal([]byte(ours(p.Site.URL)), &recorded); err != nil {
			t.Fatal(err)
		}
		ignored := recorded.Activity["object"].(fed.M)
		kept, until := help+"#main-key", c.Clock.Now().Add(36*time.Hour)
		fetches := func() { // as it does when what it keeps has grown old
			if status, answer := eve.Do(eve.GetAs(eve.URL+"/users/eve#main-key", help)); status != http.StatusOK {
				t.Fatal(status, answer)
			}
			fragment, _ := actorKeys(t, p.Site.Desk("help"))
			kept = help + "#" + fragment
		}
		from := len(eve.Got())
		read := func() (texts []string, updates []fed.M) { // what it does not drop
			for _, g := range eve.Got()[from:] {
				object, _ := g.Body["object"].(fed.M)
				switch {
				case g.KeyID != kept:
				case g.Body["type"] == "Update" && object["type"] == ignored["type"]:
					updates = append(updates, g.Body)
				default:
					content, _ := object["content"].(string)
					texts = append(texts, content)
				}
			}
			from = len(eve.Got())
			return texts, updates
		}
		rotate(t, p, "help", false)
		c.Settle()
		_, updates := read()
		if len(updates) != 1 {
			t.Fatalf("%d announcements are signed by the key that it keeps", len(updates))
		}
		for _, member := range []string{"type", "id", "actor", "to", "cc"} {
			got, _ := json.Marshal(updates[0][member])
			want, _ := json.Marshal(recorded.Activity[member])
			if member == "id" { // the number of a change of keys is its own
				got, want = []byte(trimNumber(string(got))), []byte(trimNumber(string(want)))
			}
			if string(got) != string(want) {
				t.Errorf("%s is %s, and %s was recorded", member, got, want)
			}
		}
		object := updates[0]["object"].(fed.M)
		key, was := object["publicKey"].(fed.M), ignored["publicKey"].(fed.M)
		if object["type"] != ignored["type"] || object["id"] != ignored["id"] || key["id"] != was["id"] {
			t.Errorf("it tells of %v", object)
		}
		for _, words := range []string{"Which street?", "We are on it."} {
			p.Say(id, words)
			c.Settle()
			if texts, _ := read(); len(texts) != 1 || !strings.Contains(texts[0], words) {
				t.Errorf("of %q it reads %q", words, texts)
			}
			c.Advance(18*time.Hour - time.Minute)
		}
		c.Advance(until.Sub(c.Clock.Now()))
		fetches()
		p.Say(id, "It works again.")
		c.Settle()
		if texts, _ := read(); kept != key["id"] || len(texts) != 1 {
			t.Errorf("with %s it reads %q", kept, texts)
		}
	})
}

func trimNumber(id string) string { return strings.TrimRight(id, `0123456789"`) }
