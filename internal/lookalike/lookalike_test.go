package lookalike

import "testing"

func TestName(t *testing.T) {
	for _, c := range []struct {
		given, ours string
		want        bool
	}{
		{"acme", "acme", true}, {"ACME", "acme", true}, {"аcme", "acme", true}, {"acrne", "acme", true}, {"acme_help", "acme", true}, {"the-acme", "acme", true},
		{"acmecloud", "acmecloud", true}, {"acmecl0ud", "acmecloud", true}, {"acmecluod", "acmecloud", true}, {"acmeclouds", "acmecloud", true}, {"acmeclod", "acmecloud", true}, {"acmec1oud", "acmecloud", true},
		{"acne", "acme", false}, {"ana", "acme", false}, {"", "acme", false}, {"acme", "", false}, {"cam", "cam", true}, {"camera", "cam", false}, {"macmecloux", "acmecloud", false},
	} {
		if got := Name(c.given, c.ours); got != c.want {
			t.Errorf("Name(%q, %q) = %t", c.given, c.ours, got)
		}
	}
}

func TestHost(t *testing.T) {
	for _, c := range []struct {
		given, ours string
		want        bool
	}{
		{"acme.example", "acme.example", false}, {"social.acme.example", "acme.example", false},
		{"acme.test", "acme.example", true}, {"аcme.example", "acme.example", true}, {"acme-example.test", "acme.example", true}, {"acme.example.evil.test", "acme.example", true},
		{"mastodon.example", "acme.example", false}, {"example.com", "acme.example", false},
		{"other.co.uk", "acme.co.uk", false}, {"acme.com", "social.acme.co.uk", true}, {"social.example", "social.acme.example", false},
	} {
		if got := Host(c.given, c.ours); got != c.want {
			t.Errorf("Host(%q, %q) = %t", c.given, c.ours, got)
		}
	}
}

func FuzzHost(f *testing.F) {
	f.Add("аcme.example", "acme.example")
	f.Add("...", "")
	f.Fuzz(func(t *testing.T, given, ours string) {
		if Host(ours, ours) {
			t.Error("ours resembles itself")
		}
		Host(given, ours)
		if ours != "" && len(ours) <= maxLength && !Name(ours, ours) {
			t.Error("the same name at another account does not count")
		}
	})
}
