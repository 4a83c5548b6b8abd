package resolve

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/federation/httpsig"
	"earshot/internal/multikey"
)

// Key is an httpsig.Lookup.
var _ httpsig.Lookup = (*Resolver)(nil).Key

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

// expectKey fails unless keyID leads to a key of an owner.
func expectKey(t *testing.T, r *Resolver, keyID string, p *peer, owner string, want crypto.PublicKey) {
	t.Helper()
	k, err := r.Key(ctx, keyID, false)
	if err != nil {
		t.Errorf("%s: %v", keyID, err)
		return
	}
	if k.ID != keyID || k.Owner != p.actor(owner) || !httpsig.SameKey(k.Public, want) {
		t.Errorf("%s: got the key %s of %s", keyID, k.ID, k.Owner)
	}
	if a, ok := r.CachedActor(k.Owner); !ok || a.Inbox == "" {
		t.Errorf("%s: the owner is not cached", keyID)
	}
	before := p.total()
	if _, err := r.Key(ctx, keyID, false); err != nil || p.total() != before {
		t.Errorf("%s: the key is not cached (%v)", keyID, err)
	}
	if _, err := r.Actor(ctx, k.Owner); err != nil || p.total() != before {
		t.Errorf("%s: the owner is fetched again (%v)", keyID, err)
	}
}

func TestKeyForms(t *testing.T) {
	const text = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	ed := must(multikey.Parse(text))(t)
	p := newPeer(t)
	r, _ := newResolver(t, nil)

	p.serve("/fragment", person("/fragment", "HOST/fragment#main-key", pkix(keyA())))
	expectKey(t, r, p.URL+"/fragment#main-key", p, "/fragment", keyA())
	p.expect("/fragment", 1)

	p.serve("/relay", person("/relay", "HOST/relay#main-key", pkcs1(keyB()))) // Activity-Relay
	expectKey(t, r, p.URL+"/relay#main-key", p, "/relay", keyB())

	// GoToSocial: the stub calls itself by the actor's id.
	p.serve("/gts", person("/gts", "HOST/gts/main-key", pkix(keyA())))
	p.serve("/gts/main-key", `{"type":"Person","id":"HOST/gts","preferredUsername":"gts",
		"publicKey":{"id":"HOST/gts/main-key","owner":"HOST/gts","publicKeyPem":`+quote(pkix(keyB()))+`}}`)
	expectKey(t, r, p.URL+"/gts/main-key", p, "/gts", keyA()) // the owner's document counts
	p.expect("/gts/main-key", 1)
	p.expect("/gts", 1)

	// tags.pub: a bare key, which the owner repeats or only names.
	bare := `{"type":"CryptographicKey","id":"HOST/KEY","owner":"HOST/OWNER","publicKeyPem":` + quote(pkix(keyA())) + `}`
	p.serve("/tag/publickey", replace(bare, "KEY", "tag/publickey", "OWNER", "tag"))
	p.serve("/tag", person("/tag", "HOST/tag/publickey", pkix(keyA())))
	expectKey(t, r, p.URL+"/tag/publickey", p, "/tag", keyA())
	p.serve("/named/key", replace(bare, "KEY", "named/key", "OWNER", "named"))
	p.serve("/named", `{"type":"Service","id":"HOST/named","inbox":"HOST/named/inbox","publicKey":"HOST/named/key"}`)
	expectKey(t, r, p.URL+"/named/key", p, "/named", keyA())

	// Several keys, and a Multikey beside them.
	p.serve("/many", `{"type":"Person","id":"HOST/many","inbox":"HOST/many/inbox","publicKey":[
		{"id":"HOST/many#1","owner":"HOST/many","publicKeyPem":`+quote(pkix(keyA()))+`},
		{"id":"HOST/many#2","owner":"HOST/many","publicKeyPem":`+quote(pkix(keyB()))+`}],
		"assertionMethod":[{"id":"HOST/many#ed","type":"Multikey","controller":"HOST/many","publicKeyMultibase":"`+text+`"}]}`)
	expectKey(t, r, p.URL+"/many#2", p, "/many", keyB())
	expectKey(t, r, p.URL+"/many#1", p, "/many", keyA())
	expectKey(t, r, p.URL+"/many#ed", p, "/many", ed)
	p.expect("/many", 1)
}

