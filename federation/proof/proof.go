package proof

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
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

// MaxDocument, in bytes, and MaxValues bound a document that is canonicalised,
// which costs much more than reading it: a larger one proves nothing. A post of 64
// KiB with 256 mentions is far below.
const (
	MaxDocument = 256 << 10
	MaxValues   = 8192
	maxDepth    = 32
)

// A Proof is what a document says of who made it: well-formed, and not
// verified before Fits. It is not safe for concurrent use.
type Proof struct {
	Method  string    // the id of the key
	Created time.Time // when it was made
	Expires time.Time // zero if it does not say

	signature   []byte
	config, doc object
	tooMuch     bool
	messages    [][]byte // the bytes that may have been signed, most likely first; nil before they are needed
}

// Fits reports whether the proof was made with the private half of a key. Only
// here the document is canonicalised, which costs more than all checks of what a
// Proof says: make those first. A document that cannot be canonicalised, or is
// too large for it, fits no key.
func (p *Proof) Fits(key crypto.PublicKey) bool {
	public, ok := key.(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize || p.tooMuch {
		return false
	}
	if p.messages == nil {
		p.messages = messages(p.config, p.doc)
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
// size and depth. The error is ErrNone or explains the mistake. Read looks only
// at the proof's own terms.
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
		p, err := read(config)
		if err == nil {
			p.doc, p.tooMuch = doc, tooMuch(document)
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

// tooMuch looks only at the parts outside strings.
func tooMuch(document []byte) bool {
	if len(document) > MaxDocument {
		return true
	}
	depth, values, inString := 0, 0, false
	for i := 0; i < len(document); i++ {
		switch c := document[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > maxDepth || values > MaxValues {
			return true
		}
	}
	return false
}

// read reads the terms of one proof.
func read(config object) (*Proof, error) {
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
	p.config = config
	return p, nil
}

// text returns a value if it is a string.
func (o object) text(key string) string {
	var s string
	if json.Unmarshal(o[key], &s) != nil {
		return ""
	}
	return s
}

// messages returns the bytes that may have been signed; none if the document
// cannot be canonicalised. By the suite (vc-di-eddsa §3.3) a proof repeats the
// context of its document; Fedify signs it without sending it, and older
// software does not know of it.
func messages(config, doc object) [][]byte {
	content, err := sum(doc)
	if err != nil {
		return none
	}
	configs := []object{config}
	if context, ok := config["@context"]; ok {
		if same, err := equal(context, doc["@context"]); err != nil || !same {
			return none
		}
	} else if doc["@context"] != nil {
		full := maps.Clone(config)
		full["@context"] = doc["@context"]
		configs = []object{full, config}
	}
	out := none
	for _, c := range configs {
		terms, err := sum(c)
		if err != nil {
			return none
		}
		out = append(out, slices.Concat(terms, content))
	}
	return out
}

// none is not nil: it has been looked for.
var none = [][]byte{}

func equal(a, b json.RawMessage) (bool, error) {
	x, err := canonical(object{"@context": a})
	if err != nil {
		return false, err
	}
	y, err := canonical(object{"@context": b})
	return bytes.Equal(x, y), err
}

// message returns the signed bytes: the sums of the proof's terms and of the
// document.
func message(config, doc object) ([]byte, error) {
	terms, err := sum(config)
	if err != nil {
		return nil, err
	}
	content, err := sum(doc)
	return slices.Concat(terms, content), err
}

func sum(o object) ([]byte, error) {
	b, err := canonical(o)
	s := sha256.Sum256(b)
	return s[:], err
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
