package httpsig

import (
	"context"
	"crypto"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// handMessage is a request signed per RFC 9421 without the code under test.
type handMessage struct {
	method, url string
	body        string // "-" for none
	covered     string // as in the list; default: Mastodon's
	params      string // default: created, keyid and alg
	algorithm   string // that signs; rawSign's names
	digest      string
	key         crypto.Signer
}

func (h handMessage) sign(t testing.TB) (*http.Request, []byte) {
	t.Helper()
	setDefault := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	setDefault(&h.method, "POST")
	setDefault(&h.url, testInbox)
	setDefault(&h.body, testBody)
	setDefault(&h.covered, `"@method" "@target-uri" "content-digest"`)
	setDefault(&h.params, messageParams(testNow)+`;alg="rsa-v1_5-sha256"`)
	if h.body == "-" {
		h.body = ""
	}
	if h.key == nil {
		h.key = rsaKey()
	}
	r := newRequest(t, h.method, h.url, h.body)
	setDefault(&h.digest, "sha-256=:"+base64.StdEncoding.EncodeToString(sum256([]byte(h.body)))+":")
	r.Header.Set("Content-Digest", h.digest)
	r.Header.Set("Date", testNow.Format(http.TimeFormat))
	var base strings.Builder
	for _, quoted := range strings.Fields(h.covered) {
		value := r.Header.Get(strings.Trim(quoted, `"`))
		switch quoted {
		case `"@method"`:
			value = h.method
		case `"@target-uri"`:
			value = h.url
		case `"@authority"`, `"host"`:
			value = r.URL.Host
		case `"@scheme"`:
			value = r.URL.Scheme
		case `"@path"`:
			value = r.URL.EscapedPath()
		case `"@query"`:
			value = "?" + r.URL.RawQuery
		case `"@request-target"`:
			value = r.URL.RequestURI()
		}
		fmt.Fprintf(&base, "%s: %s\n", quoted, value)
	}
	params := "(" + h.covered + ")" + h.params
	signature := rawSign(t, h.key, h.algorithm, base.String()+`"@signature-params": `+params)
	r.Header.Set("Signature-Input", "sig1="+params)
	r.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(signature)+":")
	return receive(t, r), []byte(h.body)
}

func messageParams(created time.Time) string {
	return fmt.Sprintf(`;created=%d;keyid="%s"`, created.Unix(), testKeyID)
}

func TestRFC9421Accepts(t *testing.T) {
	plain := messageParams(testNow)
	query := "https://us.example/desks/help/outbox?page=2"
	for name, h := range map[string]handMessage{
		"Mastodon":                   {},
		"Fedify":                     {covered: `"@method" "@target-uri" "@authority" "host" "date" "content-digest"`, params: `;alg="rsa-v1_5-sha256"` + plain},
		"GET":                        {method: "GET", body: "-", covered: `"@method" "@target-uri"`},
		"POST without a body":        {body: "-", covered: `"@method" "@target-uri"`},
		"GET with a query":           {method: "GET", url: query, body: "-", covered: `"@method" "@target-uri"`},
		"authority, target":          {url: query, covered: `"@method" "@authority" "@request-target" "content-digest"`},
		"authority, path":            {covered: `"@method" "@authority" "@path" "content-digest"`},
		"authority, path, query":     {url: query, covered: `"@method" "@authority" "@path" "@query" "content-digest"`},
		"host, path, scheme, type":   {covered: `"@method" "host" "@path" "@scheme" "content-digest" "content-type"`},
		"no alg":                     {params: plain},
		"no alg, PSS":                {params: plain, algorithm: "rsa-pss-sha512"},
		"no alg, ed25519":            {params: plain, key: edKey()},
		"PSS":                        {params: plain + `;alg="rsa-pss-sha512"`, algorithm: "rsa-pss-sha512"},
		"ed25519":                    {params: plain + `;alg="ed25519"`, key: edKey()},
		"expires, nonce, tag":        {params: plain + fmt.Sprintf(`;expires=%d;nonce="n";tag="t"`, testNow.Unix()+60)},
		"sha-512":                    {digest: "sha-512=:" + base64.StdEncoding.EncodeToString(sum512([]byte(testBody))) + ":"},
		"digest of an unknown kind":  {digest: "md5=:AAAA:, sha-256=:" + base64.StdEncoding.EncodeToString(sum256([]byte(testBody))) + ":"},
		"escaped path":               {url: "https://us.example/in%2Fbox%20a"},
		"escaped path as @path":      {url: "https://us.example/in%2Fbox%20a", covered: `"@method" "@authority" "@path" "content-digest"`},
		"55 minutes old":             {params: messageParams(testNow.Add(-55 * time.Minute))},
		"a query of nothing, @query": {covered: `"@method" "@authority" "@path" "@query" "content-digest"`},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := h.sign(t)
			var public crypto.PublicKey = rsaKey().Public()
			if h.key != nil {
				public = h.key.Public()
			}
			got, err := verifier(public).Verify(t.Context(), r, body)
			wantSigner(t, got, err, RFC9421)
			if id, err := KeyIDOf(r); id != testKeyID || err != nil {
				t.Errorf("KeyIDOf: %q, %v", id, err)
			}
		})
	}
}

