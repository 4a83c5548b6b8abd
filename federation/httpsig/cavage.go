package httpsig

import (
	"crypto"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/superseriousbusiness/httpsig"
)

// maxCovered bounds the headers a signature covers.
const maxCovered = 32

const requestTarget = "(request-target)"

// cavageSignature is a Signature header, read and well-formed.
type cavageSignature struct {
	keyID     string
	algorithm string   // lower case; "hs2019" if the header has none
	covered   []string // lower case, without doubles
	signature []byte
	created   int64 // Unix seconds; 0 if the header has none
	expires   int64
}

func (s cavageSignature) covers(name string) bool { return slices.Contains(s.covered, name) }

// parseCavage reads the Signature header of r: the only one, as two leave
// open which of them counts.
func parseCavage(r *http.Request) (cavageSignature, error) {
	values := r.Header["Signature"]
	if len(values) != 1 {
		return cavageSignature{}, refuse("one Signature header is needed, not %d", len(values))
	}
	for _, value := range r.Header["Authorization"] {
		if scheme, _, _ := strings.Cut(value, " "); strings.EqualFold(scheme, "Signature") {
			return cavageSignature{}, refuse("signatures in both Signature and Authorization")
		}
	}
	params, err := parseCavageParams(values[0])
	if err != nil {
		return cavageSignature{}, err
	}
	s := cavageSignature{keyID: params["keyId"], algorithm: strings.ToLower(params["algorithm"])}
	if s.algorithm == "" {
		s.algorithm = "hs2019"
	}
	if err := checkKeyID(s.keyID); err != nil {
		return cavageSignature{}, err
	}
	if s.signature, err = base64.StdEncoding.Strict().DecodeString(params["signature"]); err != nil || len(s.signature) == 0 {
		return cavageSignature{}, refuse("the signature parameter is not base64")
	}
	if s.created, err = parseSeconds(params, "created"); err != nil {
		return cavageSignature{}, err
	}
	if s.expires, err = parseSeconds(params, "expires"); err != nil {
		return cavageSignature{}, err
	}
	s.covered, err = parseCovered(params["headers"])
	return s, err
}

// parseCavageParams splits `name="value",name=value`. Unlike the fork's
// parser it allows spaces around commas and commas within quotes, both of
// which occur.
func parseCavageParams(s string) (map[string]string, error) {
	if len(s) > maxSignatureBytes {
		return nil, refuse("the Signature header has more than %d bytes", maxSignatureBytes)
	}
	params := make(map[string]string)
	for rest := strings.TrimSpace(s); ; {
		name, after, ok := strings.Cut(rest, "=")
		name, after = strings.TrimSpace(name), strings.TrimSpace(after)
		if _, double := params[name]; !ok || name == "" || double {
			return nil, refuse("the Signature header is malformed at %q", name)
		}
		if quoted, isQuoted := strings.CutPrefix(after, `"`); isQuoted {
			params[name], rest, ok = strings.Cut(quoted, `"`)
			if !ok {
				return nil, refuse("the Signature header has an open quote in %q", name)
			}
			rest = strings.TrimSpace(rest)
			if rest != "" && rest[0] != ',' {
				return nil, refuse("the Signature header lacks a comma after %q", name)
			}
		} else {
			end := strings.IndexByte(after, ',')
			if end < 0 {
				end = len(after)
			}
			params[name], rest = strings.TrimSpace(after[:end]), after[end:]
		}
		if rest == "" {
			return params, nil
		}
		rest = rest[1:]
	}
}

func parseSeconds(params map[string]string, name string) (int64, error) {
	s, ok := params[name]
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != s {
		return 0, refuse("%s is not a number of seconds: %q", name, s)
	}
	return n, nil
}

func parseCovered(s string) ([]string, error) {
	covered := strings.Fields(strings.ToLower(s))
	if len(covered) == 0 || len(covered) > maxCovered {
		return nil, refuse("the headers parameter names %d headers", len(covered))
	}
	for i, name := range covered {
		switch {
		case slices.Contains(covered[:i], name):
			return nil, refuse("the headers parameter names %q twice", name)
		case name == requestTarget, name == "(created)", name == "(expires)":
		case !isFieldName(name):
			return nil, refuse("the headers parameter has %q, which is not known", name)
		}
	}
	return covered, nil
}

// cavageAlgorithms returns what a name may mean. "hs2019" leaves it to the
// key, and the network means RSASSA-PKCS1-v1_5 by it.
func cavageAlgorithms(name string) []algorithm {
	switch name {
	case "hs2019":
		return []algorithm{rsaSHA256, rsaSHA512, ed25519Sign}
	case "rsa-sha256", "rsa-sha512", "ed25519":
		return []algorithm{algorithm(name)}
	}
	return nil
}

