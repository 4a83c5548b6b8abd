package httpsig

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// FuzzSignatureHeader: a header that was not made with the key never verifies,
// and every parsed signature stays within its bounds.
func FuzzSignatureHeader(f *testing.F) {
	good, body := handSigned{}.sign(f)
	signature := good.Header.Get("Signature")
	f.Add(signature[:strings.LastIndex(signature, "signature=")] + `signature="AAAA"`)
	f.Add(`keyId="https://a.example/k",algorithm="hs2019",created=1,expires="2",headers="(created) (expires)",signature="AAAA"`)
	f.Add(`keyId=a , headers = "x" ,, signature=""`)
	f.Add(`keyId="`)
	v := verifier(otherRSAKey().Public())
	v.Lookup = anyID(otherRSAKey().Public())
	f.Fuzz(func(t *testing.T, header string) {
		r := good.Clone(t.Context())
		r.Header["Signature"] = []string{header}
		if signer, err := v.Verify(t.Context(), r, body); err == nil {
			t.Errorf("%q verifies as %v", header, signer)
		}
		s, err := parseCavage(r)
		if err != nil {
			return
		}
		if lines := strings.Count(s.signingString(r, "/inbox"), "\n") + 1; lines != len(s.covered) || lines > maxCovered {
			t.Errorf("%q: %d lines for %q", header, lines, s.covered)
		}
		if strings.ContainsAny(s.keyID, "\"\n ") {
			t.Errorf("keyId %q", s.keyID)
		}
	})
}

// FuzzSignatureInput is the same for RFC 9421.
func FuzzSignatureInput(f *testing.F) {
	good, body := handMessage{}.sign(f)
	f.Add(good.Header.Get("Signature-Input"), "sig1=:AAAA:")
	f.Add(`a=("@method";req "@target-uri" "content-digest");created=1;keyid="https://a.example/k"`, "a=:AAAA:")
	f.Add(`a=(), b=("date" date 1 1.5 ?1 @1 %"x" :AA:);created=@1;keyid=tok;alg`, "a, b=1;x")
	f.Add(`a`, ``)
	v := verifier(otherRSAKey().Public())
	v.Lookup = anyID(otherRSAKey().Public())
	f.Fuzz(func(t *testing.T, input, signature string) {
		r := good.Clone(t.Context())
		r.Header["Signature-Input"], r.Header["Signature"] = []string{input}, []string{signature}
		if signer, err := v.Verify(t.Context(), r, body); err == nil {
			t.Errorf("%q, %q verifies as %v", input, signature, signer)
		}
		all, err := readSignatures(r)
		if err == nil && (len(all) == 0 || len(all) > maxSignatures) {
			t.Errorf("%q, %q: %d signatures", input, signature, len(all))
		}
		for _, s := range all {
			base, err := s.base(r, "https", "us.example", "/inbox")
			if err == nil && strings.Count(base, "\n") != len(s.covered) {
				t.Errorf("%q: base %q", input, base)
			}
		}
	})
}

// FuzzDigest: a digest that fits one body fits no other, and needs to have
// the hash in it.
func FuzzDigest(f *testing.F) {
	body := []byte(testBody)
	sum := base64.StdEncoding.EncodeToString(sum256(body))
	f.Add("SHA-256="+sum, "sha-256=:"+sum+":", body)
	f.Add("MD5=x, sha-256="+sum+",SHA-512=", "sha-512=:AAAA:;p, x=(1 2)", []byte{})
	f.Add("=,=", "sha-256", []byte("a"))
	f.Fuzz(func(t *testing.T, digest, contentDigest string, body []byte) {
		sum256, sum512 := base64.StdEncoding.EncodeToString(sum256(body)), base64.StdEncoding.EncodeToString(sum512(body))
		other := append([]byte("x"), body...)
		if checkDigest([]string{digest}, body) == nil {
			if !strings.Contains(digest, sum256) || checkDigest([]string{digest}, other) == nil {
				t.Errorf("Digest %q fits %q", digest, body)
			}
		}
		if checkContentDigest([]string{contentDigest}, body) == nil {
			// Padding may be left out of a byte sequence, so compare without.
			bare := func(s string) string { return strings.TrimRight(s, "=") }
			if !strings.Contains(contentDigest, bare(sum256)[:42]) && !strings.Contains(contentDigest, bare(sum512)[:85]) {
				t.Errorf("Content-Digest %q fits %q", contentDigest, body)
			}
			if checkContentDigest([]string{contentDigest}, other) == nil {
				t.Errorf("Content-Digest %q fits another body than %q", contentDigest, body)
			}
		}
	})
}

func BenchmarkVerifyCavage(b *testing.B) {
	r, body := handSigned{}.sign(b)
	benchmarkVerify(b, r, body)
}

func BenchmarkVerifyRFC9421(b *testing.B) {
	r, body := handMessage{}.sign(b)
	benchmarkVerify(b, r, body)
}

func benchmarkVerify(b *testing.B, r *http.Request, body []byte) {
	v := verifier(rsaKey().Public())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), r, body); err != nil {
			b.Fatal(err)
		}
	}
}
