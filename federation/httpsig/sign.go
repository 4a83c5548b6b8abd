package httpsig

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/superseriousbusiness/httpsig"
)

// Sign signs r by a scheme: see SignCavage and SignRFC9421.
func Sign(scheme Scheme, r *http.Request, body []byte, keyID string, key crypto.Signer, now time.Time) error {
	if scheme == RFC9421 {
		return SignRFC9421(r, body, keyID, key, now)
	}
	return SignCavage(r, body, keyID, key, now)
}

// SignCavage signs r as draft-cavage-http-signatures-12, with the time now:
// receivers refuse signatures that are some minutes old, so sign right before
// sending and again for every attempt. It sets Host, Date and, unless r is a
// GET without a body, Digest; Content-Type must be there before. key is an
// *rsa.PrivateKey of 2048 bits or more.
//
// Covered are (request-target), host, date, digest and content-type. The
// algorithm is spelled out as rsa-sha256, not hs2019: activitypub-bot needs
// it, nobody minds, and it is the same signature.
func SignCavage(r *http.Request, body []byte, keyID string, key crypto.Signer, now time.Time) error {
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return fmt.Errorf("sign request: draft-cavage needs an RSA key, not %T", key)
	}
	if err := prepare(r, body, keyID, key, now); err != nil {
		return err
	}
	covered := []string{requestTarget, "host", "date"}
	if !isRead(r, body) {
		r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum256(body)))
		covered = append(covered, "digest", "content-type")
	}
	clone := cloneForFork(r, targetOf(r), covered)
	signer, _, err := httpsig.NewSigner([]httpsig.Algorithm{httpsig.RSA_SHA256}, httpsig.DigestSha256, covered, httpsig.Signature, 0)
	if err == nil {
		err = signer.SignRequest(rsaKey, keyID, clone, nil)
	}
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	r.Header.Set("Signature", strings.Replace(clone.Header.Get("Signature"), `algorithm="hs2019"`, `algorithm="rsa-sha256"`, 1))
	return nil
}

// SignRFC9421 signs r as RFC 9421 in the profile that Mastodon takes: one
// signature over @method, @target-uri and, unless r is a GET without a body,
// content-digest and content-type; with created, keyid and alg, which is
// rsa-v1_5-sha256, or ed25519 where key is one. It sets Host, Date and
// Content-Digest. For the rest it is like SignCavage.
func SignRFC9421(r *http.Request, body []byte, keyID string, key crypto.Signer, now time.Time) error {
	if err := prepare(r, body, keyID, key, now); err != nil {
		return err
	}
	alg, hash := "rsa-v1_5-sha256", crypto.SHA256
	if _, ok := key.(ed25519.PrivateKey); ok {
		alg, hash = string(ed25519Sign), crypto.Hash(0)
	}
	s := messageSignature{covered: []string{"@method", "@target-uri"}}
	if !isRead(r, body) {
		r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum256(body))+":")
		s.covered = append(s.covered, "content-digest", "content-type")
	}
	input := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range s.covered {
		input.Items = append(input.Items, httpsfv.NewItem(name))
	}
	input.Params.Add("created", now.Unix())
	input.Params.Add("keyid", keyID)
	input.Params.Add("alg", alg)
	var base string
	var signature []byte
	var err error
	if s.params, err = httpsfv.Marshal(input); err == nil {
		base, err = s.base(r, r.URL.Scheme, r.Host, targetOf(r))
	}
	if err == nil {
		message := []byte(base)
		if hash != 0 {
			message = sum256(message)
		}
		signature, err = key.Sign(rand.Reader, message, hash)
	}
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	r.Header.Set("Signature-Input", "sig1="+s.params)
	r.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(signature)+":")
	return nil
}

// prepare checks the needs of both schemes, removes the headers of an earlier
// signature and sets those that both schemes share.
func prepare(r *http.Request, body []byte, keyID string, key crypto.Signer, now time.Time) error {
	if key == nil {
		return errors.New("sign request: the key is missing")
	}
	if err := checkKey(key.Public()); err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	if err := checkKeyID(keyID); err != nil || strings.Contains(keyID, ",") {
		return fmt.Errorf("sign request: %q is no keyId for a signature", keyID)
	}
	if r.URL.Host == "" {
		return fmt.Errorf("sign request: %s has no host", r.URL)
	}
	if !isRead(r, body) && r.Header.Get("Content-Type") == "" {
		return fmt.Errorf("sign request: Content-Type is missing")
	}
	for _, name := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest"} {
		r.Header.Del(name)
	}
	r.Host = r.URL.Host
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	return nil
}
