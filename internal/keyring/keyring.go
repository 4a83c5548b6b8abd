// Package keyring makes, keeps and reads the keys of our actors. Private keys
// lie in the store, encrypted with a secret that does not: it comes from the
// data folder or the environment.
package keyring

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
)

// The fragments of an actor's first keys; later ones have a number at the end.
// A changed key needs another id, because some peers (GoToSocial) never fetch
// an id again that they know; and some relays know no other form than this.
const (
	MainKey  = "main-key"    // RSA
	ProofKey = "ed25519-key" // Ed25519
)

// rsaBits: Mastodon before 4.7 and most others verify RSA only; their own keys
// have 2048 bits.
const rsaBits = 2048

// Keyring reads the keys of one instance.
type Keyring struct {
	// NewKey makes a private RSA key; tests have prepared ones, because making
	// them takes most of their time.
	NewKey func() (*rsa.PrivateKey, error)

	store  store.Store
	clock  clock.Clock
	site   desk.Site
	secret [chacha20poly1305.KeySize]byte

	mu     sync.Mutex
	opened map[string]Signer // by key id; as many as there are keys
}

// Signer signs as one of our actors.
type Signer struct {
	KeyID string
	Key   crypto.Signer
}

// New returns the keyring of a store. secret is any text with enough
// randomness in it; it must stay the same.
func New(s store.Store, c clock.Clock, site desk.Site, secret string) *Keyring {
	return &Keyring{store: s, clock: c, site: site, secret: sha256.Sum256([]byte("earshot keyring\n" + secret)), opened: map[string]Signer{},
		NewKey: func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, rsaBits) }}
}

// Make makes a key pair for an actor, with the fragment of a first one. It is
// not stored.
func (k *Keyring) Make(h desk.Handle, a store.KeyAlgorithm) (store.Key, error) {
	key, fragment, err := k.generate(a)
	if err != nil {
		return store.Key{}, fmt.Errorf("making a key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return store.Key{}, fmt.Errorf("encoding a key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return store.Key{}, fmt.Errorf("encoding a key: %w", err)
	}
	sealed, err := k.seal(h, private)
	if err != nil {
		return store.Key{}, err
	}
	return store.Key{Owner: h, Fragment: fragment, Algorithm: a, Private: sealed, Created: k.clock.Now(),
		PublicPEM: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))}, nil
}

func (k *Keyring) generate(a store.KeyAlgorithm) (key crypto.Signer, fragment string, err error) {
	switch a {
	case store.KeyRSA:
		key, err = k.NewKey()
		return key, MainKey, err
	case store.KeyEd25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, ProofKey, err
	}
	return nil, "", fmt.Errorf("there is no algorithm %q", a)
}

// Signer returns who signs requests of one of our actors: its current RSA key.
// Which that is is looked up every time, for another node may have changed it.
func (k *Keyring) Signer(ctx context.Context, h desk.Handle) (Signer, error) {
	key, err := k.current(ctx, h, store.KeyRSA)
	if err != nil {
		return Signer{}, err
	}
	return k.signer(key)
}

// ProofSigner returns who signs requests to servers that take Ed25519 keys.
func (k *Keyring) ProofSigner(ctx context.Context, h desk.Handle) (Signer, error) {
	key, err := k.current(ctx, h, store.KeyEd25519)
	if err != nil {
		return Signer{}, err
	}
	return k.signer(key)
}

// Prover returns who signs documents of one of our actors: its current Ed25519
// key, as a transaction sees it.
func (k *Keyring) Prover(tx interface{ Keys() store.Keys }, h desk.Handle) (Signer, error) {
	keys, err := tx.Keys().List(h)
	if err != nil {
		return Signer{}, err
	}
	key, err := current(keys, h, store.KeyEd25519)
	if err != nil {
		return Signer{}, err
	}
	return k.signer(key)
}

// Named returns the signer with a key of one of our actors that may have been
// retired; ok is false if the key does not exist or was revoked.
func (k *Keyring) Named(ctx context.Context, h desk.Handle, fragment string) (s Signer, ok bool, err error) {
	keys, err := k.keys(ctx, h)
	if err != nil {
		return Signer{}, false, err
	}
	for _, key := range keys {
		if key.Fragment == fragment && !key.Revoked() {
			s, err := k.signer(key)
			return s, err == nil, err
		}
	}
	return Signer{}, false, nil
}

