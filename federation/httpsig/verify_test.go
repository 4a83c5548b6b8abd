package httpsig

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"earshot/internal/clock"
)

// anyID returns a Lookup that has this key under every id.
func anyID(public crypto.PublicKey) Lookup {
	return func(_ context.Context, id string, _ bool) (Key, error) { return Key{id, testOwner, public}, nil }
}

func TestRefetch(t *testing.T) {
	right, wrong := rsaKey().Public(), otherRSAKey().Public()
	ecdsaKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	down := errors.New("host is down")
	for _, tt := range []struct {
		name          string
		cached, fresh any // a key or an error
		asked         []bool
		refusal       string
		lookupError   bool
	}{
		{"cached key fits", right, down, []bool{false}, "", false},
		{"key was rotated", wrong, right, []bool{false, true}, "", false},
		{"same key again", wrong, wrong, []bool{false, true}, "does not fit", false},
		{"another wrong key", wrong, edKey().Public(), []bool{false, true}, "does not fit", false},
		{"cached key is too short", newRSA(1024).Public(), right, []bool{false, true}, "", false},
		{"key is too short", newRSA(1024).Public(), newRSA(1024).Public(), []bool{false, true}, "2048", false},
		{"key is of another kind", ecdsaKey.Public(), ecdsaKey.Public(), []bool{false, true}, "cannot be used", false},
		{"key is nil", nil, nil, []bool{false, true}, "cannot be used", false},
		{"no key at all", down, down, []bool{false}, "", true},
		{"no fresh key", wrong, down, []bool{false, true}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, body := handSigned{}.sign(t)
			var asked []bool
			v := verifier(nil)
			v.Lookup = func(_ context.Context, id string, fresh bool) (Key, error) {
				asked = append(asked, fresh)
				answer := tt.cached
				if fresh {
					answer = tt.fresh
				}
				if err, ok := answer.(error); ok {
					return Key{}, err
				}
				return Key{id, testOwner, answer}, nil
			}
			got, err := v.Verify(t.Context(), r, body)
			if !slices.Equal(asked, tt.asked) {
				t.Errorf("asked %v, want %v", asked, tt.asked)
			}
			switch keyError, isKeyError := errors.AsType[*KeyError](err); {
			case tt.lookupError:
				if !isKeyError || keyError.KeyID != testKeyID || !errors.Is(err, down) {
					t.Errorf("got %v", err)
				}
			case tt.refusal != "":
				wantRefusal(t, err, tt.refusal)
			default:
				wantSigner(t, got, err, Cavage)
			}
		})
	}
}

// Nothing is looked up for a request that could not be accepted anyway.
func TestPolicyBeforeLookup(t *testing.T) {
	v := verifier(nil)
	v.Lookup = func(context.Context, string, bool) (Key, error) {
		t.Error("the key was looked up")
		return Key{}, errors.New("never")
	}
	for _, h := range []handSigned{{covered: "date"}, {date: testNow.Add(-2 * time.Hour)}, {url: "https://them.example/inbox"}} {
		r, body := h.sign(t)
		if _, err := v.Verify(t.Context(), r, body); err == nil {
			t.Error("accepted")
		}
	}
	r, _ := handSigned{}.sign(t)
	if _, err := v.Verify(t.Context(), r, []byte("another body")); err == nil {
		t.Error("accepted")
	}
}

func TestKeyWithoutOwner(t *testing.T) {
	r, body := handSigned{}.sign(t)
	v := verifier(nil)
	v.Lookup = func(_ context.Context, id string, _ bool) (Key, error) {
		return Key{ID: id, Public: rsaKey().Public()}, nil
	}
	_, err := v.Verify(t.Context(), r, body)
	if _, ok := errors.AsType[*KeyError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestWindowIsConfigurable(t *testing.T) {
	r, body := handSigned{date: testNow.Add(-10 * time.Minute)}.sign(t)
	v := verifier(rsaKey().Public())
	v.Window = 5 * time.Minute
	_, err := v.Verify(t.Context(), r, body)
	wantRefusal(t, err, "Date")
	v.Window = 15 * time.Minute
	if _, err := v.Verify(t.Context(), r, body); err != nil {
		t.Error(err)
	}
}

// A development instance is addressed by IP address, port and http.
func TestBaseURLWithPort(t *testing.T) {
	v := verifier(rsaKey().Public())
	v.BaseURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
	r, body := handSigned{url: "http://127.0.0.1:8080/inbox"}.sign(t)
	if _, err := v.Verify(t.Context(), r, body); err != nil {
		t.Error(err)
	}
	r, body = handSigned{url: "http://127.0.0.1:8081/inbox"}.sign(t)
	_, err := v.Verify(t.Context(), r, body)
	wantRefusal(t, err, "host")
}

func TestVerifierNotSetUp(t *testing.T) {
	r, body := handSigned{}.sign(t)
	for _, v := range []*Verifier{{}, {Lookup: keys(nil), Clock: clock.System{}}} {
		if _, err := v.Verify(t.Context(), r, body); err == nil {
			t.Error("accepted")
		}
	}
}
