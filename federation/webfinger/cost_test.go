package webfinger

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/safehttp"
	"earshot/internal/test/cost"
)

// listed repeats an entry of a list with a number in it, to n bytes.
func listed(n int, entry string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, entry, i)
	}
	return b.String()
}

// letters are n bytes of letters, of which each is another.
func letters(n int) string {
	out := make([]rune, n/3)
	for i := range out {
		out[i] = rune(0x4e00 + i*7919%20_000)
	}
	return string(out)
}

// Answers of servers and requests of clients are read in a time that grows with
// their length.
func TestCost(t *testing.T) {
	c := NewClient(safehttp.New(safehttp.Options{}), nil, safehttp.HostPolicy{Site: served})
	s := newServer(nil)
	self := `{"rel":"self","type":"application/activity+json","href":"https://a.example/u"}`
	for name, of := range map[string]func(n int) string{
		"links": func(n int) string {
			return `{"subject":"acct:a@a.example","links":[` + listed(n, `{"rel":"x","href":"https://a.example/%d"}`) + `]}`
		},
		"empty links": func(n int) string {
			return `{"subject":"acct:a@a.example","links":[` + strings.Repeat("{},", n/3) + self + `]}`
		},
		"self links": func(n int) string {
			return `{"subject":"acct:a@a.example","links":[` + listed(n, `{"rel":"self","type":"application/activity+json","href":"x%d"}`) + `]}`
		},
		"a long host": func(n int) string {
			return `{"subject":"acct:a@a.example","links":[{"rel":"self","type":"application/activity+json","href":"https://` + letters(n) + `/"}]}`
		},
		"a long type": func(n int) string {
			return `{"subject":"acct:a@a.example","links":[{"rel":"self","type":"application/ld+json` + strings.ReplaceAll(listed(n, ";a%d=1"), ",", "") + `","href":"https://a.example/u"}]}`
		},
		"a subject": func(n int) string { return `{"subject":"acct:a@` + letters(n) + `","links":[` + self + `]}` },
		"subjects": func(n int) string {
			return `{` + strings.Repeat(`"subject":"acct:a@a.example",`, n/29) + `"links":[` + self + `]}`
		},
		"aliases": func(n int) string {
			return `{"aliases":[` + listed(n, `"https://a.example/%d"`) + `],"links":[` + self + `]}`
		},
		"templates": func(n int) string {
			return `{"links":[` + self + `,{"rel":"` + relSubscribe + `","template":"https://a.example/?x=` + strings.Repeat("{uri", n/4) + `{uri}"}]}`
		},
		"a template": func(n int) string {
			return `{"links":[` + self + `,{"rel":"` + relSubscribe + `","template":"https://` + letters(n) + `/?{uri}"}]}`
		},
		"an account":    func(n int) string { return "@" + strings.Repeat("a@", n/2) + "a.example" },
		"a web address": func(n int) string { return served.URL + "/@" + strings.Repeat("a/", n/2) },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 8<<10, func(n int) func() {
				text := of(n)
				response := &safehttp.Response{Body: []byte(text), URL: &url.URL{Scheme: "https", Host: "a.example"}}
				return func() {
					_, _ = readJRD([]byte(text), "https")
					c.subscribe(response, account{"a", "a.example"}, desk.ActorID("https://acme.example/u"))
					_, _ = parseAcct(text, "https")
					_, _ = c.server(t.Context(), text)
					_, _, _ = s.actor(t.Context(), text)
				}
			})
		})
	}
}
