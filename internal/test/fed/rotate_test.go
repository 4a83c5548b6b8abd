package fed_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// actorKeys is what an actor's document shows of its keys, by fragment.
func actorKeys(t *testing.T, id desk.ActorID) (publicKey string, methods []string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, string(id), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/activity+json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		PublicKey       struct{ ID, Owner, PublicKeyPem string }
		AssertionMethod []struct{ ID, Type, Controller, PublicKeyMultibase string }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	fragment := func(keyID string) string {
		document, f, _ := strings.Cut(keyID, "#")
		if document != string(id) {
			t.Errorf("the key %s is not of %s", keyID, id)
		}
		return f
	}
	if doc.PublicKey.Owner != string(id) || !strings.Contains(doc.PublicKey.PublicKeyPem, "BEGIN PUBLIC KEY") {
		t.Errorf("publicKey is %+v", doc.PublicKey)
	}
	for _, m := range doc.AssertionMethod {
		if m.Type != "Multikey" || m.Controller != string(id) || !strings.HasPrefix(m.PublicKeyMultibase, "z") {
			t.Errorf("a method is %+v", m)
		}
		methods = append(methods, fragment(m.ID))
	}
	slices.Sort(methods)
	return fragment(doc.PublicKey.ID), methods
}

func wantKeys(t *testing.T, when string, id desk.ActorID, publicKey string, methods ...string) {
	t.Helper()
	if key, got := actorKeys(t, id); key != publicKey || !slices.Equal(got, methods) {
		t.Errorf("%s: publicKey %s, methods %q; want %s, %q", when, key, got, publicKey, methods)
	}
}

// signedBy lists type and key of the activities that reached a peer from n on.
func signedBy(p *fed.Peer, from int) (out []string) {
	for _, g := range p.Got()[from:] {
		_, fragment, _ := strings.Cut(g.KeyID, "#")
		out = append(out, g.Body["type"].(string)+" "+fragment)
	}
	return out
}

