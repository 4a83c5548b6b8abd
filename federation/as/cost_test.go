package as

import (
	"fmt"
	"strings"
	"testing"

	"earshot/internal/test/cost"
)

// listed repeats an entry with a number in it, to n bytes.
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

// documents are hostile JSON documents: n bytes of one kind.
var documents = map[string]func(n int) string{
	"keys":                  func(n int) string { return listed(n, `"key-number-%d":1`) },
	"keys of one beginning": func(n int) string { return listed(n, `"`+strings.Repeat("k", 100)+`%d":1`) },
	"escaped keys":          func(n int) string { return listed(n, `"\u006b\u0065\u0079%d":1`) },
	"values":                func(n int) string { return `"x":[` + listed(n, `"a long value %d"`) + `]` },
	"escaped values":        func(n int) string { return `"x":[` + listed(n, `"\u006b\u0065\u0079%d"`) + `]` },
	"one string":            func(n int) string { return `"x":"` + strings.Repeat("a", n) + `"` },
	"one escaped string":    func(n int) string { return `"x":"` + strings.Repeat(`\n`, n/2) + `"` },
	"backslashes":           func(n int) string { return `"x":"` + strings.Repeat(`\\`, n/2) + `"` },
	"one number":            func(n int) string { return `"x":1` + strings.Repeat("0", n) },
	"spaces":                func(n int) string { return `"x":[` + strings.Repeat(" ", n) + `]` },
	"objects":               func(n int) string { return `"x":[` + listed(n, `{"name":"number %d"}`) + `]` },
	"levels": func(n int) string {
		return `"x":` + strings.Repeat(`{"a":`, 29) + `[` + listed(n, `"a long value %d"`) + `]` + strings.Repeat(`}`, 29)
	},
	"too many levels": func(n int) string { return `"x":` + strings.Repeat(`[`, n/2) + strings.Repeat(`]`, n/2) },
	"types":           func(n int) string { return `"tag":{"type":[` + listed(n, `"a long type %d"`) + `]}` },
	"languages":       func(n int) string { return `"contentMap":{` + listed(n, `"language-%d":"words"`) + `}` },
	"undetermined":    func(n int) string { return `"nameMap":{"und":"x",` + listed(n, `"language-%d":""`) + `}` },
	"a media type": func(n int) string {
		return `"mediaType":"text/plain` + strings.ReplaceAll(listed(n, `;a%d=1`), ",", "") + `"`
	},
	"continued parameters": func(n int) string {
		return `"mediaType":"text/plain` + strings.ReplaceAll(listed(n, `;a*%d=1`), ",", "") + `"`
	},
	"tags":              func(n int) string { return `"tag":[` + listed(n, `{"type":"Hashtag","name":"#tag-%d"}`) + `]` },
	"ids that are none": func(n int) string { return `"inReplyTo":[` + listed(n, `"https://a.example:x/%d"`) + `]` },
	"long hosts": func(n int) string {
		return `"url":[` + listed(n, `"https://`+strings.Repeat("ü", 50)+`%d.example:x"`) + `]`
	},
	"icons": func(n int) string {
		return `"icon":[` + listed(n, `{"url":[{"href":"https://a.example/%d"},"x"]}`) + `]`
	},
	"a date":        func(n int) string { return `"published":"` + strings.Repeat("2", n) + `"` },
	"empty objects": func(n int) string { return `"x":[` + strings.Repeat(`{},`, n/3) + `1]` },
	"nameless keys": func(n int) string { return `"x":[` + strings.Repeat(`{"":1},`, n/7) + `1]` },
	"contexts":      func(n int) string { return `"@context":[` + listed(n, `{"a%d":"https://a.example/"}`) + `]` },
}

// Every document is read in a time and with memory that go with its length, by
// each of the readers.
func TestCost(t *testing.T) {
	for name, of := range documents {
		t.Run(name, func(t *testing.T) {
			make := func(n int) func() {
				doc := []byte(`{"id":"https://a.example/1","type":"Note","actor":"https://a.example/u","inbox":"https://a.example/i",` + of(n) + `}`)
				activity := []byte(`{"id":"https://a.example/2","type":"Create","actor":"https://a.example/u","object":` + string(doc) + `}`)
				page := []byte(`{"type":"OrderedCollection","first":{"type":"OrderedCollectionPage","orderedItems":[` + string(activity) + `]}}`)
				return func() {
					_, _ = ParseCollection(page)
					_, _ = ParseActivity(activity)
					_, _ = ParseObject(doc)
					_, _ = ParseActor(doc)
					_, _, _ = ParseKeyDocument(doc)
				}
			}
			cost.NLogN(t, 8<<10, make)
			cost.Bytes(t, 128<<10, 4*100, make)
		})
	}
}

func TestCostOfAccept(t *testing.T) {
	for name, of := range map[string]func(n int) string{
		"commas":     func(n int) string { return strings.Repeat(",", n) },
		"types":      func(n int) string { return strings.Repeat("text/html;q=0.5,", n/16) },
		"parameters": func(n int) string { return "text/html" + strings.ReplaceAll(listed(n, ";a%d=1"), ",", "") },
		"quotes":     func(n int) string { return `text/html;a="` + strings.Repeat(`\",`, n/3) },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 8<<10, func(n int) func() {
				s := of(n)
				return func() { PrefersActivityPub(s); IsActivityPub(s) }
			})
		})
	}
}
