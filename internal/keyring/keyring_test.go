package keyring_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"earshot/federation/httpsig"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store"
	"earshot/store/bolt"
)

func TestKeyring(t *testing.T) {
	ctx := context.Background()
	s, err := bolt.Open(ctx, filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	site := desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}
	c := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	ring := keyring.New(s, c, site, "secret one")
	key, err := ring.Make("help", store.KeyRSA)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(key.Private, []byte("PRIVATE")) || len(key.Private) < 1000 {
		t.Error("the private key is not encrypted")
	}
	put(t, s, key)
	signer, err := ring.Signer(ctx, "help")
	if err != nil {
		t.Fatal(err)
	}
	keyID, pem, err := ring.Public(ctx, "help")
	if err != nil || keyID != signer.KeyID || keyID != "https://help.acme.example/desks/help#main-key" {
		t.Errorf("key ids %q, %q: %v", keyID, signer.KeyID, err)
	}
	public, err := httpsig.ParsePublicKeyPEM(pem)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("words"))
	sig, err := signer.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), crypto.SHA256, sum[:], sig); err != nil {
		t.Errorf("the published key does not fit: %v", err)
	}
	if _, err := ring.Signer(ctx, "nobody"); err == nil {
		t.Error("an actor without a key signs")
	}
	if _, err := keyring.New(s, c, site, "secret two").Signer(ctx, "help"); !errors.Is(err, keyring.ErrSecret) {
		t.Errorf("another secret: %v", err)
	}
	// An attacker who can write the store cannot give a key to another actor.
	key.Owner = "sales"
	put(t, s, key)
	if _, err := ring.Signer(ctx, "sales"); !errors.Is(err, keyring.ErrSecret) {
		t.Errorf("a moved key: %v", err)
	}
}

func put(t *testing.T, s store.Store, k store.Key) {
	t.Helper()
	if err := s.Update(context.Background(), "", func(tx store.Tx) error { return tx.Keys().Put(k) }); err != nil {
		t.Fatal(err)
	}
}
