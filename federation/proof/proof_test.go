package proof

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"earshot/internal/multikey"
)

// The example of FEP-8b32 (fep-8b32.feature, CC0).
const (
	vectorDocument = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"],
		"id":"https://server.example/activities/1","type":"Create","actor":"https://server.example/users/alice",
		"object":{"id":"https://server.example/objects/1","type":"Note","attributedTo":"https://server.example/users/alice",
		"content":"Hello world","location":{"type":"Place","longitude":-71.184902,"latitude":25.273962}}`
	vectorProof = `"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022",
		"verificationMethod":"https://server.example/users/alice#ed25519-key","proofPurpose":"assertionMethod",
		"proofValue":"z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL","created":"2023-02-24T23:36:38Z"`
	vectorContext = `"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"],`
	vectorMethod  = "https://server.example/users/alice#ed25519-key"
)

func vectorKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	secret, err := multikey.DecodeBytes("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq", 64)
	if err != nil || len(secret) != 34 {
		t.Fatalf("%d bytes, %v", len(secret), err)
	}
	return ed25519.NewKeyFromSeed(secret[2:])
}

func vectorSigned(context string) string {
	return vectorDocument + `,"proof":{` + context + vectorProof + `}}`
}

func TestVector(t *testing.T) {
	public, err := multikey.Parse("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
	if err != nil {
		t.Fatal(err)
	}
	created := time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)
	for name, document := range map[string]string{
		"as in the FEP":                    vectorSigned(vectorContext),
		"without a context in it (Fedify)": vectorSigned(""),
		"in a list":                        vectorDocument + `,"proof":[{"type":"RsaSignature2017"},{` + vectorContext + vectorProof + `}]}`,
		"beside a Linked Data Signature":   vectorDocument + `,"signature":{"type":"RsaSignature2017"},"proof":{` + vectorContext + vectorProof + `}}`,
		"in another order and spelling":    `{"proof":{` + vectorContext + vectorProof + `},"\u0074ype":"Create",` + strings.Replace(strings.TrimPrefix(vectorDocument, "{"), `"type":"Create",`, "", 1) + `}`,
	} {
		p, err := Read([]byte(document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Method != vectorMethod || !p.Created.Equal(created) || !p.Expires.IsZero() || !p.Fits(public) {
			t.Errorf("%s: %+v, fits %v", name, p, p.Fits(public))
		}
	}
	signed, err := Sign([]byte(vectorDocument+"}"), vectorMethod, vectorKey(t), created)
	if err != nil {
		t.Fatal(err)
	}
	// Ours defines the terms by the first version of the context, so the
	// signature is another; the terms are the same.
	var got struct{ Proof map[string]any }
	if err := json.Unmarshal(signed, &got); err != nil || got.Proof["created"] != "2023-02-24T23:36:38Z" || got.Proof["verificationMethod"] != vectorMethod || len(got.Proof) != 7 {
		t.Errorf("%v: %s", err, signed)
	}
	m, err := message(object{"@context": json.RawMessage(vectorContext[len(`"@context":`) : len(vectorContext)-1]), "type": json.RawMessage(`"DataIntegrityProof"`),
		"cryptosuite": json.RawMessage(`"eddsa-jcs-2022"`), "proofPurpose": json.RawMessage(`"assertionMethod"`),
		"verificationMethod": json.RawMessage(`"` + vectorMethod + `"`), "created": json.RawMessage(`"2023-02-24T23:36:38Z"`)}, decoded(t, vectorDocument+"}"))
	if err != nil {
		t.Fatal(err)
	}
	if value := multikey.EncodeBytes(ed25519.Sign(vectorKey(t), m)); !strings.Contains(vectorProof, value) {
		t.Errorf("the example's document is signed %s", value)
	}
}

func decoded(t *testing.T, s string) (o object) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// A changed document does not verify, nor do changed terms of the proof.
func TestChanged(t *testing.T) {
	public := vectorKey(t).Public()
	signed := vectorSigned(vectorContext)
	for name, change := range map[string]string{
		"a word":                     strings.Replace(signed, "Hello world", "Hello World", 1),
		"a number":                   strings.Replace(signed, "25.273962", "25.273963", 1),
		"one more term":              strings.Replace(signed, `"type":"Create"`, `"type":"Create","to":"x"`, 1),
		"one less":                   strings.Replace(signed, `"content":"Hello world",`, "", 1),
		"the key":                    strings.Replace(signed, "#ed25519-key", "#other", 1),
		"the time":                   strings.Replace(signed, "23:36:38Z", "23:36:39Z", 1),
		"an expiry":                  strings.Replace(signed, `"cryptosuite"`, `"expires":"2123-01-01T00:00:00Z","cryptosuite"`, 1),
		"the context":                strings.Replace(signed, "data-integrity/v2", "data-integrity/v1", 1),
		"a number that is too large": strings.Replace(signed, "25.273962", "1e999", 1),
		"a nonce":                    strings.Replace(signed, `"cryptosuite"`, `"nonce":"1","cryptosuite"`, 1),
	} {
		p, err := Read([]byte(change))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if p.Fits(public) {
			t.Errorf("%s was changed, and the proof fits", name)
		}
	}
	other, _, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	p, err := Read([]byte(signed))
	if err != nil || p.Fits(other) || p.Fits(rsaKey.Public()) || p.Fits(nil) || p.Fits(other[:31]) {
		t.Errorf("it fits another key, %v", err)
	}
}

func TestRefused(t *testing.T) {
	signed := vectorSigned(vectorContext)
	for name, tt := range map[string]struct {
		document string
		none     bool
	}{
		"no proof":                {vectorDocument + "}", true},
		"another suite":           {strings.Replace(signed, "eddsa-jcs-2022", "eddsa-rdfc-2022", 1), true},
		"another type":            {strings.Replace(signed, "DataIntegrityProof", "Ed25519Signature2020", 1), true},
		"another purpose":         {strings.Replace(signed, `"assertionMethod"`, `"authentication"`, 1), true},
		"a suite that is no text": {strings.Replace(signed, `"eddsa-jcs-2022"`, `["eddsa-jcs-2022"]`, 1), true},
		"an empty list":           {vectorDocument + `,"proof":[]}`, true},
		"a word":                  {vectorDocument + `,"proof":"yes"}`, false},
		"too many":                {vectorDocument + `,"proof":[{},{},{},{},{}]}`, false},
		"a DID":                   {strings.Replace(signed, "https://server.example/users/alice#ed25519-key", "did:key:z6Mk", 1), false},
		"no time":                 {strings.Replace(signed, "2023-02-24T23:36:38Z", "yesterday", 1), false},
		"no time of expiry":       {strings.Replace(signed, `"cryptosuite"`, `"expires":7,"cryptosuite"`, 1), false},
		"a short signature":       {strings.Replace(signed, "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37", "z4", 1), false},
		"a signature in hex":      {strings.Replace(signed, "z42ffGu6AUKP", "f42ffGu6AUKP", 1), false},
		"no JSON":                 {`{`, false},
		"no object":               {`[]`, false},
	} {
		p, err := Read([]byte(tt.document))
		if err == nil || errors.Is(err, ErrNone) != tt.none {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// Our own proofs verify, whatever the context; signing again gives the same
// bytes.
func TestRoundTrip(t *testing.T) {
	key := vectorKey(t)
	at := time.Date(2026, 11, 26, 1, 2, 3, 456, time.FixedZone("", 3600))
	for _, context := range []string{`"https://www.w3.org/ns/activitystreams"`, `["https://www.w3.org/ns/activitystreams",{"a":"b"}]`, `["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v1"]`, `[]`} {
		document := `{"@context":` + context + `,"type":"Note","content":"<p>a & b</p> ä 😀 \u2028","n":1.50,"empty":[],"none":null}`
		signed, err := Sign([]byte(document), vectorMethod, key, at)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Sign([]byte(document), vectorMethod, key, at)
		if err != nil || string(again) != string(signed) || !strings.Contains(string(signed), "<p>a & b</p>") || strings.Count(string(signed), "data-integrity/v1") != 2 {
			t.Errorf("%v: %s", err, signed)
		}
		p, err := Read(signed)
		if err != nil || !p.Fits(key.Public()) || !p.Created.Equal(at.Truncate(time.Second)) {
			t.Errorf("%s: %+v, %v", signed, p, err)
		}
	}
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	if _, err := Sign([]byte(`{"@context":"x"}`), vectorMethod, rsaKey, at); err == nil {
		t.Error("signed by an RSA key")
	}
	for _, bad := range []string{`{`, `{}`, `{"@context":7}`, `{"@context":"x","a":1e999}`} {
		if signed, err := Sign([]byte(bad), vectorMethod, key, at); err == nil {
			t.Errorf("%s was signed: %s", bad, signed)
		}
	}
}

// FuzzRead: no document of others verifies with our key, and reading does not
// change a document that we signed.
func FuzzRead(f *testing.F) {
	f.Add([]byte(vectorSigned(vectorContext)))
	f.Add([]byte(vectorSigned("")))
	f.Add([]byte(vectorDocument + `,"proof":[{},{}]}`))
	f.Add([]byte(`{"proof":{"type":"DataIntegrityProof"},"a":[1e21,-0,"\ud800"]}`))
	other, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	key := vectorKey(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := Read(b); err == nil && p.Fits(other) {
			t.Errorf("%q fits a key that signed nothing", b)
		}
		signed, err := Sign(b, vectorMethod, key, time.Unix(1, 0))
		if err != nil {
			return
		}
		if p, err := Read(signed); err != nil || !p.tooMuch && !p.Fits(key.Public()) {
			t.Errorf("%q was signed as %q: %v", b, signed, err)
		}
	})
}