func TestRFC9421RefusesUnfitKeysAndClaims(t *testing.T) {
	plain := messageParams(testNow)
	query := testInbox + "?page=2"
	for name, tt := range map[string]struct {
		h    handMessage
		want string
	}{
		"nothing covered":        {handMessage{covered: " "}, "@method"},
		"no @method":             {handMessage{covered: `"@target-uri" "content-digest"`}, "@method"},
		"no target":              {handMessage{covered: `"@method" "content-digest"`}, "@target-uri"},
		"path without authority": {handMessage{covered: `"@method" "@path" "content-digest"`}, "@target-uri"},
		"authority without path": {handMessage{covered: `"@method" "@authority" "content-digest"`}, "@target-uri"},
		"query left open":        {handMessage{url: query, covered: `"@method" "@authority" "@path" "content-digest"`}, "@query"},
		"no digest":              {handMessage{covered: `"@method" "@target-uri"`}, "content-digest"},
		"cavage's digest":        {handMessage{covered: `"@method" "@target-uri" "digest"`}, "content-digest"},
		"GET with a body":        {handMessage{method: "GET", covered: `"@method" "@target-uri"`}, "content-digest"},
		"wrong digest":           {handMessage{digest: "sha-256=:AAAA:"}, "Content-Digest does not match"},
		"one wrong digest":       {handMessage{digest: "sha-512=:AAAA:, sha-256=:" + base64.StdEncoding.EncodeToString(sum256([]byte(testBody))) + ":"}, "Content-Digest does not match"},
		"digest not bytes":       {handMessage{digest: `sha-256="AAAA"`}, "Content-Digest does not match"},
		"unknown digest":         {handMessage{digest: "md5=:AAAA:"}, "neither"},
		"malformed digest":       {handMessage{digest: "SHA-256=abc"}, "malformed"},
		"missing header":         {handMessage{covered: `"@method" "@target-uri" "content-digest" "x-none"`}, "x-none, which is missing"},
		"no created":             {handMessage{params: `;keyid="` + testKeyID + `"`}, "created"},
		"created is a string":    {handMessage{params: `;created="1";keyid="` + testKeyID + `"`}, "created"},
		"created is a decimal":   {handMessage{params: `;created=1.5;keyid="` + testKeyID + `"`}, "created"},
		"created is negative":    {handMessage{params: `;created=-5;keyid="` + testKeyID + `"`}, "created"},
		"two hours old":          {handMessage{params: messageParams(testNow.Add(-2 * time.Hour))}, "created"},
		"two hours ahead":        {handMessage{params: messageParams(testNow.Add(2 * time.Hour))}, "created"},
		"expired":                {handMessage{params: plain + fmt.Sprintf(";expires=%d", testNow.Unix()-120)}, "expired"},
		"expires is a string":    {handMessage{params: plain + `;expires="9"`}, "expires"},
		"no keyid":               {handMessage{params: fmt.Sprintf(";created=%d", testNow.Unix())}, "keyId"},
		"keyid is a token":       {handMessage{params: fmt.Sprintf(";created=%d;keyid=k", testNow.Unix())}, "keyId"},
		"keyid is not a URL":     {handMessage{params: fmt.Sprintf(`;created=%d;keyid="k"`, testNow.Unix())}, "keyId"},
		"hmac-sha256":            {handMessage{params: plain + `;alg="hmac-sha256"`}, "not known"},
		"ecdsa":                  {handMessage{params: plain + `;alg="ecdsa-p256-sha256"`}, "not known"},
		"cavage's name":          {handMessage{params: plain + `;alg="rsa-sha256"`}, "not known"},
		"empty alg":              {handMessage{params: plain + `;alg=""`}, "alg"},
		"alg is a token":         {handMessage{params: plain + `;alg=ed25519`}, "alg"},
		"alg of another key":     {handMessage{params: plain + `;alg="ed25519"`}, "does not fit"},
		"alg of another padding": {handMessage{params: plain + `;alg="rsa-pss-sha512"`}, "does not fit"},
		"another key":            {handMessage{key: otherRSAKey()}, "does not fit"},
		"another host":           {handMessage{url: "https://them.example/inbox"}, "host"},
		"http":                   {handMessage{url: "http://us.example/inbox"}, "does not fit"},
		"parameter sf":           {handMessage{covered: `"@method" "@target-uri" "content-digest";sf`}, `"sf" of "content-digest"`},
		"parameter bs":           {handMessage{covered: `"@method" "@target-uri" "content-digest" "date";bs`}, `"bs"`},
		"parameter key":          {handMessage{covered: `"@method" "@target-uri" "content-digest";key="sha-256"`}, `"key"`},
		"parameter req":          {handMessage{covered: `"@method";req "@target-uri" "content-digest"`}, `"req"`},
		"parameter tr":           {handMessage{covered: `"@method" "@target-uri" "content-digest" "date";tr`}, `"tr"`},
		"query parameter":        {handMessage{covered: `"@method" "@target-uri" "content-digest" "@query-param";name="a"`}, `"name"`},
		"@status":                {handMessage{covered: `"@method" "@target-uri" "content-digest" "@status"`}, "@status"},
		"@signature-params":      {handMessage{covered: `"@method" "@target-uri" "content-digest" "@signature-params"`}, "not supported"},
		"capitals":               {handMessage{covered: `"@method" "@target-uri" "Content-Digest"`}, "not supported"},
		"covered twice":          {handMessage{covered: `"@method" "@target-uri" "content-digest" "date" "date"`}, "twice"},
		"token as a name":        {handMessage{covered: `"@method" "@target-uri" "content-digest" date`}, "not a string"},
		"too many":               {handMessage{covered: `"@method" "@target-uri" "content-digest"` + strings.Repeat(` "a"`, maxCovered)}, "components"},
		"too long":               {handMessage{params: plain + `;nonce="` + strings.Repeat("a", maxSignatureBytes) + `"`}, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := tt.h.sign(t)
			_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body)
			wantRefusal(t, err, tt.want)
		})
	}
}

