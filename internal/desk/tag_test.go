package desk_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"earshot/internal/desk"
)

func TestFoldTag(t *testing.T) {
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
		"İstanbul":         "istanbul",
		"Iğdır":            "igdir",
		"ﬁx":               "fix",  // ligature
		"Cafe\u0301":       "cafe", // composed or not
		"café":             "cafe",
		"#":                "",
		"\u200b":           "",
		"\u0301":           "",
		// What Mastodon leaves out.
		"Störung": "storung", "Ålborg": "alborg", "Tromsø": "tromso", "Łódź": "lodz", "Đà_Nẵng": "da_nang", "España": "espana",
		"Reykjavíkurflugvöllur": "reykjavikurflugvollur", "Ħamrun": "hamrun", "ŧ": "t", "Niŋgí": "ningi",
		// Letters that are no other letter with a mark.
		"Ærø": "æro", "œuvre": "œuvre", "þing": "þing",
		// Other scripts: a mark goes where its readers do without it.
		"ΣΊΣΥΦΟΣ": "σισυφοσ", "Βλάβη": "βλαβη", "ΒΛΑΒΗ": "βλαβη",
		"Ёлка": "елка", "сбой": "сбой", "їжа": "іжа",
		"שָׁלוֹם": "שלום", "مُحَمَّد": "محمد", "عـــطل": "عطل", "كمك": "کمک", "کمک": "کمک", "علي": "علی", "أعطال": "اعطال", "می\u200cخواهم": "میخواهم",
		"ガラス": "ガラス", "ｶﾞﾗｽ": "ガラス", "カラス": "カラス", "停電": "停電", "정전": "정전",
		"खराब": "खराब", "काम": "काम", "कम": "कम", "ไฟดับ": "ไฟดับ", "தமிழ்": "தமிழ்",
	} {
		if got := desk.FoldTag(in); got != want {
			t.Errorf("FoldTag(%q) = %q, want %q", in, got, want)
		}
		if again := desk.FoldTag(want); again != want {
			t.Errorf("FoldTag is not stable: %q became %q", want, again)
		}
		if clean := desk.FoldTag(desk.CleanTag(in)); clean != want {
			t.Errorf("the cleaned %q is %q, want %q", in, clean, want)
		}
	}
}

// Every Latin letter of western and central Europe is compared as Mastodon sends
// it: as one of a to z. The others are letters of their own.
func TestLatinIsFolded(t *testing.T) {
	letters := map[rune]bool{'æ': true, 'Æ': true, 'þ': true, 'Þ': true, 'œ': true, 'Œ': true}
	for r := rune(0xC0); r <= 0x17F; r++ {
		got := desk.FoldTag("x" + string(r) + "x")
		ascii := !strings.ContainsFunc(got, func(r rune) bool { return (r < 'a' || r > 'z') && r != 'ʼ' && r != '·' })
		if unicode.IsLetter(r) && ascii == letters[r] {
			t.Errorf("%c is %q", r, got)
		}
	}
}

// A tag is shown as it was written.
func TestCleanTag(t *testing.T) {
	for in, want := range map[string]string{
		"#Störung": "Störung", " #AcmeHilft ": "AcmeHilft", "Cafe\u0301": "Café", "Ac\u200bme": "Acme", "\u202eacme": "acme", "#\u200b": "",
		"می\u200cخواهم": "می\u200cخواهم", "\u200c": "", "＃acme": "acme", "": "",
	} {
		if got := desk.CleanTag(in); got != want {
			t.Errorf("CleanTag(%q) = %q, want %q", in, got, want)
		}
	}
}

// A desk says at once what it can never hear.
func TestParseTags(t *testing.T) {
	got, err := desk.ParseTags([]string{"#Störung", "storung", "AcmeHilft", "acmehilft", "kaputt_2", "停電", "col·lapse", "खराब"})
	if want := []string{"Störung", "AcmeHilft", "kaputt_2", "停電", "col·lapse", "खराब"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for in, id := range map[string]string{
		"": "hashtag_invalid", "#": "hashtag_invalid", "-": "hashtag_invalid", "🔥": "hashtag_invalid", "\u0301": "hashtag_invalid",
		"a b": "hashtag_invalid", "a#b": "hashtag_invalid", "a\u00a0b": "hashtag_invalid",
		"kein-netz": "hashtag_cut", "acme.de": "hashtag_cut", "acme🔥": "hashtag_cut", "it's": "hashtag_cut", "@acme": "hashtag_invalid", "R&D": "hashtag_cut",
		"404": "hashtag_digits", "_": "hashtag_digits", "24_7": "hashtag_digits", "٤٠٤": "hashtag_digits",
		strings.Repeat("ab", 150): "hashtag_too_long",
	} {
		_, err := desk.ParseTags([]string{in})
		if id := id; desk.ErrorCode(err) != desk.CodeInvalid || desk.ErrorID(err) != id {
			t.Errorf("%q: %v, want %s", in, err, id)
		}
	}
	if got, err := desk.ParseTags([]string{"kein-netz"}, "kein-netz"); err != nil || len(got) != 1 {
		t.Errorf("a tag that the desk has: %q, %v", got, err)
	}
}

func TestDeskHearsItsTags(t *testing.T) {
	for _, c := range []struct {
		names, calls []string
		had          []string
		id           string
	}{
		{[]string{"acme"}, []string{"acme"}, nil, "desk_keys_one"},
		{[]string{"Störung"}, []string{"storung", "STÖRUNG"}, nil, "desk_keys_one"},
		{[]string{"Störung"}, []string{"storung", "down"}, nil, ""},
		{nil, []string{"fail"}, nil, ""}, // only mentions
		{[]string{"acme"}, []string{"acme"}, []string{"acme", "acme"}, ""},
		{[]string{"acme-1"}, []string{"fail"}, []string{"acme-1", "down"}, ""},
		{[]string{"acme-1"}, []string{"fail"}, []string{"acme", "down"}, "hashtag_cut"},
	} {
		d, err := desk.NewDesk(desk.Desk{Handle: "help", Names: c.names, Calls: c.calls}, c.had...)
		if desk.ErrorID(err) != c.id {
			t.Errorf("%q, %q: %v, %v; want %q", c.names, c.calls, d, err, c.id)
		}
	}
}

func FuzzFoldTag(f *testing.F) {
	for _, s := range []string{"#Fail", "Straßenbahn", "＃ＡＣＭＥ", "\u200b#", "ﬁx", "Łódź", "й", "か\u3099", "\u0344ك", "#\u200c#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := desk.FoldTag(s)
		if twice := desk.FoldTag(once); once != twice {
			t.Errorf("FoldTag(%q) = %q, then %q", s, once, twice)
		}
		clean := desk.CleanTag(s)
		if twice := desk.CleanTag(clean); clean != twice {
			t.Errorf("CleanTag(%q) = %q, then %q", s, clean, twice)
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
