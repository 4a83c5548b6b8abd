package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
)

// authenticator is a device with one passkey, as WebAuthn Level 3 describes it:
// what a browser and a phone do together.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	origin string
	flags  byte // of the authenticator data: present, verified
	count  uint32
}

func newAuthenticator(t *testing.T, origin string) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{t: t, key: key, id: []byte(rand.Text()), origin: origin, flags: 0x05}
}

var b64 = base64.RawURLEncoding

// asked holds the site's options.
type asked struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
}

func (a *authenticator) read(options json.RawMessage) (in asked) {
	a.t.Helper()
	if err := json.Unmarshal(options, &in); err != nil || in.Challenge == "" {
		a.t.Fatalf("%s: %v", options, err)
	}
	return in
}

func (a *authenticator) clientData(kind, challenge string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q,"crossOrigin":false}`, kind, challenge, a.origin)
}

func (a *authenticator) data(rp string, flags byte) []byte {
	sum := sha256.Sum256([]byte(rp))
	a.count++
	return binary.BigEndian.AppendUint32(append(sum[:], flags), a.count)
}

// The few forms of CBOR (RFC 8949 §3) that are needed.
func cborBytes(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0x59}, uint16(len(b))), b...)
}
func cborText(s string) []byte { return append([]byte{0x60 + byte(len(s))}, s...) }

// create makes the passkey.
func (a *authenticator) create(options json.RawMessage) []byte {
	a.t.Helper()
	in := a.read(options)
	var err error
	if a.handle, err = b64.DecodeString(in.User.ID); err != nil {
		a.t.Fatal(err)
	}
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	// COSE: kty 2 (EC2), alg -7 (ES256), crv 1 (P-256), x, y.
	cose := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}
	cose = append(append(append(cose, cborBytes(point[1:33])...), 0x22), cborBytes(point[33:])...)
	data := append(a.data(in.RP.ID, a.flags|0x40), make([]byte, 16)...)
	data = append(append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...), cose...)
	object := append([]byte{0xa3}, cborText("fmt")...)
	object = append(object, cborText("none")...)
	object = append(append(object, cborText("attStmt")...), 0xa0)
	object = append(append(object, cborText("authData")...), cborBytes(data)...)
	return a.answer(map[string]string{
		"clientDataJSON": b64.EncodeToString(a.clientData("webauthn.create", in.Challenge)), "attestationObject": b64.EncodeToString(object),
	})
}

// get signs in with the passkey.
func (a *authenticator) get(options json.RawMessage) []byte {
	a.t.Helper()
	in := a.read(options)
	client, data := a.clientData("webauthn.get", in.Challenge), a.data(in.RPID, a.flags)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]string{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(a.handle),
	})
}

func (a *authenticator) answer(response map[string]string) []byte {
	a.t.Helper()
	id := b64.EncodeToString(a.id)
	b, err := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}
