package desk_test

import (
	"strings"
	"testing"

	"earshot/internal/desk"
)

func TestNormalTag(t *testing.T) {
	for in, want := range map[string]string{
		"#Fail":            "fail",
		"fail":             "fail",
		"ＡＣＭＥ":             "acme", // full width, NFKC
		"＃acme":            "acme", // full-width number sign
		"STRASSENBAHN":     "strassenbahn",
		"Straßenbahn":      "strassenbahn", // case folding, not lower-casing
		"Ac\u200bme":       "acme",         // zero-width space
		"\ufeffacme\u200d": "acme",         // byte order mark, joiner
		"ac\u00adme":       "acme",         // soft hyphen
		"İstanbul":         "i̇stanbul",
		"ﬁx":               "fix", // ligature
		"کمک":              "کمک",
		"Cafe\u0301":       "café", // composed
		"#":                "",
		"\u200b":           "",
		"ΣΊΣΥΦΟΣ":          "σίσυφοσ",
	} {
		if got := desk.NormalTag(in); got != want {
			t.Errorf("NormalTag(%q) = %q, want %q", in, got, want)
		}
		if again := desk.NormalTag(want); again != want {
			t.Errorf("NormalTag is not stable: %q became %q", want, again)
		}
	}
}

func FuzzNormalTag(f *testing.F) {
	for _, s := range []string{"#Fail", "Straßenbahn", "＃ＡＣＭＥ", "\u200b#", "ﬁx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := desk.NormalTag(s)
		if twice := desk.NormalTag(once); once != twice {
			t.Errorf("NormalTag(%q) = %q, then %q", s, once, twice)
		}
	})
}

func TestHostOf(t *testing.T) {
	for in, want := range map[string]desk.Host{
		"https://Acme.Example/x":         "acme.example",
		"https://acme.example:443/x":     "acme.example",
		"http://acme.example:80":         "acme.example",
		"https://acme.example:8443/":     "acme.example:8443",
		"https://acme.example./":         "acme.example",
		"https://bücher.example/":        "xn--bcher-kva.example",
		"https://XN--BCHER-KVA.example/": "xn--bcher-kva.example",
		"http://127.0.0.1:8080/":         "127.0.0.1:8080",
		"https://[::1]:8443/":            "[::1]:8443",
	} {
		if got, err := desk.HostOf(in); err != nil || got != want {
			t.Errorf("HostOf(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"https://" + strings.Repeat("a", 64) + ".example/", "https://" + strings.Repeat("a.", 124) + "example/",
		"", "acme.example", "ftp://acme.example", "https://", "https://user@acme.example/", "https:///x", "javascript:alert(1)", "https://a b/"} {
		if got, err := desk.HostOf(in); err == nil {
			t.Errorf("HostOf(%q) = %q, want an error", in, got)
		}
	}
}

func TestSite(t *testing.T) {
	s, err := desk.NewSite("https://Social.acme.example/", "acme.example", false)
	if err != nil {
		t.Fatal(err)
	}
	if s.URL != "https://social.acme.example" || s.HandleDomain != "acme.example" {
		t.Errorf("site = %+v", s)
	}
	if got := s.Acct("help"); got != "help@acme.example" {
		t.Errorf("acct = %q", got)
	}
	if h, ok := s.HandleOf(s.Desk("help")); !ok || h != "help" {
		t.Errorf("HandleOf(Desk) = %q, %v", h, ok)
	}
	if _, ok := s.HandleOf("https://evil.example/desks/help"); ok {
		t.Error("another host's desk is ours")
	}
	if _, ok := s.HandleOf("https://social.acme.example/desks/help/../x"); ok {
		t.Error("a path is a handle")
	}
	if !s.Owns("https://SOCIAL.acme.example:443/posts/1") || s.Owns("https://acme.example/posts/1") {
		t.Error("Owns goes by the host of the ids")
	}
	for _, bad := range []string{"http://acme.example", "https://acme.example/path", "acme.example", "https://u@acme.example", "https://acme.example?x"} {
		if _, err := desk.NewSite(bad, "", false); err == nil {
			t.Errorf("NewSite(%q) was taken", bad)
		}
	}
	if _, err := desk.NewSite("http://127.0.0.1:8080", "", true); err != nil {
		t.Errorf("--dev takes http: %v", err)
	}
}

func TestParseHandle(t *testing.T) {
	for _, ok := range []string{"help", "a", "x_1"} {
		if _, err := desk.ParseHandle(ok); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "relay", "Help", "a-b", "@help", "ü", "aaaaaaaaaabbbbbbbbbbccccccccccd"} {
		if _, err := desk.ParseHandle(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// However a host spells the dot at its end, it is the same host, and blocked
// with it (CVE-2023-42451).
func TestFinalDots(t *testing.T) {
	for _, spelt := range []string{"bad.example", "bad.example.", "BAD.example。", "bad．example｡", "bad。example", "bad.example.."} {
		if h, err := desk.CanonicalHost(spelt, "https"); err != nil || h != "bad.example" {
			t.Errorf("%q is %q, %v", spelt, h, err)
		}
	}
	for _, spelt := range []string{"bad..example", ".bad.example", "..", "。"} {
		if h, err := desk.CanonicalHost(spelt, "https"); err == nil {
			t.Errorf("%q is %q", spelt, h)
		}
	}
}
