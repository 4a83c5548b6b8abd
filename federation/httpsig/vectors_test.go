package httpsig

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/clock"
)

// The request, keys and signatures of RFC 9421, appendix B.
const vectorRequest = "POST /foo?param=Value&Pet=dog HTTP/1.1\r\n" +
	"Host: example.com\r\n" +
	"Date: Tue, 20 Apr 2021 02:07:55 GMT\r\n" +
	"Content-Type: application/json\r\n" +
	"Content-Digest: sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:\r\n" +
	"Content-Length: 18\r\n\r\n" + vectorBody

const vectorBody = `{"hello": "world"}`

const vectorRSAPSSKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`

const vectorEd25519Key = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----`

type vector struct {
	key, algorithm, components, params, signature string
	base                                          []string // without the last line
}

var vectors = map[string]vector{
	"B.2.1 minimal, rsa-pss-sha512": {
		key: vectorRSAPSSKey, algorithm: "rsa-pss-sha512", components: `()`,
		params: `;created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"`,
		signature: "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG" +
			"52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6" +
			"UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==",
	},
	"B.2.3 full, rsa-pss-sha512": {
		key: vectorRSAPSSKey, algorithm: "rsa-pss-sha512",
		components: `("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")`,
		params:     `;created=1618884473;keyid="test-key-rsa-pss"`,
		base: []string{
			`"date": Tue, 20 Apr 2021 02:07:55 GMT`, `"@method": POST`, `"@path": /foo`, `"@query": ?param=Value&Pet=dog`,
			`"@authority": example.com`, `"content-type": application/json`,
			`"content-digest": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:`,
			`"content-length": 18`,
		},
		signature: "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fU" +
			"xN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9" +
			"bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
	},
	"B.2.6 ed25519": {
		key: vectorEd25519Key, algorithm: "ed25519",
		components: `("date" "@method" "@path" "@authority" "content-type" "content-length")`,
		params:     `;created=1618884473;keyid="test-key-ed25519"`,
		base: []string{
			`"date": Tue, 20 Apr 2021 02:07:55 GMT`, `"@method": POST`, `"@path": /foo`, `"@authority": example.com`,
			`"content-type": application/json`, `"content-length": 18`,
		},
		signature: "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
	},
}

func vectorMessage(t *testing.T, input, signature string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(vectorRequest)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Signature-Input", "sig="+input)
	r.Header.Set("Signature", "sig=:"+signature+":")
	return r
}

// The vectors' keyids are not URLs, which policy would refuse, so they are
// read with one that is, and the signature base gets the original back.
func TestVectors(t *testing.T) {
	for name, v := range vectors {
		t.Run(name, func(t *testing.T) {
			withURL := strings.Replace(v.params, `keyid="`, `keyid="https://example.com/`, 1)
			r := vectorMessage(t, v.components+withURL, v.signature)
			all, err := readSignatures(r)
			if err != nil {
				t.Fatal(err)
			}
			s := all[0]
			if s.params != v.components+withURL {
				t.Errorf("@signature-params is %s", s.params)
			}
			s.params = v.components + v.params
			base, err := s.base(r, "https", "example.com", targetOf(r))
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Join(append(v.base, `"@signature-params": `+v.components+v.params), "\n"); base != want {
				t.Errorf("base\n%s\nwant\n%s", base, want)
			}
			key, err := ParsePublicKeyPEM(v.key)
			if err != nil {
				t.Fatal(err)
			}
			a := messageAlgorithms[v.algorithm][0]
			if !a.fits(key, base, s.signature) {
				t.Error("the signature does not fit")
			}
			if a.fits(key, base+" ", s.signature) {
				t.Error("the signature fits another base")
			}
		})
	}
}

