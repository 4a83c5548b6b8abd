package proof

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"

	"earshot/internal/desk"
	"earshot/internal/multikey"
)

const (
	proofType = "DataIntegrityProof"
	suite     = "eddsa-jcs-2022"
	purpose   = "assertionMethod"
	// maxProofs bounds how many proofs of one document are looked at; one is usual.
	maxProofs = 4
)

// A Proof is what a document says of who made it: well-formed, and not
// verified before Fits.
type Proof struct {
	Method  string    // the id of the key
	Created time.Time // when it was made
	Expires time.Time // zero if it does not say

	signature []byte
	messages  [][]byte // what may have been signed, most likely first
}

// Fits reports whether the proof was made with the private half of a key.
func (p *Proof) Fits(key crypto.PublicKey) bool {
	public, ok := key.(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return false
	}
	for _, m := range p.messages {
		if ed25519.Verify(public, m, p.signature) {
			return true
		}
	}
	return false
}

// object is a JSON object whose values are as they were sent.
type object map[string]json.RawMessage

// ErrNone says that a document has no proof of the suite we know.
var ErrNone = errors.New("no " + suite + " proof")

// Read returns the first proof of a document that is of the suite we know and
// well-formed. The document is one that has been read before: UTF-8, of bounded
// size and depth. The error is ErrNone or says what is wrong with it.
func Read(document []byte) (*Proof, error) {
	var doc object
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("read a proof: %w", err)
	}
	proofs, err := proofsOf(doc["proof"])
	if err != nil {
		return nil, err
	}
	delete(doc, "proof")
	delete(doc, "signature") // FEP-8b32: a Linked Data Signature comes after the proof
	first := ErrNone
	for _, config := range proofs {
		p, err := read(config, doc)
		if err == nil {
			return p, nil
		}
		if errors.Is(first, ErrNone) {
			first = err
		}
	}
	return nil, first
}

func proofsOf(raw json.RawMessage) ([]object, error) {
	if len(raw) == 0 {
		return nil, ErrNone
	}
	var one object
	if json.Unmarshal(raw, &one) == nil {
		return []object{one}, nil
	}
	var several []object
	if err := json.Unmarshal(raw, &several); err != nil || len(several) > maxProofs {
		return nil, fmt.Errorf("read a proof: neither an object nor a list of at most %d", maxProofs)
	}
	return several, nil
}

// read reads one proof of a document that has none left.
func read(config, doc object) (*Proof, error) {
	for key, want := range map[string]string{"type": proofType, "cryptosuite": suite, "proofPurpose": purpose} {
		if config.text(key) != want {
			return nil, ErrNone
		}
	}
	p := &Proof{Method: config.text("verificationMethod")}
	if _, err := desk.HostOf(p.Method); err != nil {
		return nil, fmt.Errorf("read a proof: verificationMethod %q is no URL", p.Method)
	}
	var err error
	if p.Created, err = time.Parse(time.RFC3339, config.text("created")); err != nil {
		return nil, fmt.Errorf("read a proof: created: %w", err)
	}
	if raw, ok := config["expires"]; ok {
		if p.Expires, err = time.Parse(time.RFC3339, config.text("expires")); err != nil {
			return nil, fmt.Errorf("read a proof: expires is %s", raw)
		}
	}
	if p.signature, err = multikey.DecodeBytes(config.text("proofValue"), ed25519.SignatureSize); err != nil || len(p.signature) != ed25519.SignatureSize {
		return nil, errors.New("read a proof: proofValue is no Ed25519 signature in base58btc")
	}
	delete(config, "proofValue")
	p.messages, err = messages(config, doc)
	return p, err
}

// text returns a value if it is a string.
func (o object) text(key string) string {
	var s string
	if json.Unmarshal(o[key], &s) != nil {
		return ""
	}
	return s
}

// messages returns what may have been signed. By the suite (vc-di-eddsa §3.3)
// a proof repeats the context of its document; Fedify signs it without sending
// it, and older software does not know of it.
func messages(config, doc object) ([][]byte, error) {
	context, ok := config["@context"]
	if ok {
		same, err := equal(context, doc["@context"])
		if err != nil || !same {
			return nil, errors.New("read a proof: its context is not the document's")
		}
		m, err := message(config, doc)
		return [][]byte{m}, err
	}
	bare, err := message(config, doc)
	if err != nil || doc["@context"] == nil {
		return [][]byte{bare}, err
	}
	config["@context"] = doc["@context"]
	full, err := message(config, doc)
	return [][]byte{full, bare}, err
}

func equal(a, b json.RawMessage) (bool, error) {
	x, err := canonical(object{"@context": a})
	if err != nil {
		return false, err
	}
	y, err := canonical(object{"@context": b})
	return bytes.Equal(x, y), err
}

// message is what is signed: the sums of the proof's terms and of the document.
func message(config, doc object) ([]byte, error) {
	c, err := canonical(config)
	if err != nil {
		return nil, err
	}
	d, err := canonical(doc)
	if err != nil {
		return nil, err
	}
	terms, content := sha256.Sum256(c), sha256.Sum256(d)
	return append(terms[:], content[:]...), nil
}

func canonical(o object) ([]byte, error) {
	b, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("canonicalise: %w", err)
	}
	if b, err = jcs.Transform(b); err != nil {
		return nil, fmt.Errorf("canonicalise: %w", err)
	}
	return b, nil
}
