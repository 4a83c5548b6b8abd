package httpsig

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// listed repeats an entry with a number in it, to n bytes.
func listed(n int, entry string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, entry, i)
	}
	return b.String()
}

// Headers are read before the sender is known, so their cost must grow only
// with their length.
func TestCost(t *testing.T) {
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum256([]byte(testBody)))
	known := `keyId="` + testKeyID + `",algorithm="hs2019",headers="(request-target) host date digest",signature="AAAA"`
	message := `sig=("@method" "@target-uri" "content-digest");created=` + seconds(testNow) + `;keyid="` + testKeyID + `"`
	for name, of := range map[string]func(n int, h http.Header){
		"parameters":    func(n int, h http.Header) { h.Set("Signature", listed(n, `k%d="1",`)) },
		"commas":        func(n int, h http.Header) { h.Set("Signature", strings.Repeat(",", n)) },
		"one parameter": func(n int, h http.Header) { h.Set("Signature", `keyId="`+strings.Repeat("a", n)) },
		"covered": func(n int, h http.Header) {
			h.Set("Signature", `keyId="`+testKeyID+`",signature="AAAA",headers="`+listed(n, "h%d ")+`"`)
		},
		"many headers": func(n int, h http.Header) {
			h["Signature"] = strings.SplitAfter(strings.Repeat(known+"\n", n/len(known)), "\n")
		},
		"authorizations": func(n int, h http.Header) {
			h.Set("Signature", known)
			h["Authorization"] = strings.Split(listed(n, "Basic %d,"), ",")
		},
		"digests": func(n int, h http.Header) { h.Set("Signature", known); h.Set("Digest", digest+listed(n, ",x-%d=1")) },
		"lines of digests": func(n int, h http.Header) {
			h.Set("Signature", known)
			h["Digest"] = strings.Split(digest+listed(n, ",x-%d=1"), ",")
		},
		"dates": func(n int, h http.Header) {
			h.Set("Signature", known)
			h["Date"] = strings.Split(listed(n, "x%d,"), ",")
		},
		"inputs":          func(n int, h http.Header) { h.Set("Signature-Input", listed(n, `k%d=(),`)+"z=()") },
		"lines of inputs": func(n int, h http.Header) { h["Signature-Input"] = strings.Split(listed(n, `k%d=(),`)+"z=()", ",") },
		"components": func(n int, h http.Header) {
			h.Set("Signature-Input", `sig=(`+listed(n, `"h%d" `)+`)`)
			h.Set("Signature", "sig=:AAAA:")
		},
		"component parameters": func(n int, h http.Header) {
			h.Set("Signature-Input", `sig=("a"`+listed(n, `;p%d`)+`)`)
			h.Set("Signature", "sig=:AAAA:")
		},
		"input parameters": func(n int, h http.Header) {
			h.Set("Signature-Input", message+listed(n, `;p%d`))
			h.Set("Signature", "sig=:AAAA:")
		},
		"content digests": func(n int, h http.Header) {
			h.Set("Signature-Input", message)
			h.Set("Signature", "sig=:AAAA:")
			h.Set("Content-Digest", listed(n, `x-%d=:AAAA:,`)+"z=:AAAA:")
		},
		"a covered long one": func(n int, h http.Header) {
			h.Set("Signature", strings.Replace(known, "digest\"", "digest x\"", 1))
			h.Set("X", strings.Repeat("x", n))
		},
		"covered lines": func(n int, h http.Header) {
			h.Set("Signature", strings.Replace(known, "digest\"", "digest x\"", 1))
			h["X"] = strings.Split(listed(n, "%d,"), ",")
		},
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 4<<10, func(n int) func() {
				r := newRequest(t, http.MethodPost, testInbox, testBody)
				r.Header.Set("Date", testNow.Format(http.TimeFormat))
				r.Header.Set("Digest", digest)
				of(n, r.Header)
				v := verifier(rsaKey().Public())
				return func() {
					if _, err := KeyIDOf(r); err == nil {
						if _, err := v.Verify(t.Context(), r, []byte(testBody)); err == nil {
							t.Error("it is verified")
						}
					}
				}
			})
		})
	}
}

// Keys come from others' servers, in documents of a megabyte.
func TestCostOfKeys(t *testing.T) {
	block := func(n int) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: make([]byte, n*3/4)}))
	}
	for name, of := range map[string]func(n int) string{
		"beginnings":     func(n int) string { return strings.Repeat("-----BEGIN PUBLIC KEY-----\n", n/27) },
		"half lines":     func(n int) string { return strings.Repeat("-----BEGIN \n", n/12) },
		"ends":           func(n int) string { return "-----BEGIN A-----\n" + strings.Repeat("-----END B-----\n", n/16) },
		"headers":        func(n int) string { return "-----BEGIN A-----\n" + listed(n, "k%d: v\n") + "\nAAAA\n-----END A-----\n" },
		"one block":      block,
		"spaces":         func(n int) string { return strings.Repeat(" ", n) },
		"blocks of none": func(n int) string { return strings.Repeat("-----BEGIN A-----\nAA\n-----END B-----\n", n/38) },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 16<<10, func(n int) func() {
				s := of(n)
				return func() {
					if _, err := ParsePublicKeyPEM(s); err == nil {
						t.Error("it is a key")
					}
				}
			})
		})
	}
}