// RFC 9421, appendix B.4: one signature, and changes of a request on its way
// that it allows or detects.
func TestVectorTransformed(t *testing.T) {
	const components, params = `("@method" "@path" "@authority" "accept")`, `;created=1618884473;keyid="test-key-ed25519"`
	const signature = "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA=="
	key, err := ParsePublicKeyPEM(vectorEd25519Key)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		request string
		fits    bool
	}{
		"as sent":                 {"GET /demo?name1=Value1&Name2=value2 HTTP/1.1\r\nHost: example.org\r\nDate: Fri, 15 Jul 2022 14:24:55 GMT\r\nAccept: application/json\r\nAccept: */*\r\n\r\n", true},
		"a query and a header":    {"GET /demo?name1=Value1&Name2=value2&param=added HTTP/1.1\r\nHost: example.org\r\nAccept: application/json\r\nAccept: */*\r\nAccept-Language: en-US,en;q=0.5\r\n\r\n", true},
		"fields joined":           {"GET /demo?name1=Value1&Name2=value2 HTTP/1.1\r\nHost: example.org\r\nReferer: https://developer.example.org/demo\r\nAccept: application/json, */*\r\n\r\n", true},
		"another method":          {"POST /demo?name1=Value1&Name2=value2 HTTP/1.1\r\nHost: example.org\r\nAccept: application/json\r\nAccept: */*\r\n\r\n", false},
		"another host":            {"GET /demo?name1=Value1&Name2=value2 HTTP/1.1\r\nHost: example.com\r\nAccept: application/json\r\nAccept: */*\r\n\r\n", false},
		"fields in another order": {"GET /demo?name1=Value1&Name2=value2 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nAccept: application/json\r\n\r\n", false},
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(tt.request)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Signature-Input", "transform="+components+strings.Replace(params, `keyid="`, `keyid="https://example.org/`, 1))
		r.Header.Set("Signature", "transform=:"+signature+":")
		all, err := readSignatures(r)
		if err != nil {
			t.Fatal(err)
		}
		s := all[0]
		s.params = components + params
		base, err := s.base(r, "https", r.Host, targetOf(r))
		if err != nil {
			t.Fatal(err)
		}
		if got := ed25519Sign.fits(key, base, s.signature); got != tt.fits {
			t.Errorf("%s: fits %v, base\n%s", name, got, base)
		}
	}
}

// The appendix's request with @query-param (B.2.2) and with a field inside a
// client certificate's (B.3) are refused for what we do not take.
func TestVectorsRefused(t *testing.T) {
	for components, want := range map[string]string{
		`("@authority" "content-digest" "@query-param";name="Pet")`: `component parameter "name" of "@query-param" is not supported`,
		`("@method" "@target-uri" "content-digest";sf)`:             `component parameter "sf" of "content-digest" is not supported`,
		`("@method" "@target-uri" "content-digest" "@status")`:      `component "@status" is not supported`,
		`("@path" "@query" "@method" "@authority" "client-cert")`:   "does not cover content-digest",
	} {
		r := vectorMessage(t, components+`;created=1618884473;keyid="https://example.com/k"`, "AAAA")
		v := &Verifier{Lookup: anyID(rsaKey().Public()), Clock: clock.NewFake(time.Unix(1618884473, 0)), BaseURL: &url.URL{Scheme: "https", Host: "example.com"}}
		_, err := v.Verify(t.Context(), r, []byte(vectorBody))
		wantRefusal(t, err, want)
	}
}

// By our policy B.2.3 covers all that matters, and the others do not.
func TestVectorsAndPolicy(t *testing.T) {
	for name, want := range map[string]string{
		"B.2.1 minimal, rsa-pss-sha512": "@method",
		"B.2.3 full, rsa-pss-sha512":    "does not fit", // the keyid is another than was signed
		"B.2.6 ed25519":                 "@query",
	} {
		v := vectors[name]
		r := vectorMessage(t, v.components+strings.Replace(v.params, `keyid="`, `keyid="https://example.com/`, 1), v.signature)
		key, _ := ParsePublicKeyPEM(v.key)
		verifier := &Verifier{
			Lookup: anyID(key), Clock: clock.NewFake(time.Unix(1618884473, 0)),
			BaseURL: &url.URL{Scheme: "https", Host: "example.com"},
		}
		_, err := verifier.Verify(t.Context(), r, []byte(vectorBody))
		wantRefusal(t, err, want)
	}
}

// RFC 9421 §2.2, the examples of derived components.
func TestDerive(t *testing.T) {
	for _, tt := range []struct{ name, target, want string }{
		{"@method", "/", "POST"},
		{"@target-uri", "/path?param=value", "https://www.example.com/path?param=value"},
		{"@authority", "/", "www.example.com"},
		{"@scheme", "/", "https"},
		{"@request-target", "/path?param=value", "/path?param=value"},
		{"@path", "/path?param=value", "/path"},
		{"@path", "/", "/"},
		{"@query", "/path?param=value&foo=bar&baz=batman", "?param=value&foo=bar&baz=batman"},
		{"@query", "/path?queryString", "?queryString"},
		{"@query", "/path", "?"},
		{"@query", "/path?", "?"},
	} {
		if got := derivedComponents[tt.name](addressed{"POST", "https", "www.example.com", tt.target}); got != tt.want {
			t.Errorf("%s of %s is %q, want %q", tt.name, tt.target, got, tt.want)
		}
	}
}
