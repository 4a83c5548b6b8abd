package keyring

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/internal/multikey"
	"earshot/store"
)

const (
	// ReadableFor is how long a retired RSA key is shown: longer than the
	// announcement of the new one, which the old one signs, is tried.
	ReadableFor = 8 * 24 * time.Hour
	// maxProofKeys bounds the retired Ed25519 keys that are shown. Documents
	// that they signed can be verified while the keys are shown.
	maxProofKeys = 8
)

// Published is what an actor's document shows of its keys.
type Published struct {
	KeyID, PEM string   // publicKey: the current RSA key
	Methods    []Method // assertionMethod, newest first (FEP-521a)
}

// Method is a public key as a Multikey.
type Method struct{ ID, Multikey string }

// Published returns the public keys of one of our actors: the current ones, and
// of the retired ones those that others may still have to do with. Revoked
// keys are not among them.
func (k *Keyring) Published(ctx context.Context, h desk.Handle) (Published, error) {
	keys, err := k.keys(ctx, h)
	if err != nil {
		return Published{}, err
	}
	var p Published
	proofKeys := 0
	for _, key := range keys {
		if key.Revoked() {
			continue
		}
		switch key.Algorithm {
		case store.KeyRSA:
			if key.Current() {
				p.KeyID, p.PEM = k.idOf(key), key.PublicPEM
				continue
			}
			if k.clock.Now().Sub(key.Retired) >= ReadableFor {
				continue
			}
		case store.KeyEd25519:
			if proofKeys++; proofKeys > maxProofKeys+1 {
				continue
			}
		}
		text, err := multikeyOf(key)
		if err != nil {
			return Published{}, err
		}
		p.Methods = append(p.Methods, Method{k.idOf(key), text})
	}
	if p.KeyID == "" {
		return Published{}, fmt.Errorf("the actor %s has no %s key", h, store.KeyRSA)
	}
	return p, nil
}

func multikeyOf(key store.Key) (string, error) {
	block, _ := pem.Decode([]byte(key.PublicPEM))
	if block == nil {
		return "", fmt.Errorf("reading the public key of %s: %w", key.Owner, errors.New("not PEM"))
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("reading the public key of %s: %w", key.Owner, err)
	}
	return multikey.Encode(public)
}