// claimCavage checks all of a cavage signature but the cryptography.
func (v *Verifier) claimCavage(r *http.Request, body []byte) (claim, error) {
	s, err := parseCavage(r)
	if err != nil {
		return claim{}, err
	}
	if cavageAlgorithms(s.algorithm) == nil {
		return claim{}, refuse("algorithm %q is not known", s.algorithm)
	}
	if err := s.checkCovered(r, body); err != nil {
		return claim{}, err
	}
	if err := v.checkCavageTimes(s, r); err != nil {
		return claim{}, err
	}
	if s.covers("digest") {
		if err := checkDigest(r.Header.Values("Digest"), body); err != nil {
			return claim{}, err
		}
	}
	return claim{Cavage, s.keyID, func(key crypto.PublicKey) bool { return s.fits(r, key) }}, nil
}

// checkCovered refuses signatures that do not cover an important header, or
// cover a missing one.
func (s cavageSignature) checkCovered(r *http.Request, body []byte) error {
	required := []string{requestTarget, "host"}
	if !isRead(r, body) {
		required = append(required, "digest")
	}
	for _, name := range required {
		if !s.covers(name) {
			return refuse("the signature does not cover %s", name)
		}
	}
	if !s.covers("date") && !s.covers("(created)") {
		return refuse("the signature covers neither date nor (created)")
	}
	for _, name := range s.covered {
		if isFieldName(name) && len(fieldOf(r, name)) == 0 {
			return refuse("the signature covers %s, which is missing", name)
		}
	}
	return nil
}

func (v *Verifier) checkCavageTimes(s cavageSignature, r *http.Request) error {
	if s.covers("date") {
		dates := r.Header.Values("Date")
		date, err := parseDate(dates[0])
		if err != nil || len(dates) != 1 {
			return refuse("Date is not an HTTP date: %q", dates)
		}
		if err := v.checkTime("Date", date); err != nil {
			return err
		}
	}
	// Draft §2.3: the two pseudo-headers need their parameters and do not go
	// with the algorithms named after RSA.
	for name, seconds := range map[string]int64{"(created)": s.created, "(expires)": s.expires} {
		if s.covers(name) && (seconds == 0 || strings.HasPrefix(s.algorithm, "rsa-")) {
			return refuse("the signature covers %s without the parameter or with algorithm %s", name, s.algorithm)
		}
	}
	if s.covers("(created)") {
		if err := v.checkTime("(created)", time.Unix(s.created, 0)); err != nil {
			return err
		}
	}
	if s.covers("(expires)") {
		return v.checkExpires(time.Unix(s.expires, 0))
	}
	return nil
}

// fits tries the target as it was sent and, as Mastodon and GoToSocial do,
// without its query: senders disagree on whether to sign that. So a query
// must not decide anything that a stranger should not choose.
func (s cavageSignature) fits(r *http.Request, key crypto.PublicKey) bool {
	target := targetOf(r)
	path, _, hasQuery := strings.Cut(target, "?")
	for _, a := range forKey(key, cavageAlgorithms(s.algorithm)...) {
		if s.fitsTarget(r, target, a, key) || hasQuery && s.fitsTarget(r, path, a, key) {
			return true
		}
	}
	return false
}

// fitsTarget leaves the signing string to the fork, except with (created) or
// (expires): the fork compares them with the machine's clock, ten seconds
// either way, which is not our policy and not our clock.
func (s cavageSignature) fitsTarget(r *http.Request, target string, a algorithm, key crypto.PublicKey) bool {
	if s.covers("(created)") || s.covers("(expires)") {
		return a.fits(key, s.signingString(r, target), s.signature)
	}
	clone := cloneForFork(r, target, s.covered)
	clone.Header.Set("Signature", `keyId="-",headers="`+strings.Join(s.covered, " ")+
		`",signature="`+base64.StdEncoding.EncodeToString(s.signature)+`"`)
	verifier, err := httpsig.NewVerifier(clone)
	return err == nil && verifier.Verify(key, httpsig.Algorithm(a)) == nil
}

// cloneForFork makes a request from which the fork builds the signing string
// we mean: it takes the decoded path, so the clone's path is the target as it
// is sent, and it takes Host from the headers.
func cloneForFork(r *http.Request, target string, covered []string) *http.Request {
	clone := &http.Request{Method: r.Method, URL: &url.URL{Path: target}, Header: make(http.Header, len(covered)+1)}
	for _, name := range covered {
		if isFieldName(name) {
			clone.Header[http.CanonicalHeaderKey(name)] = fieldOf(r, name)
		}
	}
	return clone
}

// signingString is draft §2.3, for cases that the fork does not support.
func (s cavageSignature) signingString(r *http.Request, target string) string {
	lines := make([]string, len(s.covered))
	for i, name := range s.covered {
		var value string
		switch name {
		case requestTarget:
			value = strings.ToLower(r.Method) + " " + target
		case "(created)":
			value = strconv.FormatInt(s.created, 10)
		case "(expires)":
			value = strconv.FormatInt(s.expires, 10)
		default:
			value = joinField(fieldOf(r, name))
		}
		lines[i] = name + ": " + value
	}
	return strings.Join(lines, "\n")
}

// joinField makes one value of a header's lines; both schemes do it this way.
func joinField(values []string) string {
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.TrimSpace(value)
	}
	return strings.Join(trimmed, ", ")
}
