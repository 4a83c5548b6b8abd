package httpsig

import (
	"cmp"
	"crypto"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

const (
	// maxSignatures bounds how many signatures of one request are looked at.
	maxSignatures = 4
	// maxTried bounds for how many of them a key is looked up: each may cost a
	// request to a server that the sender chooses.
	maxTried = 2
)

// messageSignature is one signature of RFC 9421, read and well-formed.
type messageSignature struct {
	keyID      string
	algorithms []algorithm
	covered    []string // component names, without doubles
	params     string   // the value of @signature-params
	created    int64    // Unix seconds
	expires    int64    // 0: never
	signature  []byte
}

func (s messageSignature) covers(name string) bool { return slices.Contains(s.covered, name) }

// messageAlgorithms are the names of RFC 9421 §6.2 that we verify. Without a
// name it is up to the key, where RSA means PKCS #1 v1.5 (all that Mastodon
// sends and takes), else PSS.
var messageAlgorithms = map[string][]algorithm{
	"":                  {rsaSHA256, rsaPSSSHA512, ed25519Sign},
	"rsa-v1_5-sha256":   {rsaSHA256},
	"rsa-pss-sha512":    {rsaPSSSHA512},
	string(ed25519Sign): {ed25519Sign},
}

// parseDictionary reads a structured field of at most limit members.
func parseDictionary(name string, values []string, limit int) (*httpsfv.Dictionary, error) {
	size := 0
	for _, value := range values {
		size += len(value)
	}
	if size > maxSignatureBytes {
		return nil, refuse("%s has more than %d bytes", name, maxSignatureBytes)
	}
	dict, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return nil, refuse("%s is malformed: %v", name, err)
	}
	if n := len(dict.Names()); n == 0 || n > limit {
		return nil, refuse("%s has %d members, not 1 to %d", name, n, limit)
	}
	return dict, nil
}

// readSignatures returns those signatures of r that are well-formed and whose
// keyid and algorithm are of a kind we know (others may be a proxy's), at
// least one, or why the first of them is not.
func readSignatures(r *http.Request) ([]messageSignature, error) {
	inputs, err := parseDictionary("Signature-Input", r.Header.Values("Signature-Input"), maxSignatures)
	if err != nil {
		return nil, err
	}
	signatures, err := parseDictionary("Signature", r.Header.Values("Signature"), maxSignatures)
	if err != nil {
		return nil, err
	}
	var readable []messageSignature
	var first error
	for _, label := range inputs.Names() {
		input, _ := inputs.Get(label)
		signature, _ := signatures.Get(label)
		s, err := parseMessageSignature(input, signature)
		if err == nil {
			readable = append(readable, s)
		}
		first = cmp.Or(first, err)
	}
	if len(readable) == 0 {
		return nil, first
	}
	return readable, nil
}

func parseMessageSignature(input, signature httpsfv.Member) (messageSignature, error) {
	var s messageSignature
	list, ok := input.(httpsfv.InnerList)
	if !ok {
		return s, refuse("Signature-Input is not a list of components")
	}
	item, _ := signature.(httpsfv.Item)
	if s.signature, _ = item.Value.([]byte); len(s.signature) == 0 {
		return s, refuse("Signature and Signature-Input do not go together")
	}
	keyID, _ := list.Params.Get("keyid")
	s.keyID, _ = keyID.(string)
	if err := checkKeyID(s.keyID); err != nil {
		return s, err
	}
	name := ""
	if alg, ok := list.Params.Get("alg"); ok {
		if name, ok = alg.(string); !ok || name == "" {
			return s, refuse("alg is not a string")
		}
	}
	if s.algorithms, ok = messageAlgorithms[name]; !ok {
		return s, refuse("algorithm %q is not known", name)
	}
	created, _ := list.Params.Get("created")
	if s.created, ok = created.(int64); !ok || s.created <= 0 {
		return s, refuse("created is needed, in seconds")
	}
	if expires, ok := list.Params.Get("expires"); ok {
		if s.expires, ok = expires.(int64); !ok || s.expires <= 0 {
			return s, refuse("expires is not a number of seconds")
		}
	}
	var err error
	if s.covered, err = parseComponents(list.Items); err != nil {
		return s, err
	}
	s.params, err = httpsfv.Marshal(list)
	return s, err
}

// parseComponents reads the names of the covered components. Component
// parameters (sf, key, bs, req, tr, name) change what a name stands for; none
// is in use between fediverse servers, and none is implemented.
func parseComponents(items []httpsfv.Item) ([]string, error) {
	if len(items) > maxCovered {
		return nil, refuse("the signature covers %d components", len(items))
	}
	covered := make([]string, len(items))
	for i, item := range items {
		name, ok := item.Value.(string)
		if !ok {
			return nil, refuse("a component's name is not a string")
		}
		if params := item.Params.Names(); len(params) > 0 {
			return nil, refuse("component parameter %q of %q is not supported", params[0], name)
		}
		if slices.Contains(covered[:i], name) {
			return nil, refuse("the signature covers %q twice", name)
		}
		if _, derived := derivedComponents[name]; !derived && !isFieldName(name) {
			return nil, refuse("component %q is not supported", name)
		}
		covered[i] = name
	}
	return covered, nil
}

// claimsRFC9421 checks all of the message signatures but the cryptography. It
// returns the first few complete ones, or the fault of the first one.
func (v *Verifier) claimsRFC9421(r *http.Request, body []byte) ([]claim, error) {
	signatures, err := readSignatures(r)
	if err != nil {
		return nil, err
	}
	var claims []claim
	var first error
	for _, s := range signatures {
		c, err := v.claimRFC9421(s, r, body)
		if err == nil && len(claims) < maxTried {
			claims = append(claims, c)
		}
		first = cmp.Or(first, err)
	}
	if len(claims) == 0 {
		return nil, first
	}
	return claims, nil
}

func (v *Verifier) claimRFC9421(s messageSignature, r *http.Request, body []byte) (claim, error) {
	target := targetOf(r)
	if err := s.checkCovered(strings.Contains(target, "?"), len(body) > 0); err != nil {
		return claim{}, err
	}
	if err := v.checkTime("created", time.Unix(s.created, 0)); err != nil {
		return claim{}, err
	}
	if s.expires != 0 {
		if err := v.checkExpires(time.Unix(s.expires, 0)); err != nil {
			return claim{}, err
		}
	}
	if s.covers("content-digest") {
		if err := checkContentDigest(r.Header.Values("Content-Digest"), body); err != nil {
			return claim{}, err
		}
	}
	base, err := s.base(r, v.BaseURL.Scheme, string(v.host()), target)
	if err != nil {
		return claim{}, err
	}
	return claim{RFC9421, s.keyID, func(key crypto.PublicKey) bool {
		return slices.ContainsFunc(forKey(key, s.algorithms...), func(a algorithm) bool {
			return a.fits(key, base, s.signature)
		})
	}}, nil
}

// checkCovered refuses signatures that do not cover every important part.
func (s messageSignature) checkCovered(hasQuery, hasBody bool) error {
	if !s.covers("@method") {
		return refuse("the signature does not cover @method")
	}
	host := s.covers("@authority") || s.covers("host")
	path := s.covers("@request-target") || s.covers("@path") && (!hasQuery || s.covers("@query"))
	if !s.covers("@target-uri") && !(host && path) {
		return refuse("the signature covers neither @target-uri nor @authority with @request-target or @path and @query")
	}
	if hasBody && !s.covers("content-digest") {
		return refuse("the signature does not cover content-digest")
	}
	return nil
}