func rotate(t *testing.T, p *fed.Provider, h desk.Handle, revoke bool) app.Rotated {
	t.Helper()
	out, err := p.RotateKey(ctx, app.By{}, h, revoke)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// New keys under new ids: the old one announces them and is shown for a while.
func TestRotateKey(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	us := p.Site.Desk("help")
	wantKeys(t, "at first", us, "main-key", "ed25519-key")
	before := len(eve.Got())
	if out := rotate(t, p, "help", false); out != (app.Rotated{Actor: "help", Key: "main-key-2", ProofKey: "ed25519-key-2", Old: "main-key"}) {
		t.Errorf("%+v", out)
	}
	c.Settle()
	p.Say(id, "hello")
	c.Settle()
	// Nobody has seen the new key yet: who knows the old one goes on with it.
	if got := signedBy(eve, before); !slices.Equal(got, []string{"Update main-key", "Create main-key"}) {
		t.Errorf("eve got %q", got)
	}
	if err := p.Update(ctx, func(tx *app.Tx) error {
		return tx.Hosts().Put(store.HostState{Host: eve.Actor.Host(), MaxCharacters: 500})
	}); err != nil {
		t.Fatal(err)
	}
	if status, answer := eve.Do(eve.GetAs(eve.URL+"/users/eve#main-key", string(us))); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	p.Say(id, "hello again")
	c.Settle()
	if got := signedBy(eve, before); got[len(got)-1] != "Create main-key-2" {
		t.Errorf("after the new key was fetched eve got %q", got)
	}
	update := eve.Got()[before].Body
	object, _ := update["object"].(map[string]any)
	if key, _ := object["publicKey"].(map[string]any); update["actor"] != string(us) || object["id"] != string(us) || key["id"] != string(us)+"#main-key-2" {
		t.Errorf("the Update says %v", update)
	}
	wantKeys(t, "after it", us, "main-key-2", "ed25519-key", "ed25519-key-2", "main-key")
	c.Advance(8 * 24 * time.Hour)
	wantKeys(t, "eight days later", us, "main-key-2", "ed25519-key", "ed25519-key-2")
	rotate(t, p, "help", false)
	c.Settle()
	wantKeys(t, "again", us, "main-key-3", "ed25519-key", "ed25519-key-2", "ed25519-key-3", "main-key-2")
	if got := signedBy(eve, before); got[len(got)-1] != "Update main-key-2" {
		t.Errorf("the second announcement: %q", got)
	}
}

// A server that has forgotten the old key accepts the announcement by the new
// one, as the second knock.
func TestRotateKeyWhereTheOldIsForgotten(t *testing.T) {
	t.Parallel()
	c, p, eve, _ := correspondent(t)
	eve.InboxDecides("/users/eve/inbox", func(r *http.Request) int {
		if strings.Contains(r.Header.Get("Signature"), "#main-key-2") {
			return http.StatusAccepted
		}
		return http.StatusUnauthorized
	})
	before := len(eve.Got())
	rotate(t, p, "help", false)
	c.Settle()
	if got := signedBy(eve, before); !slices.Equal(got, []string{"Update main-key", "Update main-key-2"}) {
		t.Errorf("eve got %q", got)
	}
	if waiting, dead := p.Waiting(); waiting+dead != 0 {
		t.Errorf("%d wait, %d are dead", waiting, dead)
	}
	if remembered(t, p, eve) != "" {
		t.Error("a key was taken for a scheme")
	}
}

// Two days later everybody has fetched our actor again, whether we saw it or not.
func TestOldKeySignsForAWhile(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	rotate(t, p, "help", false)
	c.Settle()
	c.Advance(app.NewKeysTakeOver - time.Minute)
	p.Say(id, "hello")
	c.Settle()
	c.Advance(2 * time.Minute)
	p.Say(id, "hello again")
	c.Settle()
	if got := signedBy(eve, len(eve.Got())-2); !slices.Equal(got, []string{"Create main-key", "Create main-key-2"}) {
		t.Errorf("eve got %q", got)
	}
}

// A server that compares with keys it keeps is asked again after one hour and after
// seven, and nothing else to it waits for that. One that takes the new key is not
// asked with the old one again.
func TestRefusedAfterNewKeys(t *testing.T) { onBothStores(t, refusedAfterNewKeys) }

func refusedAfterNewKeys(t *testing.T, c *fed.Cluster) {
	p, eve := c.Provider(acme), c.Peer()
	help := p.Site.Desk("help")
	var issues []desk.IssueID
	for n := range 2 {
		eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(n, help, "<p>@help broken</p>")))
		c.Settle()
	}
	for _, v := range p.Issues() {
		issues = append(issues, v.Issue.ID)
	}
	rotate(t, p, "help", true)
	c.Settle()
	open := false
	eve.InboxDecides("/users/eve/inbox", func(r *http.Request) int {
		if open {
			return http.StatusAccepted
		}
		return http.StatusUnauthorized
	})
	state := func(post desk.Post) store.DeliveryState {
		t.Helper()
		var d store.Delivery
		if err := p.View(ctx, func(tx *app.Tx) (err error) {
			d, _, err = tx.Deliveries().Get(app.CreateID(p.Site, post.ID), eve.URL+"/users/eve/inbox")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return d.State
	}
	first := p.Say(issues[0], "one")
	c.Settle()
	for _, after := range []time.Duration{59 * time.Minute, 2 * time.Minute, 5 * time.Hour, 50 * time.Minute} {
		tried := len(eve.Got())
		c.Advance(after)
		c.Settle()
		if again := len(eve.Got()) > tried; again != (after == 2*time.Minute) {
			t.Errorf("%s later it was tried again: %v", after, again)
		}
	}
	open = true
	other := p.Say(issues[1], "two")
	c.Settle()
	if got := state(other); got != store.DeliveryDelivered {
		t.Errorf("another delivery waits: %s", got)
	}
	if got := state(first); got != store.DeliveryQueued {
		t.Errorf("the first is %s before its time", got)
	}
	c.Advance(15 * time.Minute)
	c.Settle()
	if got := state(first); got != store.DeliveryDelivered {
		t.Errorf("seven hours later it is %s", got)
	}
}

// Keys in wrong hands: nothing is signed by them, and nobody is shown them.
func TestRevokeKey(t *testing.T) {
	t.Parallel()
	c, p, eve, id := correspondent(t)
	rotate(t, p, "help", false)
	before := len(eve.Got())
	rotate(t, p, "help", true)
	c.Settle()
	p.Say(id, "hello")
	c.Settle()
	for _, got := range signedBy(eve, before) {
		if !strings.HasSuffix(got, " main-key-3") {
			t.Errorf("eve got %q", got)
		}
	}
	wantKeys(t, "after it", p.Site.Desk("help"), "main-key-3", "ed25519-key-3")
	if err := p.View(ctx, func(tx *app.Tx) error {
		keys, err := tx.Keys().List("help")
		for _, k := range keys {
			if k.Revoked() != !k.Current() {
				t.Errorf("%s is kept: %+v", k.Fragment, k.Retired)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// A whole server, with caches of its own: it verifies the announcement by the
// key it knows, and later activities by the new one.
func TestRotateKeyAndTown(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.says("ana", town.PostInput{Text: s.mention() + " it is broken"})
	id := s.desk.Only().Issue.ID
	s.desk.Say(id, "one")
	s.Settle()
	before := len(s.town.Arrivals())
	rotate(t, s.desk, "help", false)
	s.Settle()
	s.desk.Say(id, "two")
	s.Settle()
	var got []string
	for _, a := range s.town.Arrivals()[before:] {
		got = append(got, string(a.Type))
		if a.Status != http.StatusAccepted || a.Scheme == "" {
			t.Errorf("%s was answered %d: %s", a.Type, a.Status, a.Reason)
		}
	}
	if !slices.Equal(got, []string{"Update", "Create"}) {
		t.Errorf("the town got %q", got)
	}
}

// The instance's own actor signs fetches: a town in secure mode, which shows
// nothing to unsigned requests, answers it before and after new keys.
func TestRotateTheInstancesOwnKey(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.town.SetSecureMode(true)
	s.hear("acme")
	s.says("ana", town.PostInput{Text: "nothing works #acme #fail"})
	if n := len(s.desk.Issues()); n != 1 {
		t.Fatalf("%d issues, heard in secure mode", n)
	}
	rotate(t, s.desk, desk.RelayHandle, false)
	s.Settle()
	wantKeys(t, "after it", s.desk.Site.Relay(), "main-key-2", "ed25519-key", "ed25519-key-2", "main-key")
	if got := s.town.Arrivals(); got[len(got)-1].Type != "Update" || got[len(got)-1].Scheme == "" {
		t.Errorf("the source was told nothing: %+v", got[len(got)-1])
	}
	s.says("bob", town.PostInput{Text: "still nothing works #acme #fail"})
	if n := len(s.desk.Issues()); n != 2 {
		t.Errorf("%d issues after the rotation", n)
	}
	if _, err := s.desk.RotateKey(ctx, app.By{}, "nobody", false); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("a desk that is not there: %v", err)
	}
}

// An instance older than proofs gets the keys it lacks, once.
func TestCompleteKeys(t *testing.T) {
	t.Parallel()
	p := fed.New(t).Provider(acme)
	if err := p.Update(ctx, func(tx *app.Tx) error {
		keys, err := tx.Keys().List("help")
		for _, k := range keys {
			if k.Algorithm == store.KeyRSA {
				k.Owner = "old"
				err = tx.Keys().Put(k)
			}
		}
		return firstOf(err, tx.Desks().Put(desk.Desk{Handle: "old", Name: "Old"}))
	}); err != nil {
		t.Fatal(err)
	}
	var first []store.Key
	for n := range 2 {
		if err := p.CompleteKeys(ctx); err != nil {
			t.Fatal(err)
		}
		var got []store.Key
		if err := p.View(ctx, func(tx *app.Tx) (err error) { got, err = tx.Keys().List("old"); return err }); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || !slices.ContainsFunc(got, func(k store.Key) bool {
			return k.Fragment == "ed25519-key" && k.Algorithm == store.KeyEd25519 && k.Current()
		}) {
			t.Fatalf("keys: %+v", got)
		}
		if n == 1 && got[0].PublicPEM+got[1].PublicPEM != first[0].PublicPEM+first[1].PublicPEM {
			t.Error("they were made twice")
		}
		first = got
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
