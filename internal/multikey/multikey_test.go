package multikey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
)

type equaler interface{ Equal(crypto.PublicKey) bool }

// The key of FEP-8b32's example, and one of each kind there and back.
func TestKeys(t *testing.T) {
	const known = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	key, err := Parse(known)
	if err != nil {
		t.Fatal(err)
	}
	// Its secret half, by the same document.
	secret, err := DecodeBytes("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq", 64)
	if err != nil || len(secret) != 34 || !ed25519.NewKeyFromSeed(secret[2:]).Public().(equaler).Equal(key) {
		t.Errorf("the secret key, %d bytes, is not of %s: %v", len(secret), known, err)
	}
	if again, err := Encode(key); err != nil || again != known {
		t.Errorf("written again: %s, %v", again, err)
	}
	for _, bits := range []int{2048, 4096} {
		private, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Encode(private.Public())
		if err != nil || !strings.HasPrefix(s, "z4MX") && !strings.HasPrefix(s, "zgghBU") {
			t.Errorf("RSA %d: %.8s…, %v", bits, s, err)
		}
		if got, err := Parse(s); err != nil || !private.Public().(equaler).Equal(got) {
			t.Errorf("RSA %d: %v", bits, err)
		}
	}
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if s, err := Encode(other.Public()); err == nil {
		t.Errorf("a key of another kind: %s", s)
	}
}

func TestRefusedKeys(t *testing.T) {
	ed := func(n int) string { return EncodeBytes(append([]byte{0xed, 0x01}, make([]byte, n)...)) }
	for name, s := range map[string]string{
		"nothing": "", "no multibase": "6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", "base64": "mAAAA", "no digits": "z",
		"a zero": "z0", "an O": "zO", "not ASCII": "zé", "short Ed25519": ed(31), "long Ed25519": ed(33),
		"secp256k1":        EncodeBytes(append([]byte{0xe7, 0x01}, make([]byte, 33)...)),
		"RSA that is none": EncodeBytes([]byte{0x85, 0x24, 0x30, 0x00}), "too long": "z" + strings.Repeat("2", 2000),
		"a long row of zeros": "z" + strings.Repeat("1", 1500),
	} {
		if key, err := Parse(s); err == nil {
			t.Errorf("%s: read as %T", name, key)
		}
	}
}

func TestBase58(t *testing.T) {
	for in, want := range map[string]string{"": "z", "\x00": "z1", "\x00\x00a": "z112g", "Hello World!": "z2NEpo7TZRRrLZSi2U"} {
		if got := EncodeBytes([]byte(in)); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
		if got, err := DecodeBytes(want, 64); err != nil || string(got) != in {
			t.Errorf("%s is %q, %v", want, got, err)
		}
	}
	if _, err := DecodeBytes("z2NEpo7TZRRrLZSi2U", 11); err == nil {
		t.Error("twelve bytes where eleven may be")
	}
}

// FuzzMultikey: every key that is read is bounded, and its bytes survive a
// round trip.
func FuzzMultikey(f *testing.F) {
	f.Add("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
	f.Add("z11")
	f.Add("z4MXj1wBzi9jUstyPMS4jQqB6KdJaiatPkAtVtGc6bQEQEEsKTic4G7Rou3iBf9vPmT5dbkm9qsZsuVNjq8HCuW1w24nhBFGkRE4cd2Uf2tfrB3N7h4mnyPp1BF3ZttHTYv3DLUPi1zMdkULiow3M1GfXkoC6DoxDUm1jmN6GBj22SjVsr6dxezRVQc7aj9TxE7JLbMH1wh5X3kA58H3DFW8rnYMakFGbca5CB2Jf6CnGQZmL7o5uJAdTwXfy2iiiyPxXEGerMhHwhjTA1mKYobyk2CpeEcmvynADfNZ5MBvcCS7m3XkFCMNUYBS9NQ3fze6vMSUPsNa6GVYmKx2x6JrdEjCk3qRMMmyjnjCMfR4pXbRMZa3i")
	f.Fuzz(func(t *testing.T, s string) {
		if key, err := Parse(s); err == nil {
			if _, err := Encode(key); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
		b, err := DecodeBytes(s, maxBytes)
		if err != nil {
			return
		}
		if len(b) > maxBytes {
			t.Errorf("%q: %d bytes", s, len(b))
		}
		if again := EncodeBytes(b); again != s {
			t.Errorf("%q was written as %q", s, again)
		}
		if again, err := DecodeBytes(EncodeBytes(b), maxBytes); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
