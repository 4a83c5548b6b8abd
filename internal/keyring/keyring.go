// Package keyring makes, keeps and reads the keys of our actors. Private keys
// lie in the store, encrypted with a secret that does not: it comes from the
// data folder or the environment.
package keyring

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
)

// MainKey is the fragment of an actor's first key. Some peers (GoToSocial)
// never fetch a changed key, and some relays know no other form.
const MainKey = "main-key"

// rsaBits: Mastodon before 4.7 and most others verify RSA only; 2048 is what
// they make themselves.
const rsaBits = 2048

// Keyring reads the keys of one instance.
type Keyring struct {
	// NewKey makes a private key; tests have prepared ones, because making
	// them takes most of their time.
	NewKey func() (*rsa.PrivateKey, error)

	store  store.Store
	clock  clock.Clock
	site   desk.Site
	secret [chacha20poly1305.KeySize]byte

	mu     sync.Mutex
	opened map[desk.Handle]Signer // as many as there are actors
}

// Signer signs as one of our actors.
type Signer struct {
	KeyID string
	Key   crypto.Signer
}

// New returns the keyring of a store. secret is any text with enough
// randomness in it; it must stay the same.
func New(s store.Store, c clock.Clock, site desk.Site, secret string) *Keyring {
	return &Keyring{store: s, clock: c, site: site, secret: sha256.Sum256([]byte("earshot keyring\n" + secret)), opened: map[desk.Handle]Signer{},
		NewKey: func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, rsaBits) }}
}

// Make makes a key pair for an actor. It is not stored.
func (k *Keyring) Make(h desk.Handle) (store.Key, error) {
	key, err := k.NewKey()
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
	return store.Key{Owner: h, Fragment: MainKey, Algorithm: "rsa", Private: sealed, Created: k.clock.Now(),
		PublicPEM: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))}, nil
}

// Signer returns the signer of one of our actors.
func (k *Keyring) Signer(ctx context.Context, h desk.Handle) (Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.opened[h]; ok {
		return s, nil
	}
	key, err := k.current(ctx, h)
	if err != nil {
		return Signer{}, err
	}
	private, err := k.open(h, key.Private)
	if err != nil {
		return Signer{}, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return Signer{}, fmt.Errorf("reading the key of %s: %w", h, err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return Signer{}, fmt.Errorf("reading the key of %s: it cannot sign", h)
	}
	s := Signer{KeyID: string(k.site.Desk(h)) + "#" + key.Fragment, Key: signer}
	k.opened[h] = s
	return s, nil
}

// Public returns the current public key of one of our actors and its keyId.
func (k *Keyring) Public(ctx context.Context, h desk.Handle) (keyID, pem string, err error) {
	key, err := k.current(ctx, h)
	return string(k.site.Desk(h)) + "#" + key.Fragment, key.PublicPEM, err
}

func (k *Keyring) current(ctx context.Context, h desk.Handle) (found store.Key, err error) {
	err = k.store.View(ctx, func(tx store.Tx) error {
		keys, err := tx.Keys().List(h)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if key.Retired.IsZero() {
				found = key
				return nil
			}
		}
		return fmt.Errorf("the actor %s has no key", h)
	})
	return found, err
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
