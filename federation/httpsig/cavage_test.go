package httpsig

import (
	"crypto"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func TestCavageAccepts(t *testing.T) {
	created := seconds(testNow.Add(-time.Minute))
	expires := seconds(testNow.Add(time.Minute))
	for name, h := range map[string]handSigned{
		"POST":                       {},
		"POST, more covered":         {covered: "(request-target) host date digest content-type"},
		"letter case of headers":     {covered: "(request-target) host date digest"},
		"GET":                        {method: "GET", covered: "(request-target) host date"},
		"HEAD":                       {method: "HEAD", covered: "(request-target) host date"},
		"GET with digest":            {method: "GET"},
		"GET with a query":           {method: "GET", url: "https://us.example/desks/help/outbox?page=2", covered: "(request-target) host date"},
		"query left unsigned":        {method: "GET", url: "https://us.example/desks/help/outbox?page=2", target: "/desks/help/outbox", covered: "(request-target) host date"},
		"escaped path":               {url: "https://us.example/in%2Fbox%20a"},
		"empty query":                {url: "https://us.example/inbox?"},
		"port that is the default":   {url: "https://us.example:443/inbox"},
		"hs2019":                     {algorithm: "hs2019"},
		"rsa-sha512":                 {algorithm: "rsa-sha512"},
		"ed25519":                    {algorithm: "ed25519", key: edKey()},
		"hs2019 with an ed25519 key": {algorithm: "hs2019", key: edKey()},
		"55 minutes old":             {date: testNow.Add(-55 * time.Minute)},
		"55 minutes ahead":           {date: testNow.Add(55 * time.Minute)},
		"created": {algorithm: "hs2019", covered: "(request-target) (created) host digest",
			params: ",created=" + created, values: map[string]string{"(created)": created}},
		"created in quotes and expires": {algorithm: "hs2019", covered: "(request-target) (created) (expires) host digest",
			params: `,created="` + created + `",expires=` + expires, values: map[string]string{"(created)": created, "(expires)": expires}},
		"created and an old Date that is not covered": {algorithm: "hs2019", covered: "(request-target) (created) host digest", date: testNow.Add(-48 * time.Hour),
			params: ",created=" + created, values: map[string]string{"(created)": created}},
		"unknown parameter":         {params: `, opaque="x"`},
		"Date in UTC":               {dateText: "Sun, 22 Nov 2026 10:00:00 UTC"},
		"Date with +0000":           {dateText: "Sun, 22 Nov 2026 10:00:00 +0000"},
		"Date of another zone":      {dateText: "Sun, 22 Nov 2026 11:00:00 +0100"},
		"Date with a colon in zone": {dateText: "Sun, 22 Nov 2026 11:00:00 +01:00"},
		"Date without the weekday":  {dateText: "22 Nov 2026 10:00:00 +0000"},
		"Date of RFC 3339":          {dateText: "2026-11-22T10:00:00Z"},
		"SHA-512 alone":             {digest: "SHA-512=" + base64.StdEncoding.EncodeToString(sum512([]byte(testBody)))},
		"sha-512 after another":     {digest: "MD5=AAAA, sha-512=" + base64.StdEncoding.EncodeToString(sum512([]byte(testBody)))},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := h.sign(t)
			var public crypto.PublicKey = rsaKey().Public()
			if h.key != nil {
				public = h.key.Public()
			}
			got, err := verifier(public).Verify(t.Context(), r, body)
			wantSigner(t, got, err, Cavage)
			if id, err := KeyIDOf(r); id != testKeyID || err != nil {
				t.Errorf("KeyIDOf: %q, %v", id, err)
			}
		})
	}
}

