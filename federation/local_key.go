package federation

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"earshot/federation/httpsig"
	"earshot/federation/resolve"
	"earshot/internal/admission"
	"earshot/internal/desk"
)

// key finds the key behind a keyId. Our own keys are not fetched over the
// network: our signed requests come back to us only when the doctor checks
// whether the way through the public address keeps signatures whole. The inbox
// takes nothing else from ourselves.
func (f *Federation) key(ctx context.Context, keyID string, fresh bool) (httpsig.Key, error) {
	if !strings.HasPrefix(keyID, string(f.d.App.Site().Relay())+"#") {
		return f.theirKey(ctx, keyID, fresh)
	}
	ours, text, err := f.d.Keys.Public(ctx, desk.RelayHandle)
	if err != nil {
		return httpsig.Key{}, err
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil || ours != keyID {
		return httpsig.Key{}, errors.New("the instance's own key cannot be read")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return httpsig.Key{}, fmt.Errorf("reading the instance's own key: %w", err)
	}
	return httpsig.Key{ID: keyID, Owner: f.d.App.Site().Relay(), Public: public}, nil
}

// theirKey finds another server's key. A request that has to wait for it may
// have to give its place to another.
func (f *Federation) theirKey(ctx context.Context, keyID string, fresh bool) (httpsig.Key, error) {
	keys := f.d.Network.Resolver
	if k, ok := keys.CachedKey(keyID); ok && !fresh {
		return k, nil
	}
	host, _ := desk.HostOf(keyID) // the resolver reports the error
	place := admission.Of(ctx)
	ctx, done, err := place.Ask(ctx, keys.KnownHost(ctx, host))
	if err != nil {
		return httpsig.Key{}, err
	}
	defer done()
	return keys.Key(resolve.OnAccountOf(ctx, place.Address()), keyID, fresh)
}
