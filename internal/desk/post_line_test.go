package desk_test

import (
	"strings"
	"testing"

	"earshot/internal/desk"
)

// A post that is only a picture is listed by what the picture shows.
func TestLine(t *testing.T) {
	picture := desk.Attachment{URL: "https://a.example/media/a.png?x", Alt: "the error message"}
	bare := desk.Attachment{URL: "https://a.example/media/router.jpg"}
	for _, c := range []struct {
		text     string
		pictures []desk.Attachment
		want     string
	}{
		{"no network", []desk.Attachment{picture}, "no network"},
		{"", []desk.Attachment{picture}, "the error message"},
		{"", []desk.Attachment{bare, picture}, "router.jpg\nthe error message"},
		{"@help", []desk.Attachment{picture}, "@help\nthe error message"},
		{"@help@acme.example #acme #fail", []desk.Attachment{picture}, "@help@acme.example #acme #fail\nthe error message"},
		{"@help", nil, "@help"}, {"", nil, ""},
		{"", []desk.Attachment{{URL: "https://a.example/"}}, ""},
		{"", []desk.Attachment{{URL: "https://a.example"}}, ""},
	} {
		if got := (desk.Post{Text: c.text, Attachments: c.pictures}).Line(); got != c.want {
			t.Errorf("%q with %v: %q, want %q", c.text, c.pictures, got, c.want)
		}
	}
	many := make([]desk.Attachment, 256)
	for n := range many {
		many[n].Alt = strings.Repeat("x", 64<<10)
	}
	p := desk.Post{Text: "@help", Attachments: many}
	if len(p.Line()) > 200<<10 || len(p.Searched()) > 64<<10 {
		t.Errorf("%d and %d bytes", len(p.Line()), len(p.Searched()))
	}
	if got := (desk.Post{Text: "no network", Attachments: []desk.Attachment{bare, picture}}).Searched(); !strings.Contains(got, "error message") {
		t.Errorf("searched: %q", got)
	}
}
