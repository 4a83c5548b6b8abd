package as

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"earshot/internal/desk"
)

func TestPolicies(t *testing.T) {
	const ana = "https://m.example/users/ana"
	for name, c := range map[string]struct {
		policy string
		want   *Policy
	}{
		"none":              {`null`, nil},
		"no sub-policy":     {`{"canLike":{"always":["as:Public"]}}`, nil},
		"no object":         {`{"canReply":"as:Public"}`, nil},
		"nobody":            {`{"canReply":{"automaticApproval":[],"manualApproval":[]}}`, &Policy{}},
		"empty":             {`{"canReply":{}}`, &Policy{}},
		"one as a string":   {`{"canReply":{"automaticApproval":"` + ana + `"}}`, &Policy{Automatic: []string{ana}}},
		"the older words":   {`{"canReply":{"always":["` + ana + `"],"approvalRequired":["as:Public"]}}`, &Policy{Automatic: []string{ana}, Manual: []string{"as:Public"}, Older: true}},
		"both: newer count": {`{"canReply":{"always":["as:Public"],"automaticApproval":[],"manualApproval":["` + ana + `"]}}`, &Policy{Manual: []string{ana}, Older: true}},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := ParseObject([]byte(`{"id":"https://m.example/1","type":"Note","interactionPolicy":` + c.policy + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, o.CanReply); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
	many := `"` + ana + `"` + strings.Repeat(`,"`+ana+`"`, 2*MaxList)
	o, err := ParseObject([]byte(`{"id":"https://m.example/1","type":"Note","interactionPolicy":{"canReply":{"manualApproval":[` + many + `]}}}`))
	if err != nil || len(o.CanReply.Manual) != MaxList {
		t.Errorf("of a long list %d are read, %v", len(o.CanReply.Manual), err)
	}
}

func TestQuotesAreRead(t *testing.T) {
	for _, key := range []string{"quote", "quoteUri", "quoteUrl", "_misskey_quote"} {
		o, err := ParseObject(fmt.Appendf(nil, `{"id":"https://m.example/1","type":"Note",%q:"https://a.example/posts/2"}`, key))
		if err != nil || o.Quote != "https://a.example/posts/2" {
			t.Errorf("%s: %q, %v", key, o.Quote, err)
		}
	}
}

func TestAuthorizationsAreRead(t *testing.T) {
	for name, doc := range map[string]string{
		"ReplyAuthorization": `"interactingObject":"https://a.example/posts/1","interactionTarget":"https://m.example/1"`,
		"QuoteAuthorization": `"interactingObject":"https://a.example/posts/1","interactionTarget":{"id":"https://m.example/1"}`,
		"ReplyApproval":      `"object":"https://a.example/posts/1","target":"https://m.example/1"`,
	} {
		o, err := ParseObject([]byte(`{"id":"https://m.example/stamps/1","type":"` + name + `","attributedTo":"https://m.example/users/ana",` + doc + `}`))
		if err != nil || o.Interaction != "https://a.example/posts/1" || o.Target != "https://m.example/1" {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	o, err := ParseObject([]byte(`{"id":"https://m.example/1","type":"Note","object":"https://a.example/posts/1","target":"https://m.example/1"}`))
	if err != nil || o.Interaction != "" || o.Target != "" {
		t.Errorf("a Note authorizes: %+v, %v", o, err)
	}
	a, err := ParseActivity([]byte(`{"id":"https://m.example/a","type":"Accept","actor":"https://m.example/users/ana","result":"https://m.example/stamps/1",` +
		`"object":{"type":"ReplyRequest","id":"https://a.example/r","actor":"https://a.example/desks/help","object":"https://m.example/1","instrument":{"id":"https://a.example/posts/1","type":"Note"}}}`))
	if err != nil || a.Result != "https://m.example/stamps/1" || a.Inner == nil || a.Inner.Type != ReplyRequest || a.Inner.Instrument != desk.ObjectID("https://a.example/posts/1") {
		t.Errorf("%+v, %v", a, err)
	}
}

// Hubzilla's word for who may comment; GoToSocial's policy says more, and wins.
func TestCommentPolicy(t *testing.T) {
	for said, want := range map[string]*Policy{
		`"public"`: nil, `"authenticated"`: nil, `""`: nil, `7`: nil, `"until=2026-12-01T00:00:00Z"`: nil,
		`"contacts"`: {Contacts: true}, `"Contacts until=2026-12-01T00:00:00Z"`: {Contacts: true}, `"any connections"`: {Contacts: true}, `"specific"`: {Contacts: true},
		`"self"`: {}, `"none"`: {}, `"site: hz.example"`: {}, `"network: red"`: {},
		`"self","interactionPolicy":{"canReply":{"automaticApproval":"as:Public"}}`: {Automatic: []string{"as:Public"}},
	} {
		o, err := ParseObject([]byte(`{"id":"https://hz.example/1","type":"Note","attributedTo":"https://hz.example/a","commentPolicy":` + said + `}`))
		if err != nil {
			t.Fatal(said, err)
		}
		if d := cmp.Diff(want, o.CanReply); d != "" {
			t.Errorf("%s: %s", said, d)
		}
	}
}