func TestRFC9421RefusesChanges(t *testing.T) {
	replace := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			before := r.Header.Get("Signature-Input")
			after := strings.Replace(before, old, new, 1)
			if before == after {
				t.Errorf("nothing to replace: %q", old)
			}
			r.Header.Set("Signature-Input", after)
		}
	}
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   string
	}{
		"method":               {func(r *http.Request) { r.Method = "PUT" }, "does not fit"},
		"path":                 {func(r *http.Request) { r.RequestURI = "/other" }, "does not fit"},
		"query":                {func(r *http.Request) { r.RequestURI += "?a" }, "does not fit"},
		"host":                 {func(r *http.Request) { r.Host = "them.example" }, "host"},
		"digest":               {func(r *http.Request) { r.Header.Set("Content-Digest", "sha-256=:AAAA:") }, "does not match"},
		"no digest":            {func(r *http.Request) { r.Header.Del("Content-Digest") }, "has 0 members"},
		"covered header":       {func(r *http.Request) { r.Header.Set("Date", testNow.Add(time.Second).Format(http.TimeFormat)) }, "does not fit"},
		"covered header twice": {func(r *http.Request) { r.Header.Add("Date", r.Header.Get("Date")) }, "does not fit"},
		"no signature":         {func(r *http.Request) { r.Header.Del("Signature") }, "Signature has 0 members"},
		"another label": {func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "sig1", "sig2", 1))
		}, "go together"},
		"another signature":   {func(r *http.Request) { r.Header.Set("Signature", "sig1=:AAAA:") }, "does not fit"},
		"empty signature":     {func(r *http.Request) { r.Header.Set("Signature", "sig1=::") }, "go together"},
		"signature a string":  {func(r *http.Request) { r.Header.Set("Signature", `sig1="AAAA"`) }, "go together"},
		"signature malformed": {func(r *http.Request) { r.Header.Set("Signature", `keyId="x"`) }, "malformed"},
		"input malformed":     {replace("(", "(("), "malformed"},
		"input not a list":    {func(r *http.Request) { r.Header.Set("Signature-Input", `sig1="@method"`) }, "not a list"},
		"input empty":         {func(r *http.Request) { r.Header.Set("Signature-Input", "") }, "members"},
		"created":             {replace("created=", "created=1;was="), "created"},
		"component order":     {replace(`"@method" "@target-uri"`, `"@target-uri" "@method"`), "does not fit"},
		"component left out":  {replace(` "date"`, ``), "does not fit"},
		"too many signatures": {replace("sig1=", "a=(), b=(), c=(), d=(), sig1="), "members"},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := handMessage{covered: `"@method" "@target-uri" "content-digest" "date"`}.sign(t)
			if _, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			tt.change(r)
			_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body)
			wantRefusal(t, err, tt.want)
		})
	}
	r, body := handMessage{}.sign(t)
	_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, append(body, ' '))
	wantRefusal(t, err, "Content-Digest does not match")
}