// Where the key does not fit the claim, or the claim leaves something open.
func TestCavageRefusesUnfitKeysAndClaims(t *testing.T) {
	created, old := seconds(testNow), seconds(testNow.Add(-2*time.Hour))
	ahead := seconds(testNow.Add(2 * time.Hour))
	withCreated := func(value string) handSigned {
		return handSigned{algorithm: "hs2019", covered: "(request-target) (created) host digest",
			params: ",created=" + value, values: map[string]string{"(created)": value}}
	}
	withExpires := func(value string) handSigned {
		return handSigned{algorithm: "hs2019", covered: "(request-target) (expires) date host digest",
			params: ",expires=" + value, values: map[string]string{"(expires)": value}}
	}
	for name, tt := range map[string]struct {
		h    handSigned
		want string
	}{
		"only date":              {handSigned{covered: "date"}, "does not cover (request-target)"},
		"no request-target":      {handSigned{covered: "host date digest"}, "does not cover (request-target)"},
		"no host":                {handSigned{covered: "(request-target) date digest"}, "does not cover host"},
		"no date":                {handSigned{covered: "(request-target) host digest"}, "neither date nor (created)"},
		"no digest":              {handSigned{covered: "(request-target) host date"}, "does not cover digest"},
		"DELETE without digest":  {handSigned{method: "DELETE", covered: "(request-target) host date"}, "does not cover digest"},
		"GET with a body":        {handSigned{method: "GET", body: "{}", covered: "(request-target) host date"}, "does not cover digest"},
		"covered header missing": {handSigned{covered: "(request-target) host date digest x-none"}, "x-none, which is missing"},
		"covered twice":          {handSigned{covered: "(request-target) host date digest date"}, "twice"},
		"unknown pseudo-header":  {handSigned{covered: "(request-target) host date digest (version)"}, "not known"},
		"two hours old":          {handSigned{date: testNow.Add(-2 * time.Hour)}, "Date"},
		"ten days old":           {handSigned{date: testNow.Add(-240 * time.Hour)}, "Date"},
		"two hours ahead":        {handSigned{date: testNow.Add(2 * time.Hour)}, "Date"},
		"created long ago":       {withCreated(old), "(created)"},
		"created in the future":  {withCreated(ahead), "(created)"},
		"created is 0":           {withCreated("0"), "created is not"},
		"created is a fraction":  {withCreated("1.5"), "created is not"},
		"created is +1":          {withCreated("+1"), "created is not"},
		"created with rsa-sha256": {handSigned{covered: "(request-target) (created) host digest", params: ",created=" + created,
			values: map[string]string{"(created)": created}}, "(created)"},
		"created without parameter": {handSigned{algorithm: "hs2019", covered: "(request-target) (created) host digest"}, "(created)"},
		"expired":                   {withExpires(old), "expired"},
		"expires is a word":         {withExpires("soon"), "expires is not"},
		"expires without parameter": {handSigned{algorithm: "hs2019", covered: "(request-target) (expires) date host digest"}, "(expires)"},
		"zone by a name":            {handSigned{dateText: "Sun, 22 Nov 2026 11:00:00 CET"}, "Date"},
		"SHA-512 of another body":   {handSigned{digest: "SHA-512=" + base64.StdEncoding.EncodeToString(sum512([]byte("x")))}, "does not match"},
		"SHA-512 of another by one": {handSigned{digest: "SHA-256=" + base64.StdEncoding.EncodeToString(sum256([]byte(testBody))) + ",SHA-512=AAAA"}, "does not match"},
		"rsa-sha1":                  {handSigned{algorithm: "rsa-sha1"}, "not known"},
		"hmac-sha256":               {handSigned{algorithm: "hmac-sha256"}, "not known"},
		"ecdsa-sha256":              {handSigned{algorithm: "ecdsa-sha256"}, "not known"},
		"rsa-pss-sha512":            {handSigned{algorithm: "rsa-pss-sha512"}, "not known"},
		"none":                      {handSigned{algorithm: "none"}, "not known"},
		"algorithm of another key":  {handSigned{algorithm: "ed25519"}, "does not fit"},
		"another key":               {handSigned{key: otherRSAKey()}, "does not fit"},
		"another path signed":       {handSigned{target: "/other"}, "does not fit"},
		"decoded path signed":       {handSigned{url: "https://us.example/in%2Fbox", target: "/in/box"}, "does not fit"},
		"another query signed":      {handSigned{url: testInbox + "?a=1", target: "/inbox?a=2"}, "does not fit"},
		"query signed, not sent":    {handSigned{target: "/inbox?a=1"}, "does not fit"},
		"another host":              {handSigned{url: "https://them.example/inbox"}, "host"},
		"another port":              {handSigned{url: "https://us.example:8443/inbox"}, "host"},
		"a longer host":             {handSigned{url: "https://us.example.evil.example/inbox"}, "host"},
		"two signature parameters":  {handSigned{params: `,signature="AAAA"`}, "malformed"},
		"two keyIds":                {handSigned{params: `,keyId="https://evil.example/k"`}, "malformed"},
		"open quote":                {handSigned{params: `,x="`}, "open quote"},
		"no comma":                  {handSigned{params: ` x="y"`}, "comma"},
		"trailing comma":            {handSigned{params: `,`}, "malformed"},
		"too long":                  {handSigned{params: `,x="` + strings.Repeat("a", maxSignatureBytes) + `"`}, "more than"},
		"too many headers":          {handSigned{covered: "(request-target) host date digest" + strings.Repeat(" x", maxCovered)}, "names"},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := tt.h.sign(t)
			_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body)
			wantRefusal(t, err, tt.want)
		})
	}
}

