package resolve

import (
	"testing"

	"earshot/federation/as"
	"earshot/federation/httpsig"
)

func TestOwnerOnAnotherHostIsNotEvenAsked(t *testing.T) {
	victim, evil := newPeer(t), newPeer(t)
	evil.serve("/k", `{"id":"HOST/k","owner":"`+victim.URL+`/bob","publicKeyPem":`+quote(pkix(keyA()))+`}`)
	r, _ := newResolver(t, nil)
	_, err := r.Key(ctx, evil.URL+"/k", false)
	expectKind(t, err, Invalid)
	if victim.total() != 0 {
		t.Error("a key of one host made us ask another")
	}
}

func TestSuccessEndsTheMemoryOfFailure(t *testing.T) {
	p := newPeer(t)
	r, _ := newResolver(t, func(o *Options) { o.MaxActors = 1 })
	id, keyID := p.actor("/a"), p.URL+"/a#main-key"
	r.Actor(ctx, id)
	p.serve("/a", simple("/a"))
	p.serve("/b", simple("/b"))
	must(r.RefreshActor(ctx, id))(t)
	must(r.Actor(ctx, p.actor("/b")))(t) // drives the other out
	must(r.Actor(ctx, id))(t)

	p.status("/a", 404)
	r.Forget(id)
	r.Key(ctx, keyID, false)
	p.serve("/a", simple("/a"))
	must(r.Key(ctx, keyID, true))(t)
	r.Forget(id)
	must(r.Key(ctx, keyID, false))(t)
}

func TestKeyOfAnOlderDocumentIsNotRemembered(t *testing.T) {
	r, _ := newResolver(t, nil)
	older, newer := &as.Actor{ID: "https://x.example/a"}, &as.Actor{ID: "https://x.example/a", Keys: []as.Key{{ID: "https://x.example/a/key"}}}
	k := httpsig.Key{ID: "https://x.example/a/key", Owner: older.ID, Public: keyA()}
	r.memory.storeActor(older, string(older.ID), 1)
	r.memory.storeActor(newer, string(newer.ID), 1)
	r.memory.storeKey(older, k)
	if _, ok := r.memory.key(k.ID); ok {
		t.Error("remembered with an actor that may not name it")
	}
	r.memory.storeKey(newer, k)
	if _, ok := r.memory.key(k.ID); !ok {
		t.Error("not remembered")
	}
}
