package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
	"earshot/internal/test/cost"
)

func repeated(s string) func(n int) string {
	return func(n int) string { return strings.Repeat(s, n/len(s)) }
}

// numbered repeats an entry of a list with a number in it, to n bytes.
func numbered(n int, entry string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, entry, i)
	}
	return b.String()
}

func listed(entry string) func(n int) string {
	return func(n int) string { return numbered(n, entry) }
}

// A post is read before anything is known of it but who signed it.
func TestCostOfPosts(t *testing.T) {
	site := desk.Site{URL: "https://help.example", HandleDomain: "help.example"}
	for name, tt := range map[string]struct {
		property string
		of       func(n int) string
	}{
		"content":            {`"content":"%s"`, repeated("<p>a <b>b")},
		"title with links":   {`"name":"%s"`, repeated("http://a ")},
		"title of lines":     {`"name":"%s"`, repeated(`\n\na`)},
		"title as warning":   {`"summary":"x","name":"%s"`, repeated("<p>a")},
		"markdown":           {`"mediaType":"text/markdown","content":"%s"`, repeated("<\\n")},
		"hashtags":           {`"tag":[%s]`, listed(`{"type":"Hashtag","name":"#t%d"}`)},
		"ligatures":          {`"tag":[%s]`, listed(`{"type":"Hashtag","name":"%d` + strings.Repeat("\ufdfa", 100) + `"}`)},
		"marked hashtags":    {`"content":"%s"`, listed(`<a class=hashtag>t%d</a>`)},
		"mentions":           {`"tag":[%s]`, listed(`{"type":"Mention","href":"https://a.example/u/%d"}`)},
		"mentions by name":   {`"tag":[%s]`, listed(`{"type":"Mention","name":"@u%d@a.example"}`)},
		"a long name":        {`"tag":[{"type":"Mention","name":"@x@%s"}]`, repeated("語彙")},
		"recipients":         {`"to":[%s]`, listed(`"https://a.example/u/%d"`)},
		"attachments":        {`"attachment":[%s]`, listed(`{"url":"https://a.example/%d","name":"x"}`)},
		"options":            {`"type":"Question","oneOf":[%s]`, listed(`{"name":"%d"}`)},
		"who may answer":     {`"interactionPolicy":{"canReply":{"manualApproval":[%s]}}`, listed(`"https://a.example/u/%d"`)},
		"authors":            {`"attributedTo":[%s]`, listed(`"https://a.example/u/%d"`)},
		"a quote that is in": {`"quote":"https://a.example/1","content":"%s"`, repeated("RE:")},
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 16<<10, func(n int) func() {
				doc := `{"id":"https://a.example/1",` + fmt.Sprintf(tt.property, tt.of(n))
				for _, more := range []string{`"type":"Note"`, `"attributedTo":"https://a.example/u"`} {
					if key, _, _ := strings.Cut(more, ":"); !strings.HasPrefix(tt.property, key) {
						doc += "," + more
					}
				}
				return func() {
					o, err := as.ParseObject([]byte(doc + "}"))
					if err != nil {
						t.Fatalf("%v: %.200s", err, doc)
					}
					heard(canonicalObject(address.Book{Site: site}, o), desk.Actor{}, "", "")
				}
			})
		})
	}
}

func TestCostOfProfiles(t *testing.T) {
	for name, tt := range map[string]struct {
		property string
		of       func(n int) string
	}{
		"hashtags":  {`"summary":"%s"`, repeated("#ab ")},
		"ligatures": {`"summary":"%s"`, repeated("#" + strings.Repeat("\ufdfa", 100) + " ")},
		"one word":  {`"summary":"#%s"`, repeated("é")},
		"fields": {`"attachment":[%s]`, func(n int) string {
			size := n / as.MaxList
			return numbered(n, `{"type":"PropertyValue","name":"%d","value":"`+strings.Repeat("#a ", size/3)+`"}`)
		}},
		"names of fields": {`"attachment":[%s]`, func(n int) string {
			return numbered(n, `{"type":"PropertyValue","name":"%d`+strings.Repeat("é", n/as.MaxList/2)+`","value":"x"}`)
		}},
		"names":         {`"alsoKnownAs":[%s]`, listed(`"https://a.example/u/%d"`)},
		"names of none": {`"alsoKnownAs":[%s]`, listed(`"https://a.example:x/u/%d"`)},
		"keys":          {`"publicKey":[%s]`, listed(`{"id":"https://a.example/u#%d","publicKeyPem":"x"}`)},
		"software":      {`"generator":[%s]`, listed(`{"implements":["a","an implementation with a long name","b%d"]}`)},
		"deep software": {`"generator":` + strings.Repeat(`{"generator":`, 25) + `[%s]` + strings.Repeat("}", 25), listed(`"a%d"`)},
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 16<<10, func(n int) func() {
				doc := `{"id":"https://a.example/u","type":"Person","inbox":"https://a.example/i",` + fmt.Sprintf(tt.property, tt.of(n)) + "}"
				return func() {
					a, err := as.ParseActor([]byte(doc))
					if err != nil {
						t.Fatalf("%v: %.200s", err, doc)
					}
					ActorOf(a, "", time.Time{})
					a.Key("https://a.example/u#none")
				}
			})
		})
	}
}

// What asks bots to keep away is looked for in what people read of a profile,
// not in a megabyte that nobody reads.
func TestLongProfiles(t *testing.T) {
	fields := make([]as.Field, as.MaxList)
	for i := range fields {
		fields[i] = as.Field{Name: strings.Repeat("a", 3000), Value: "x"}
	}
	if text := ProfileText(&as.Actor{Summary: "#nobot", Fields: fields}); len(text) > MaxText {
		t.Errorf("%d bytes of a profile are read", len(text))
	}
	if !noBot(&as.Actor{Summary: "hello #nobot", Fields: fields}) || !noBot(&as.Actor{Fields: append([]as.Field{{Name: "bots", Value: "#nobot"}}, fields...)}) {
		t.Error("#nobot was not found")
	}
}
