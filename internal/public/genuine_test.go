package public

import (
	"net/url"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func TestGenuinePage(t *testing.T) {
	p := newPlace(t)
	b := p.broadcast("help", "All is well")
	i := p.report(nil)
	direct := p.reply(i, app.ReplyInput{Text: "Between us", Visibility: desk.VisibilityDirect})
	secret := p.report(narrow(desk.VisibilityDirect))
	site := "https://social.acme.example"
	for asked, want := range map[string]string{
		"@help@acme.example":                             "Yes, this is us.",
		"help@acme.example":                              "Yes, this is us.",
		"acct:Help@ACME.example":                         "Yes, this is us.",
		"@help@social.acme.example":                      "Yes, this is us.",
		"@relay@acme.example":                            "Yes, this is us.",
		site + "/@help":                                  "Yes, this is us.",
		"social.acme.example/@help":                      "Yes, this is us.",
		site + "/desks/help":                             "Yes, this is us.",
		site + "/relay":                                  "Yes, this is us.",
		site + "/desks/help/":                            "Yes, this is us.",
		site + "/%40Help?x#y":                            "Yes, this is us.",
		"http://SOCIAL.acme.example/@help@acme.example":  "Yes, this is us.",
		"https://acme.example/@help":                     "Yes, this is us.",
		site + "/desks/help/followers":                   "Yes, this is us.",
		site + postPath(b) + "/#x":                       "Yes, we wrote this.",
		site + "/activities/" + string(b.ID) + "/create": "Yes, we wrote this.",
		site + issuePathOf(i) + "/thread":                "Yes, this is a page of ours.",
		site + "/%2540help":                              "No. The server is ours",
		site + "//@help":                                 "No. The server is ours",
		site + postPath(b):                               "Yes, we wrote this.",
		site + issuePathOf(i):                            "Yes, this is a page of ours.",
		site + postPath(direct):                          "No. The server is ours",
		site + issuePathOf(secret):                       "No. The server is ours",
		site + "/posts/nothing":                          "No. The server is ours",
		"@nobody@acme.example":                           "No. The server is ours",
		"https://m.example/@help@acme.example":           "No, this page is not ours.",
		"https://m.example/@help@acme.example/1":         "No, this page is not ours.",
		"https://acrne.example/@help@acme.example":       "Careful:", // its host goes before its path
		"https://m.example/x/@help@acme.example/login":   "No, this page is not ours.",
		"https://m.example/@nobody@acme.example":         "Careful:",
		"@help@m.example":                                "No, this is not us.",
		"https://m.example/@ana/17":                      "No, this is not us.",
		"@help@acrne.example":                            "Careful:",
		"@help@аcme.example":                             "Careful:", // a Cyrillic letter
		"@help@xn--cme-5cd.example":                      "Careful:", // the same in punycode
		"@help@acme-support.example":                     "Careful:",
		"https://acme.evil.test/login":                   "Careful:",
		"@acme@m.example":                                "Careful:",
		"@acme_help@m.example":                           "Careful:",
		"https://m.example/@acme":                        "Careful:",
		"nonsense":                                       "We cannot read that.",
		"ftp://acme.example/x":                           "We cannot read that.",
		"https://user:pw@m.example/":                     "We cannot read that.",
		`"><script>alert(1)</script>@m.example`:          "",
		"https://m.example/@<img src=x onerror=a>@b.c":   "",
	} {
		page := p.page("/is-it-you?q=" + url.QueryEscape(asked))
		wants(t, page, want, "noindex")
		lacks(t, page, "<script>", "<img src=x", "Between us", reporterWords, reporterUser)
		if t.Failed() {
			t.Fatalf("asked for %q", asked)
		}
	}
	wants(t, p.page("/is-it-you?q="+url.QueryEscape("@help@аcme.example")), "xn--cme-5cd.example")
	lacks(t, p.page("/is-it-you"), "noindex", "Yes, this")
	if p.peers.asked != 0 {
		t.Error("a server was asked")
	}
}

// Nobody learns here who has reported something, is blocked or wants to be left
// alone; and no cache stores the questions.
func TestGenuinePageRevealsNothingAboutOthers(t *testing.T) {
	p := newPlace(t)
	who := "https://m.example/users/" + reporterUser
	asked := []string{"/is-it-you?q=" + url.QueryEscape("@"+reporterUser+"@m.example"), "/is-it-you?q=" + url.QueryEscape(who)}
	before := []string{p.page(asked[0]), p.page(asked[1])}
	same := func(after string) {
		t.Helper()
		for n, path := range asked {
			if p.page(path) != before[n] {
				t.Errorf("%s, %s answers otherwise", after, path)
			}
		}
	}
	p.report(nil)
	same("after they reported something")
	must(p.app.AddOptOut(t.Context(), app.By{}, desk.ActorID(who), "asked by letter"))(t)
	same("after they opted out")
	must(p.app.AddBlock(t.Context(), app.By{}, "m.example", ""))(t)
	same("after their server was blocked")
	if got := p.get(asked[0]).Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: %q", got)
	}
}