// replace fills a document in, old and new in turn.
func replace(s string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(s)
}

func TestKeyClaimsOfOneSideAreRefused(t *testing.T) {
	p, evil := newPeer(t), newPeer(t)
	a, b := quote(pkix(keyA())), quote(pkix(keyB()))
	p.serve("/bob", person("/bob", "HOST/bob#main-key", pkix(keyA())))

	evil.serve("/k1", `{"id":"HOST/k1","owner":"`+p.URL+`/bob","publicKeyPem":`+b+`}`)                // foreign owner
	evil.serve("/k2", `{"id":"`+p.URL+`/bob#main-key","owner":"`+p.URL+`/bob","publicKeyPem":`+b+`}`) // foreign key id
	evil.serve("/k3", `{"type":"Person","id":"`+p.URL+`/bob","publicKey":{"id":"HOST/k3","publicKeyPem":`+b+`}}`)
	evil.redirect("/k4", p.URL+"/bob")
	p.serve("/k5", `{"id":"HOST/k5","owner":"HOST/bob","publicKeyPem":`+b+`}`) // a neighbour: bob does not name it
	p.serve("/k6", `{"id":"HOST/other","owner":"HOST/bob","publicKeyPem":`+b+`}`)
	p.serve("/k7", person("/k7", "HOST/k7#main-key", "no PEM"))
	p.serve("/k8", `{"type":"Person","id":"HOST/k8","inbox":"HOST/i","publicKey":{"id":"HOST/k8#main-key","owner":"HOST/bob","publicKeyPem":`+a+`}}`)
	p.serve("/k9", `{"type":"Person","id":"HOST/k9","inbox":"HOST/i","publicKey":"HOST/k9#main-key"}`)
	p.serve("/k10", `{"id":"HOST/k10","owner":"HOST/carol","publicKeyPem":`+b+`}`) // carol repeats it differently
	p.serve("/carol", person("/carol", "HOST/k10", pkix(keyA())))
	p.serve("/k11", `{"id":"HOST/k11","owner":"HOST/@dora","publicKeyPem":`+a+`}`) // the owner by another name
	p.serve("/@dora", person("/dora", "HOST/k11", pkix(keyA())))
	p.serve("/dora", person("/dora", "HOST/k11", pkix(keyA())))
	p.serve("/k12", `{"id":"HOST/k12","owner":"HOST/erin","publicKeyPem":"x"}`)
	p.serve("/erin", person("/erin", "HOST/k12", "x"))
	evil.redirect("/k13", p.URL+"/fred") // who does name it: a key elsewhere is not under his host's rules
	p.serve("/fred", person("/fred", evil.URL+"/k13", pkix(keyB())))

	p.serve("/two", `{"type":"Person","id":"HOST/two","inbox":"HOST/i","publicKey":[
		{"id":"HOST/two#a","owner":"HOST/two","publicKeyPem":`+a+`},{"id":"HOST/two#b","owner":"HOST/two","publicKeyPem":`+b+`}]}`)
	evil.serve("/k14", person("/k14", p.URL+"/bob#main-key", pkix(keyB()))) // its only key is not on its host

	r, _ := newResolver(t, nil)
	for _, id := range []string{
		evil.URL + "/k13", evil.URL + "/k1", evil.URL + "/k2", evil.URL + "/k3", evil.URL + "/k4", evil.URL + "/k4#main-key",
		p.URL + "/k5", p.URL + "/k6", p.URL + "/k7#main-key", p.URL + "/k8#main-key", p.URL + "/k9#main-key",
		p.URL + "/k10", p.URL + "/k11", p.URL + "/k12", p.URL + "/bob#other-key",
		p.URL + "/two", p.URL + "/two/#main-key", p.URL + "/two%23a", p.URL + "/Bob#main-key", p.URL + "/bob%2F#main-key", evil.URL + "/bob/#main-key", evil.URL + "/k14",
	} {
		for _, fresh := range []bool{false, true} {
			if k, err := r.Key(ctx, id, fresh); err == nil {
				t.Errorf("%s gave the key %s of %s", id, k.ID, k.Owner)
			} else if k := KindOf(err); k != Invalid && k != NotFound && !errors.Is(err, errBudget) {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
	expectKey(t, r, p.URL+"/bob#main-key", p, "/bob", keyA())
}

// A key is found by the document that its id leads to, however the id is spelled.
func TestKeySpellings(t *testing.T) {
	p := newPeer(t)
	p.serve("/ada", person("/ada", "HOST/ada#main-key", pkix(keyA())))
	p.serve("/slash/", person("/slash", "HOST/slash#main-key", pkix(keyA())))
	p.serve("/slash", person("/slash", "HOST/slash#main-key", pkix(keyA())))
	p.serve("/theirs/", person("/theirs/", "HOST/theirs/#main-key", pkix(keyA())))
	p.serve("/jürgen", person("/jürgen", "HOST/jürgen#main-key", pkix(keyA())))
	p.serve("/zoë", strings.ReplaceAll(person("/zo%C3%AB", "HOST/zo%C3%AB#main-key", pkix(keyA())), `"owner":"HOST/zo%C3%AB"`, `"owner":"HOST/zoë"`))
	p.serve("/", person("/", "HOST#main-key", pkix(keyB())))
	p.serve("/two", `{"type":"Person","id":"HOST/two","inbox":"HOST/i","publicKey":[{"id":"HOST/two#a","publicKeyPem":`+quote(pkix(keyA()))+`}],
		"assertionMethod":[{"id":"HOST/two#ed","type":"Multikey","publicKeyMultibase":"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"}]}`)
	r, _ := newResolver(t, nil)
	for _, c := range []struct{ keyID, owner string }{
		{"/ada", "/ada"},               // the actor's id
		{"/ada/#main-key", "/ada"},     // a slash that the actor does not have, nor answers
		{"/slash/#main-key", "/slash"}, // … or answers
		{"/theirs/#main-key", "/theirs/"},
		{"/theirs/", "/theirs/"},
		{"/jürgen#main-key", "/jürgen"},
		{"/j%C3%BCrgen#main-key", "/jürgen"},
		{"/j%c3%bcrgen", "/jürgen"},
		{"/zoë#main-key", "/zo%C3%AB"},
		{"/zo%C3%AB#main-key", "/zo%C3%AB"},
		{"/two#a", "/two"},
	} {
		expectKey(t, r, p.URL+c.keyID, p, c.owner, keyA())
	}
	expectKey(t, r, p.URL+"/#main-key", p, "/", keyB())
	if k, err := r.Key(ctx, p.URL+"/ada", true); err != nil || k.ID != p.URL+"/ada" || k.Owner != p.actor("/ada") {
		t.Errorf("fresh: %+v, %v", k, err)
	}
	if _, err := r.Key(ctx, p.URL+"/two", false); KindOf(err) != Invalid {
		t.Errorf("one of two keys: %v", err)
	}
	// A missing document is asked for twice at most.
	before := p.total()
	if _, err := r.Key(ctx, p.URL+"/nobody/#main-key", false); KindOf(err) != NotFound || p.total() != before+2 {
		t.Errorf("%v after %d requests", err, p.total()-before)
	}
}

// However many spellings of one key arrive, it is remembered once.
func TestSpellingsAreNotCollected(t *testing.T) {
	p := newPeer(t)
	p.serve("/abcdef", person("/abcdef", "HOST/abcdef#main-key", pkix(keyA())))
	r, _ := newResolver(t, nil)
	for n := range 64 {
		id := "/"
		for i, c := range "abcdef" {
			if n>>i&1 == 1 {
				id += "%" + strconv.FormatInt(int64(c), 16)
			} else {
				id += string(c)
			}
		}
		if _, err := r.Key(ctx, p.URL+id+"#main-key", false); err != nil {
			t.Fatal(err)
		}
	}
	if k, ok := r.memory.find(p.URL + "/abcdef"); !ok || len(k.keys) != 1 {
		t.Errorf("%d keys are remembered", len(k.keys))
	}
}

func TestKeyRotation(t *testing.T) {
	p := newPeer(t)
	id := p.URL + "/a#main-key"
	p.serve("/a", person("/a", "HOST/a#main-key", pkix(keyA())))
	r, clock := newResolver(t, nil)
	expectKey(t, r, id, p, "/a", keyA())
	p.serve("/a", person("/a", "HOST/a#main-key", pkix(keyB())))
	expectKey(t, r, id, p, "/a", keyA())
	if k := must(r.Key(ctx, id, true))(t); !httpsig.SameKey(k.Public, keyB()) {
		t.Error("fresh gave the old key")
	}
	expectKey(t, r, id, p, "/a", keyB())

	// A refreshed actor brings its keys along.
	p.serve("/a", person("/a", "HOST/a#main-key", pkix(keyA())))
	must(r.RefreshActor(ctx, p.actor("/a")))(t)
	expectKey(t, r, id, p, "/a", keyA())

	clock.Advance(time.Hour)
	before := p.total()
	must(r.Key(ctx, id, false))(t)
	if p.total() != before+1 {
		t.Error("a key outlives its time")
	}
}

func TestBareKeyOfAKnownOwnerCostsNoSecondFetch(t *testing.T) {
	p := newPeer(t)
	p.serve("/tag", person("/tag", "HOST/tag/key", pkix(keyA())))
	p.serve("/tag/key", `{"id":"HOST/tag/key","owner":"HOST/tag","publicKeyPem":`+quote(pkix(keyA()))+`}`)
	r, _ := newResolver(t, nil)
	must(r.Actor(ctx, p.actor("/tag")))(t)
	expectKey(t, r, p.URL+"/tag/key", p, "/tag", keyA())
	p.expect("/tag", 1)
	must(r.Key(ctx, p.URL+"/tag/key", true))(t)
	p.expect("/tag", 2) // fresh asks the owner too
}

func TestForcedRefetchesAreRationed(t *testing.T) {
	p, q := newPeer(t), newPeer(t)
	for _, peer := range []*peer{p, q} {
		peer.serve("/a", person("/a", "HOST/a#main-key", pkix(keyA())))
	}
	r, clock := newResolver(t, func(o *Options) { o.RefetchBurst, o.RefetchEvery = 3, 10*time.Second })
	id := p.URL + "/a#main-key"
	for range 3 {
		must(r.Key(ctx, id, true))(t)
	}
	for range 100 {
		_, err := r.Key(ctx, id, true)
		expectKind(t, err, Temporary)
		if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 10*time.Second {
			t.Fatalf("got %v", err)
		}
	}
	p.expect("/a", 3)
	must(r.Key(ctx, id, false))(t) // answers from the cache are not rationed, and the cached key stays
	must(r.Key(ctx, q.URL+"/a#main-key", true))(t)
	clock.Advance(10 * time.Second)
	must(r.Key(ctx, id, true))(t)
	p.expect("/a", 4)
}

func TestKeyFailuresAreRemembered(t *testing.T) {
	p := newPeer(t)
	r, clock := newResolver(t, nil)
	id := p.URL + "/a#main-key"
	for range 5 {
		_, err := r.Key(ctx, id, false)
		expectKind(t, err, NotFound)
	}
	p.expect("/a", 1)
	p.serve("/a", person("/a", "HOST/a#main-key", pkix(keyA())))
	clock.Advance(5 * time.Minute)
	expectKey(t, r, id, p, "/a", keyA())
	p.status("/a", 410)
	_, err := r.Key(ctx, id, true)
	expectKind(t, err, Gone)
	_, err = r.Key(ctx, id, false)
	expectKind(t, err, Gone)
	if _, ok := r.CachedActor(p.actor("/a")); ok {
		t.Error("an actor that is gone is still known")
	}
}

// A peer that signs by a fragment that the actor we know does not have has
// rotated its keys, or lies: one fetch tells, and they are rationed.
func TestNewFragment(t *testing.T) {
	p := newPeer(t)
	p.serve("/a", person("/a", "HOST/a#main-key", pkix(keyA())))
	r, _ := newResolver(t, func(o *Options) { o.RefetchBurst = 3 })
	expectKey(t, r, p.URL+"/a#main-key", p, "/a", keyA())
	p.serve("/a", person("/a", "HOST/a#main-key-2", pkix(keyB())))
	if k := must(r.Key(ctx, p.URL+"/a#main-key-2", false))(t); !httpsig.SameKey(k.Public, keyB()) {
		t.Error("the new key is not believed")
	}
	if k, err := r.Key(ctx, p.URL+"/a#main-key", false); err == nil {
		t.Errorf("the key that is no longer named is believed: %+v", k)
	}
	before := p.count("/a")
	for n := range 20 {
		if _, err := r.Key(ctx, p.URL+"/a#made-up-"+strconv.Itoa(n), false); err == nil {
			t.Error("a made-up key is believed")
		}
	}
	if asked := p.count("/a") - before; asked > 3 {
		t.Errorf("made-up fragments led to %d fetches", asked)
	}
}

// FEP-521a beside publicKey, with both kinds of keys; invalid keys are ignored.
func TestMultikeyForms(t *testing.T) {
	p := newPeer(t)
	r, _ := newResolver(t, nil)
	rsaText := must(multikey.Encode(keyA()))(t)
	method := func(id, text string) string {
		return `{"id":"HOST/m#` + id + `","type":"Multikey","controller":"HOST/m","publicKeyMultibase":"` + text + `"}`
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p.serve("/m", `{"type":"Person","id":"HOST/m","inbox":"HOST/m/inbox","assertionMethod":[`+method("rsa", rsaText)+`,`+
		method("weak", must(multikey.Encode(weak.Public()))(t))+`,`+method("other", "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc")+`,
		{"id":"HOST/m#foreign","type":"Multikey","controller":"HOST/other","publicKeyMultibase":"`+rsaText+`"}]}`)
	expectKey(t, r, p.URL+"/m#rsa", p, "/m", keyA())
	for _, fragment := range []string{"other", "foreign"} { // X25519; another's
		if k, err := r.Key(ctx, p.URL+"/m#"+fragment, false); err == nil {
			t.Errorf("#%s is believed: %+v", fragment, k)
		}
	}
	// A key that is too weak may be read, but nothing verifies by it.
	lookup := httpsig.Lookup(r.Key)
	if k, err := lookup.Confirm(ctx, p.URL+"/m#weak", func(crypto.PublicKey) bool { return true }); err == nil {
		t.Errorf("a weak key counts: %+v", k)
	}
}

func TestForgetDropsKeys(t *testing.T) {
	p := newPeer(t)
	p.serve("/gts", person("/gts", "HOST/gts/main-key", pkix(keyA())))
	p.serve("/gts/main-key", `{"type":"Person","id":"HOST/gts","publicKey":{"id":"HOST/gts/main-key","publicKeyPem":"x"}}`)
	r, _ := newResolver(t, nil)
	expectKey(t, r, p.URL+"/gts/main-key", p, "/gts", keyA())
	r.Forget(p.actor("/gts"))
	expectKey(t, r, p.URL+"/gts/main-key", p, "/gts", keyA())
	p.expect("/gts/main-key", 2)
}