// Every change of a request that was signed well.
func TestCavageRefusesChanges(t *testing.T) {
	replace := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			before := r.Header.Get("Signature")
			after := strings.Replace(before, old, new, 1)
			if before == after {
				t.Errorf("nothing to replace: %q", old)
			}
			r.Header.Set("Signature", after)
		}
	}
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   string
	}{
		"method":                 {func(r *http.Request) { r.Method = "PUT" }, "does not fit"},
		"path":                   {func(r *http.Request) { r.RequestURI = "/other" }, "does not fit"},
		"host":                   {func(r *http.Request) { r.Host = "them.example" }, "host"},
		"no host":                {func(r *http.Request) { r.Host = "" }, "host"},
		"date":                   {func(r *http.Request) { r.Header.Set("Date", testNow.Add(time.Second).Format(http.TimeFormat)) }, "does not fit"},
		"date of another form":   {func(r *http.Request) { r.Header.Set("Date", "yesterday") }, "Date"},
		"two dates":              {func(r *http.Request) { r.Header.Add("Date", r.Header.Get("Date")) }, "Date"},
		"no date":                {func(r *http.Request) { r.Header.Del("Date") }, "date, which is missing"},
		"digest":                 {func(r *http.Request) { r.Header.Set("Digest", "SHA-256=AAAA") }, "Digest"},
		"digest added":           {func(r *http.Request) { r.Header.Add("Digest", "SHA-512=AAAA") }, "Digest"},
		"digest of unknown kind": {func(r *http.Request) { r.Header.Set("Digest", "MD5=AAAA") }, "neither a SHA-256 nor a SHA-512"},
		"no digest":              {func(r *http.Request) { r.Header.Del("Digest") }, "digest, which is missing"},
		"no signature":           {func(r *http.Request) { r.Header.Del("Signature") }, "one Signature header"},
		"two signatures":         {func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, "one Signature header"},
		"signature twice":        {func(r *http.Request) { r.Header.Set("Authorization", "Signature "+r.Header.Get("Signature")) }, "both"},
		"only in Authorization": {func(r *http.Request) {
			r.Header.Set("Authorization", "Signature "+r.Header.Get("Signature"))
			r.Header.Del("Signature")
		}, "one Signature header"},
		"empty signature":             {func(r *http.Request) { r.Header.Set("Signature", "") }, "malformed"},
		"covered list":                {replace("host date", "date host"), "does not fit"},
		"covered list shortened":      {replace(" date digest", " digest"), "neither date"},
		"covered list empty":          {replace(`headers="(request-target) host date digest"`, `headers=""`), "names 0 headers"},
		"covered list missing":        {replace(`headers="(request-target) host date digest",`, ``), "names 0 headers"},
		"line break in the list":      {replace("host date", "host\tdate\"\n\""), "comma"},
		"keyId missing":               {replace(`keyId="`+testKeyID+`",`, ``), "keyId"},
		"keyId not a URL":             {replace(testKeyID, "ana"), "keyId"},
		"keyId of another scheme":     {replace("https://peer", "ftp://peer"), "keyId"},
		"keyId with user":             {replace("https://peer", "https://me@peer"), "keyId"},
		"keyId with a space":          {replace("/users/ana", "/users/ ana"), "keyId"},
		"keyId without host":          {replace("https://peer.example", "https://"), "keyId"},
		"keyId with a no-break space": {replace("/users/ana", "/users/\u00a0ana"), "keyId"},
		"keyId turns the text":        {replace("/users/ana", "/users/\u202eana"), "keyId"},
		"keyId not UTF-8":             {replace("/users/ana", "/users/\xe4na"), "keyId"},
		"keyId too long":              {replace("ana", strings.Repeat("a", maxKeyIDBytes)), "keyId"},
		"signature not base64":        {replace(`signature="`, `signature="!`), "base64"},
		"signature missing":           {replace(`,signature="`, `,sig="`), "base64"},
		"another signature":           {replace(`signature="`, `signature="AAAA`), "does not fit"},
		"algorithm":                   {replace("rsa-sha256", "rsa-sha512"), "does not fit"},
		"algorithm unknown":           {replace("rsa-sha256", "dsa"), "not known"},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := handSigned{}.sign(t)
			if _, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			tt.change(r)
			_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, body)
			wantRefusal(t, err, tt.want)
		})
	}
	t.Run("body", func(t *testing.T) {
		r, body := handSigned{}.sign(t)
		for _, other := range []string{"", " ", string(body) + " ", string(body[1:])} {
			_, err := verifier(rsaKey().Public()).Verify(t.Context(), r, []byte(other))
			wantRefusal(t, err, "Digest does not match")
		}
	})
}

