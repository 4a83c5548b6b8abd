package inbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// A whole post is bounded, whichever of its parts is long: the rest is clipped, and
// the post is never refused. Our desk and the audience are kept.
func TestWholePostIsBounded(t *testing.T) {
	site := desk.Site{URL: "https://help.example", HandleDomain: "help.example"}
	help := site.Desk("help")
	links := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("https://m.example/%0*d", 2000, i))
		}
		return out
	}
	long := strings.Repeat("ü", 100<<10)
	pictures := func(n int, alt string) (out []map[string]any) {
		for i := range n {
			out = append(out, map[string]any{"type": "Document", "url": fmt.Sprintf("https://m.example/p/%d", i), "mediaType": "image/png", "name": alt})
		}
		return out
	}
	tags := func(n int) (out []map[string]any) {
		for i := range n {
			out = append(out, map[string]any{"type": "Hashtag", "name": fmt.Sprintf("#%0*d", 390, i)})
		}
		return out
	}
	for name, more := range map[string]map[string]any{
		"long descriptions":     {"attachment": pictures(256, strings.Repeat("ü", 1800))},
		"one long description":  {"attachment": pictures(1, long)},
		"long media types":      {"attachment": []map[string]any{{"type": "Document", "url": "https://m.example/p", "mediaType": long}}},
		"many recipients":       {"to": append(links(255), as.Public), "cc": append(links(255), string(help))},
		"many tags":             {"tag": tags(256)},
		"a long language":       {"content": nil, "contentMap": map[string]any{strings.Repeat("x", 200<<10): "<p>down</p>"}},
		"many in a policy":      {"interactionPolicy": map[string]any{"canReply": map[string]any{"automaticApproval": links(200), "manualApproval": links(200)}}},
		"words, title, summary": {"content": long, "name": long, "summary": long},
		"everything": {"content": strings.Repeat("<b>ü</b>", 10<<10), "summary": strings.Repeat("x", 60<<10), "attachment": pictures(200, strings.Repeat("ü", 500)), "tag": tags(150),
			"to": append(links(100), as.Public), "cc": append(links(100), string(help))},
	} {
		t.Run(name, func(t *testing.T) {
			doc := map[string]any{"id": "https://m.example/n", "type": "Note", "attributedTo": "https://m.example/u", "content": "<p>down</p>", "to": as.Public, "cc": string(help)}
			for k, v := range more {
				doc[k] = v
			}
			b, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			o, err := as.ParseObject(b)
			if err != nil {
				t.Fatal(err)
			}
			h := heard(o, desk.Actor{ID: "https://m.example/u"}, "", "inbox")
			size := 0
			for _, s := range texts(h.Post) {
				if size += len(s); !utf8.ValidString(s) {
					t.Errorf("%.20q… is cut within a character", s)
				}
			}
			if size > MaxPost {
				t.Errorf("of %d bytes %d are kept, want at most %d", len(b), size, MaxPost)
			}
			if h.Post.Visibility != desk.VisibilityPublic || !slices.Contains(h.Post.Cc, string(help)) || !slices.Contains(h.Addressed, help) || !slices.ContainsFunc(h.Post.To, as.IsPublic) {
				t.Errorf("%s, %d recipients: the audience or our desk is lost", h.Post.Visibility, len(h.Addressed))
			}
			if h.Post.Text == "" {
				t.Error("the words are lost")
			}
		})
	}
}

// texts lists all that is kept of a post.
func texts(p desk.Post) []string {
	out := []string{string(p.Object), string(p.Author), p.URL, p.Text, p.HTML, p.Language, string(p.InReplyTo), p.Context, p.Conversation}
	out = append(append(append(out, p.Tags...), p.To...), p.Cc...)
	for _, m := range p.Mentions {
		out = append(out, string(m))
	}
	for _, a := range p.Attachments {
		out = append(out, a.URL, a.MediaType, a.Alt)
	}
	if p.CanReply != nil {
		out = append(append(out, p.CanReply.Automatic...), p.CanReply.Manual...)
	}
	return out
}

// An ordinary post keeps all that it has.
func TestOrdinaryPostIsWhole(t *testing.T) {
	o, err := as.ParseObject([]byte(`{"id":"https://m.example/n","type":"Note","attributedTo":"https://m.example/u","content":"x","to":["https://a.example/1","https://b.example/2"],"tag":[{"type":"Hashtag","name":"#b"},{"type":"Hashtag","name":"#a"}],
		"attachment":[{"type":"Document","url":"https://m.example/1.png","mediaType":"image/png","name":"` + strings.Repeat("y", 1500) + `"},{"type":"Document","url":"https://m.example/2.png","mediaType":"image/png","name":"second"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p := heard(o, desk.Actor{}, "", "inbox").Post
	if !slices.Equal(p.To, o.To) || !slices.Equal(p.Tags, []string{"b", "a"}) || len(p.Attachments) != 2 || len(p.Attachments[0].Alt) != 1500 || p.Attachments[1].Alt != "second" {
		t.Errorf("%+v", p)
	}
}
