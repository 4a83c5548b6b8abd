package proof

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"earshot/internal/multikey"
)

// context defines the terms of a proof. It is in the documents that have one,
// for those who read them as JSON-LD.
const context = "https://w3id.org/security/data-integrity/v1"

// Sign returns a document with a proof by a key; method is the key's id. The
// document has a @context, which gets the terms of proofs; a proof that it has
// goes. The same input gives the same bytes: keys are sorted.
func Sign(document []byte, method string, key crypto.Signer, created time.Time) ([]byte, error) {
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("sign a document: the key is a %T, not Ed25519", key)
	}
	var doc object
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("sign a document: %w", err)
	}
	delete(doc, "proof")
	delete(doc, "signature")
	var err error
	if doc["@context"], err = withContext(doc["@context"]); err != nil {
		return nil, err
	}
	config := object{"@context": doc["@context"]}
	for key, value := range map[string]string{"type": proofType, "cryptosuite": suite, "proofPurpose": purpose,
		"verificationMethod": method, "created": created.UTC().Format(time.RFC3339)} {
		if config[key], err = encode(value); err != nil {
			return nil, err
		}
	}
	m, err := message(config, doc)
	if err != nil {
		return nil, fmt.Errorf("sign a document: %w", err)
	}
	if config["proofValue"], err = encode(multikey.EncodeBytes(ed25519.Sign(private, m))); err != nil {
		return nil, err
	}
	if doc["proof"], err = encode(config); err != nil {
		return nil, err
	}
	return encode(doc)
}

// withContext adds the terms of proofs after the first context, which is that
// of ActivityStreams.
func withContext(raw json.RawMessage) (json.RawMessage, error) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		var one string
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("sign a document: its context is %s", raw)
		}
		list = []json.RawMessage{raw}
	}
	ours, err := encode(context)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(list, func(c json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(c), ours) }) {
		return raw, nil
	}
	return encode(slices.Insert(list, min(1, len(list)), ours))
}

// encode writes like all our documents: sorted keys, no HTML escaping.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("sign a document: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