// Spellings of the Signature header that occur and that the fork refuses or
// misreads.
func TestCavageLenientHeader(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"spaces after commas": func(s string) string { return strings.ReplaceAll(s, `",`, `", `) },
		"spaces everywhere": func(s string) string {
			return " " + strings.ReplaceAll(strings.ReplaceAll(s, `",`, `" ,	`), `="h`, `= "h`)
		},
		"no algorithm":         func(s string) string { return strings.Replace(s, `algorithm="rsa-sha256",`, "", 1) },
		"algorithm in capital": func(s string) string { return strings.Replace(s, "rsa-sha256", "RSA-SHA256", 1) },
		"headers in capitals":  func(s string) string { return strings.Replace(s, "host date digest", "Host Date Digest", 1) },
		"two spaces":           func(s string) string { return strings.Replace(s, "host date", "host  date", 1) },
		"comma in the keyId":   func(s string) string { return strings.Replace(s, "#main-key", "?a,b#main-key", 1) },
		"bare algorithm":       func(s string) string { return strings.Replace(s, `"rsa-sha256"`, `rsa-sha256`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			r, body := handSigned{}.sign(t)
			before := r.Header.Get("Signature")
			r.Header.Set("Signature", change(before))
			if r.Header.Get("Signature") == before {
				t.Fatal("nothing changed")
			}
			v := verifier(nil)
			v.Lookup = anyID(rsaKey().Public())
			if _, err := v.Verify(t.Context(), r, body); err != nil {
				t.Error(err)
			}
		})
	}
}

// The fork's signing string and ours are the same one.
func TestSigningStringEqualsTheForks(t *testing.T) {
	r, _ := handSigned{url: testInbox + "?b=%20c", covered: "(request-target) host date digest content-type"}.sign(t)
	r.Header.Add("X-Two", " a ")
	r.Header.Add("X-Two", "b")
	s := cavageSignature{algorithm: "rsa-sha256", covered: []string{"x-two", "(request-target)", "host", "date", "digest", "content-type"}}
	want := "x-two: a, b\n(request-target): post /inbox?b=%20c\nhost: us.example\ndate: " + r.Header.Get("Date") +
		"\ndigest: " + r.Header.Get("Digest") + "\ncontent-type: application/activity+json"
	if got := s.signingString(r, targetOf(r)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s.signature = rawSign(t, rsaKey(), "rsa-sha256", want)
	if !s.fitsTarget(r, targetOf(r), rsaSHA256, rsaKey().Public()) {
		t.Errorf("the fork has another string than %q", want)
	}
	s.signature = rawSign(t, rsaKey(), "rsa-sha256", want+" ")
	if s.fitsTarget(r, targetOf(r), rsaSHA256, rsaKey().Public()) {
		t.Error("the fork accepts anything")
	}
}

func TestDigestForms(t *testing.T) {
	body := []byte(testBody)
	good256, good512 := base64.StdEncoding.EncodeToString(sum256(body)), base64.StdEncoding.EncodeToString(sum512(body))
	for _, tt := range []struct {
		values []string
		want   string // "" for accepted
	}{
		{[]string{"SHA-256=" + good256}, ""},
		{[]string{"sha-256=" + good256}, ""},
		{[]string{"Sha-256=" + good256 + ",SHA-512=" + good512}, ""},
		{[]string{"SHA-512=" + good512, "SHA-256=" + good256}, ""},
		{[]string{"MD5=x , SHA-256=" + good256}, ""},
		{nil, "needed"},
		{[]string{""}, "neither a SHA-256"},
		{[]string{"SHA-256"}, "does not match"},
		{[]string{"SHA-256=" + good512}, "does not match"},
		{[]string{"SHA-256=" + strings.TrimRight(good256, "=")}, "does not match"},
		{[]string{"SHA-256=" + strings.ToLower(good256)}, "does not match"},
		{[]string{"SHA-256=" + good256 + ",SHA-256=AAAA"}, "does not match"},
		{[]string{"SHA-256=" + good256 + ",SHA-512=AAAA"}, "does not match"},
		{[]string{"SHA-512=" + good512}, ""},
		{[]string{"SHA256=" + good256}, "neither a SHA-256"},
		{[]string{strings.Repeat("MD5=x,", maxDigests) + "SHA-256=" + good256}, "needed"},
	} {
		err := checkDigest(tt.values, body)
		if tt.want == "" && err != nil {
			t.Errorf("%q: %v", tt.values, err)
		} else if tt.want != "" {
			wantRefusal(t, err, tt.want)
		}
	}
}
