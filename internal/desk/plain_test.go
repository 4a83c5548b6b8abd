package desk

import "testing"

var plainURLs = []string{
	"https://a.example", "http://a.example/x", "https://a.example:443/x#y", "http://a.example:443/", "http://a.example:80", "https://a.example:8443?x=/",
	"https://127.0.0.1:1/x", "https://a-b.example/x", "https://a--b.example/x", "https://xn--bcher-kva.example/", "https://-a.example", "https://a-.example", "https://a.-b", "https://a.b-",
	"https://a..example", "https://.example", "https://a.example.", "https://a.example:", "https://a.example:x", "https://a.example:0443", "https://", "https:///x", "https://:443", "https://A.example",
	"https://u@a.example/", "https://a.example/%zz", "https://a.example/%20", "https://a.example/ x", "https://a.example/\x7f", "https://a.example/ü", "https://a.example#%zz", "https://a.example?%zz",
	"https://[::1]:8/x", "HTTPS://a.example", "ftp://a.example", "https://a_b.example/", "https://a.example\\x", "https://a.example/@x@y:z//..", "https://a.example:80:80/",
	"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example/", "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example/",
}

// The short way reads nothing otherwise than the long one.
func FuzzPlainHost(f *testing.F) {
	for _, s := range plainURLs {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		short, ok := plainHost(raw)
		if !ok {
			return
		}
		if long, err := hostInFull(raw); err != nil || long != short {
			t.Errorf("%q: %q in short, %q in full, %v", raw, short, long, err)
		}
	})
}

func TestUsualHostsAreReadInShort(t *testing.T) {
	for _, s := range plainURLs[:8] {
		if _, ok := plainHost(s); !ok {
			t.Errorf("%q is read in full", s)
		}
	}
}

func TestPlainName(t *testing.T) {
	for _, s := range []string{"a.example", "a.example:443", "a.example:80", "a.example:8080", "A.example", "a.example.", "a..b", "", ":80", "[::1]:80", "bücher.example", "a-.b", "1.2.3.4:5"} {
		for _, scheme := range []string{"", "http", "https"} {
			short, ok := plainName(s, scheme)
			if !ok {
				continue
			}
			if long, err := canonicalInFull(s, scheme); err != nil || long != short {
				t.Errorf("%q by %q: %q in short, %q in full, %v", s, scheme, short, long, err)
			}
		}
	}
}