// signer opens a key, once.
func (k *Keyring) signer(key store.Key) (Signer, error) {
	id := k.idOf(key)
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.opened[id]; ok {
		return s, nil
	}
	private, err := k.open(key.Owner, key.Private)
	if err != nil {
		return Signer{}, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return Signer{}, fmt.Errorf("reading the key of %s: %w", key.Owner, err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return Signer{}, fmt.Errorf("reading the key of %s: it cannot sign", key.Owner)
	}
	s := Signer{KeyID: id, Key: signer}
	k.opened[id] = s
	return s, nil
}

func (k *Keyring) idOf(key store.Key) string {
	return string(k.site.Desk(key.Owner)) + "#" + key.Fragment
}

// Public returns the current public RSA key of one of our actors and its keyId.
func (k *Keyring) Public(ctx context.Context, h desk.Handle) (keyID, pem string, err error) {
	key, err := k.current(ctx, h, store.KeyRSA)
	return k.idOf(key), key.PublicPEM, err
}

func (k *Keyring) current(ctx context.Context, h desk.Handle, a store.KeyAlgorithm) (store.Key, error) {
	keys, err := k.keys(ctx, h)
	if err != nil {
		return store.Key{Owner: h}, err
	}
	return current(keys, h, a)
}

func current(keys []store.Key, h desk.Handle, a store.KeyAlgorithm) (store.Key, error) {
	for _, key := range keys {
		if key.Algorithm == a && key.Current() {
			return key, nil
		}
	}
	return store.Key{Owner: h}, fmt.Errorf("the actor %s has no %s key", h, a)
}

func (k *Keyring) keys(ctx context.Context, h desk.Handle) (keys []store.Key, err error) {
	err = k.store.View(ctx, func(tx store.Tx) error { keys, err = tx.Keys().List(h); return err })
	return keys, err
}

// seal encrypts with the owner as additional data, so that a key cannot be
// moved to another actor.
func (k *Keyring) seal(h desk.Handle, plain []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(k.secret[:])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, []byte(h)), nil
}

// ErrSecret says that the secret is not the one the keys were stored with.
var ErrSecret = errors.New("the secret does not fit the stored keys: is it the secret of another instance?")

func (k *Keyring) open(h desk.Handle, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(k.secret[:])
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrSecret
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(h))
	if err != nil {
		return nil, ErrSecret
	}
	return plain, nil
}

// SealToken encrypts the access token of a source.
func (k *Keyring) SealToken(s desk.SourceID, token string) ([]byte, error) {
	return k.seal(tokenOf(s), []byte(token))
}

// OpenToken reads what SealToken encrypted.
func (k *Keyring) OpenToken(s desk.SourceID, sealed []byte) (string, error) {
	b, err := k.open(tokenOf(s), sealed)
	return string(b), err
}

// secretBytes is the length of the secret of a webhook: 24 to 64 bytes, says Standard
// Webhooks.
const secretBytes = 32

// secretPrefix stands before the secret of a webhook.
const secretPrefix = "whsec_"

// MakeSecret makes the secret of a webhook, as Standard Webhooks spells it, and
// encrypts it.
func (k *Keyring) MakeSecret(d desk.DestinationID) (sealed []byte, err error) {
	b := make([]byte, secretBytes)
	if _, err := rand.Read(b); err != nil {
		return nil, err
	}
	return k.SealSecret(d, secretPrefix+base64.StdEncoding.EncodeToString(b))
}

// SealSecret encrypts a secret of a destination.
func (k *Keyring) SealSecret(d desk.DestinationID, plain string) ([]byte, error) {
	return k.seal(secretOf(d), []byte(plain))
}

// OpenSecret reads what SealSecret encrypted.
func (k *Keyring) OpenSecret(d desk.DestinationID, sealed []byte) (string, error) {
	b, err := k.open(secretOf(d), sealed)
	return string(b), err
}

// secretOf is no handle: a secret is sealed for its destination.
func secretOf(d desk.DestinationID) desk.Handle {
	return desk.Handle("secret of destination " + string(d))
}

// tokenOf is no handle: a token is sealed for its source, and no key can take its place.
func tokenOf(s desk.SourceID) desk.Handle { return desk.Handle("token of source " + string(s)) }
