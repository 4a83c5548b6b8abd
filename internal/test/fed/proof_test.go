package fed_test

import (
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/proof"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/multikey"
	"earshot/internal/test/fed"
)

// relayed is a provider with an issue of eve's, who can prove her words, and a
// second server that forwards activities.
type relayed struct {
	*fed.Cluster
	t     *testing.T
	desk  *fed.Provider
	eve   *fed.Peer
	relay *fed.Peer
	key   ed25519.PrivateKey
	n     int
}

func newRelayed(t *testing.T) *relayed { return relayedOn(t, fed.New(t)) }

func relayedOn(t *testing.T, c *fed.Cluster) *relayed {
	t.Helper()
	r := &relayed{Cluster: c, t: t, desk: c.Provider(acme), eve: c.Peer(), relay: c.Peer(), n: 1,
		key: ed25519.NewKeyFromSeed([]byte("a seed of thirty-two bytes, fine"))}
	text, err := multikey.Encode(r.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	r.eve.Person("eve", fed.M{"assertionMethod": []fed.M{{"id": string(r.eve.Actor) + "#ed25519-key", "type": "Multikey",
		"controller": string(r.eve.Actor), "publicKeyMultibase": text}}})
	return r
}

// opened has eve mention the desk.
func (r *relayed) opened() desk.IssueID {
	r.t.Helper()
	if status, answer := r.eve.Send(r.desk.Site.SharedInbox(), r.eve.Create(r.eve.Note(1, r.desk.Site.Desk("help"), "broken"))); status != 202 {
		r.t.Fatalf("%d %s", status, answer)
	}
	r.Settle()
	return r.desk.Only().Issue.ID
}

// answer is a Create of eve's next word, which her server does not show.
func (r *relayed) answer(text string) fed.M {
	r.n++
	note := r.eve.Note(r.n, r.desk.Site.Desk("help"), text)
	note["inReplyTo"] = r.eve.URL + "/notes/1"
	return r.eve.Create(note)
}

// prove signs an activity with eve's key, as if at a time.
func (r *relayed) prove(activity fed.M, at time.Time) []byte {
	r.t.Helper()
	b, err := json.Marshal(activity)
	if err != nil {
		r.t.Fatal(err)
	}
	if b, err = proof.Sign(b, string(r.eve.Actor)+"#ed25519-key", r.key, at); err != nil {
		r.t.Fatal(err)
	}
	return b
}

// linked puts a Linked Data Signature on an activity, as Mastodon does. Nobody
// looks whether it fits.
func (r *relayed) linked(activity fed.M) []byte {
	r.t.Helper()
	activity["signature"] = fed.M{"type": "RsaSignature2017", "creator": string(r.eve.Actor) + "#main-key", "created": "2026-01-01T00:00:00Z", "signatureValue": "AAAA"}
	b, err := json.Marshal(activity)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// forward has the other server sign and send a body.
func (r *relayed) forward(body []byte) {
	r.t.Helper()
	if status, answer := r.relay.Do(r.relay.Request(r.desk.Site.SharedInbox(), body)); status != http.StatusAccepted {
		r.t.Errorf("%d %s", status, answer)
	}
	r.Settle()
}

// words are eve's posts in the one issue.
func (r *relayed) words() string {
	r.t.Helper()
	var out []string
	seen := map[desk.PostID]bool{}
	for _, e := range r.desk.Only().Timeline {
		if e.Post != nil && !e.Post.Ours() && !e.Post.Deleted && !seen[e.Post.ID] {
			seen[e.Post.ID] = true
			out = append(out, e.Post.Text)
		}
	}
	return strings.Join(out, " | ")
}

// A forwarded answer of an invited person is believed by its proof; edits and
// deletions too. Nothing is fetched: eve's server does not have them.
func TestForwardedWithProof(t *testing.T) {
	t.Parallel()
	r := newRelayed(t)
	r.opened()
	create := r.answer("still broken")
	r.forward(r.prove(create, r.Clock.Now()))
	if got := r.words(); got != "broken | still broken" {
		t.Fatalf("eve said %q", got)
	}
	r.Clock.Advance(time.Minute)
	note := create["object"].(fed.M)
	note["content"], note["updated"] = "mended", r.Clock.Now().UTC().Format(time.RFC3339)
	update := fed.M{"@context": "https://www.w3.org/ns/activitystreams", "id": note["id"].(string) + "/edit", "type": "Update", "actor": string(r.eve.Actor), "object": note}
	r.forward(r.prove(update, r.Clock.Now()))
	if got := r.words(); got != "broken | mended" {
		t.Errorf("after the edit: %q", got)
	}
	del := fed.M{"@context": "https://www.w3.org/ns/activitystreams", "id": note["id"].(string) + "/delete", "type": "Delete", "actor": string(r.eve.Actor), "object": note["id"]}
	r.forward(r.prove(del, r.Clock.Now()))
	if got := r.words(); got != "broken" {
		t.Errorf("after the deletion: %q", got)
	}
	if waiting, dead := r.desk.Waiting(); waiting+dead != 0 {
		t.Errorf("%d wait, %d are dead", waiting, dead)
	}
}

// If the proof is bad, or another actor's, or old, only the ids count: the post
// is fetched from its own server, and is not there.
func TestForwardedWithoutAGoodProof(t *testing.T) {
	t.Parallel()
	r := newRelayed(t)
	r.opened()
	now := r.Clock.Now()
	change := func(body []byte, from, to string) []byte { return []byte(strings.Replace(string(body), from, to, 1)) }
	stranger := ed25519.NewKeyFromSeed([]byte("another seed of thirty-two bytes"))
	for name, body := range map[string][]byte{
		"changed":      change(r.prove(r.answer("one"), now), `"one"`, `"two"`),
		"old":          r.prove(r.answer("old"), now.Add(-2*time.Hour)),
		"of tomorrow":  r.prove(r.answer("tomorrow"), now.Add(2*time.Hour)),
		"another key":  (&relayed{t: t, eve: r.eve, key: stranger}).prove(r.answer("stranger"), now),
		"the relay's":  change(r.prove(r.answer("relay"), now), string(r.eve.Actor)+"#ed25519-key", string(r.relay.Actor)+"#ed25519-key"),
		"unknown id":   change(r.prove(r.answer("id"), now), "#ed25519-key", "#other"),
		"LD signature": r.linked(r.answer("linked")),
	} {
		r.forward(body)
		if got := r.words(); got != "broken" {
			t.Fatalf("%s: eve said %q", name, got)
		}
	}
}

// Posts heard by tags are asked for, however well they are proven: so their
// author's server can say that we are not wanted. So are those of strangers.
func TestForwardedByTagsIsFetched(t *testing.T) {
	t.Parallel()
	r := newRelayed(t)
	note := r.eve.Note(1, r.desk.Site.Desk("help"), "nothing works")
	note["cc"] = []string{}
	note["tag"] = []fed.M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	r.forward(r.prove(r.eve.Create(note), r.Clock.Now()))
	if n := len(r.desk.Issues()); n != 0 {
		t.Errorf("%d issues of a post that its own server does not show", n)
	}
	note["id"] = r.eve.URL + "/notes/2"
	r.eve.Serve("/notes/2", note)
	r.forward(r.prove(r.eve.Create(note), r.Clock.Now()))
	if n := len(r.desk.Issues()); n != 1 {
		t.Errorf("%d issues of a post that is there", n)
	}
}

// A server that forwards an author's posts again and again uses up its own
// share: the author's share is for the author.
func TestForwardedAgainAndAgain(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.FloodLimits = true
	r := relayedOn(t, c)
	r.opened()
	body := r.prove(r.answer("<p>one word</p>"), r.Clock.Now())
	limited := 0
	for range 200 {
		if status, _ := r.relay.Do(r.relay.Request(r.desk.Site.SharedInbox(), body)); status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("nothing limits who forwards")
	}
	r.Settle()
	if status, answer := r.eve.Send(r.desk.Site.SharedInbox(), r.answer("<p>my own</p>")); status != http.StatusAccepted {
		t.Errorf("the author is answered %d %s", status, answer)
	}
	r.Settle()
	if got, want := r.words(), "broken | one word | my own"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// A proof costs more than an activity, so who forwards many has a ration of
// them, which is looked at before the document is canonicalised.
func TestWrongProofsAgainAndAgain(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.FloodLimits = true
	r := relayedOn(t, c)
	r.opened()
	stranger := ed25519.NewKeyFromSeed([]byte("another seed of thirty-two bytes"))
	body := (&relayed{t: t, eve: r.eve, key: stranger}).prove(r.answer("made up"), r.Clock.Now())
	reasons := map[string]int{}
	for range 100 {
		status, answer := r.relay.Do(r.relay.Request(r.desk.Site.SharedInbox(), body))
		reasons[fmt.Sprint(status, " ", strings.Contains(answer, "too many proofs"))]++
	}
	if reasons["429 true"] < 20 || reasons["202 false"] == 0 {
		t.Errorf("of 100 wrong proofs: %v", reasons)
	}
	r.Settle()
	if got := r.words(); got != "broken" {
		t.Errorf("heard %q", got)
	}
}

// Our public posts can be believed wherever they appear; a post for one person
// carries no proof.
func TestOurProofs(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	public := p.Say(id, "in public")
	c.Settle()
	if _, err := p.EditPost(ctx, app.By{}, public.ID, "in public, edited"); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	if _, err := p.RetractPost(ctx, app.By{}, public.ID); err != nil {
		t.Fatal(err)
	}
	direct := eve.Note(2, p.Site.Desk("help"), "my number")
	direct["to"], direct["cc"] = []string{string(p.Site.Desk("help"))}, []string{}
	eve.Send(p.Site.SharedInbox(), eve.Create(direct))
	c.Settle()
	for _, v := range p.Issues() {
		if v.Issue.Report == desk.ObjectID(eve.URL+"/notes/2") {
			p.Say(v.Issue.ID, "thank you")
		}
	}
	rotate(t, p, "help", false)
	c.Settle()
	seen := map[string]int{}
	for _, g := range eve.Got() {
		pr, err := proof.Read(g.Raw)
		kind := g.Body["type"].(string)
		if to, _ := json.Marshal(g.Body); !strings.Contains(string(to), "activitystreams#Public") {
			if err == nil {
				t.Errorf("a post for one person carries a proof: %s", g.Raw)
			}
			seen["unproven "+kind]++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if !pr.Fits(ourProofKey(t, p, pr.Method)) {
			t.Errorf("the proof of %s does not fit: %s", kind, g.Raw)
		}
		seen[kind]++
	}
	for _, kind := range []string{"Create", "Update", "Delete", "unproven Create"} {
		if seen[kind] == 0 {
			t.Errorf("no %s among %v", kind, seen)
		}
	}
}

// ourProofKey is the key behind an id, as our actor's document shows it.
func ourProofKey(t *testing.T, p *fed.Provider, method string) crypto.PublicKey {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, string(p.Site.Desk("help")), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", as.ContentType)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := as.ParseActor(b)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := actor.Key(method)
	if !ok {
		t.Fatalf("%s is not shown", method)
	}
	public, err := multikey.Parse(key.Multikey)
	if err != nil {
		t.Fatal(err)
	}
	return public
}