// A proxy may have signed as well, before or after.
func TestRFC9421ChoosesTheUsableSignature(t *testing.T) {
	for _, other := range []string{`proxy=("@authority");created=1;keyid="cdn"`, `proxy=("@method");created=1;keyid="https://cdn.example/k";alg="hmac-sha256"`} {
		for _, first := range []bool{true, false} {
			r, body := handMessage{}.sign(t)
			join := func(name, value string) {
				if first {
					r.Header.Set(name, value+", "+r.Header.Get(name))
				} else {
					r.Header.Add(name, value)
				}
			}
			join("Signature-Input", other)
			join("Signature", "proxy=:AAAA:")
			got, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body)
			wantSigner(t, got, err, RFC9421)
		}
	}
}

// joined puts several signed requests for one message into one.
func joined(t *testing.T, messages ...handMessage) (*http.Request, []byte) {
	t.Helper()
	var all *http.Request
	var body []byte
	for n, m := range messages {
		r, b := m.sign(t)
		label := fmt.Sprintf("s%d", n)
		for _, name := range []string{"Signature-Input", "Signature"} {
			r.Header.Set(name, strings.Replace(r.Header.Get(name), "sig1", label, 1))
		}
		if all == nil {
			all, body = r, b
			continue
		}
		all.Header.Add("Signature-Input", r.Header.Get("Signature-Input"))
		all.Header.Add("Signature", r.Header.Get("Signature"))
	}
	return all, body
}

// Of several signatures the first complete and correct one counts; a key is
// looked up for at most two of them.
func TestRFC9421SeveralSignatures(t *testing.T) {
	good := handMessage{}
	thin := handMessage{covered: `"@method"`}
	old := handMessage{params: messageParams(testNow.Add(-2 * time.Hour))}
	other := handMessage{key: otherRSAKey()}
	cdn := handMessage{params: strings.Replace(messageParams(testNow), testKeyID, "https://cdn.example/key", 1)}
	for name, tt := range map[string]struct {
		messages []handMessage
		refusal  string // "" for none
		asked    int
	}{
		"one that covers too little, then a good one": {[]handMessage{thin, good}, "", 1},
		"one that is too old, then a good one":        {[]handMessage{old, good}, "", 1},
		"a good one, then nonsense":                   {[]handMessage{good, thin, other}, "", 1},
		"one whose key cannot be had":                 {[]handMessage{cdn, good}, "", 2},
		"one of another key":                          {[]handMessage{other, good}, "", 3},
		"two without a key, then a good one":          {[]handMessage{cdn, cdn, good}, "no such key", 2},
		"none that says enough":                       {[]handMessage{thin, old}, "@target-uri", 0},
		"five":                                        {[]handMessage{good, good, good, good, good}, "not 1 to 4", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := joined(t, tt.messages...)
			asked := 0
			v := verifier(rsaKey().Public())
			lookup := v.Lookup
			v.Lookup = func(ctx context.Context, id string, fresh bool) (Key, error) {
				asked++
				return lookup(ctx, id, fresh)
			}
			got, err := v.Verify(t.Context(), r, body)
			switch {
			case tt.refusal == "":
				wantSigner(t, got, err, RFC9421)
			case err == nil || !strings.Contains(err.Error(), tt.refusal):
				t.Errorf("got %v, want an error about %q", err, tt.refusal)
			}
			if asked != tt.asked {
				t.Errorf("%d lookups, want %d", asked, tt.asked)
			}
		})
	}
}

// With both schemes present RFC 9421 decides; a good cavage signature does
// not make up for a bad one.
func TestNoFallbackToCavage(t *testing.T) {
	r, body := handSigned{}.sign(t)
	r.Header.Set("Signature-Input", "sig1=()")
	_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body)
	wantRefusal(t, err, "Signature")
	if _, err := KeyIDOf(r); err == nil {
		t.Error("KeyIDOf falls back")
	}
}
