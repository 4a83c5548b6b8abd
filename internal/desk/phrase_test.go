package desk

import (
	"strings"
	"testing"
)

func TestNewPhrase(t *testing.T) {
	ok := Phrase{Desk: "help", Language: "DE", Name: " Which\n street ", Text: " Where, {name}? \r\n{initials} {1} {a b}"}
	p, err := NewPhrase(ok)
	if err != nil || p.Language != "de" || p.Name != "Which street" || p.Text != "Where, {name}? \n{initials} {1} {a b}" {
		t.Errorf("%+v (%v)", p, err)
	}
	for id, change := range map[string]func(*Phrase){
		"phrase_name_length":         func(p *Phrase) { p.Name = strings.Repeat("x", maxPhraseName+1) },
		"phrase_text_length":         func(p *Phrase) { p.Text = strings.Repeat("x", maxPhraseText+1) },
		"phrase_placeholder_unknown": func(p *Phrase) { p.Text = "Dear {naem}" },
		"phrase_language_invalid":    func(p *Phrase) { p.Language = "klingon!" },
	} {
		bad := ok
		change(&bad)
		if _, err := NewPhrase(bad); ErrorID(err) != id {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// A value is text, whatever the person has called themselves.
func TestPhraseFill(t *testing.T) {
	p := Phrase{Text: "{name} {time} {name} {unknown}"}
	if got := p.Fill(map[string]string{"name": "{time}", "time": "14:05"}); got != "{time} 14:05 {time} {unknown}" {
		t.Errorf("%q", got)
	}
}

// A name in a text mentions nobody, and adds no tag or link.
func TestAddressed(t *testing.T) {
	for name, want := range map[string]string{
		"Ana Berg": "Ana Berg", "": "ana", "Ana :blobcat:": "Ana", ":verified:": "ana", "@bo@evil.example": "ana", "#acme": "ana", "acme.example": "ana", "https://a": "ana",
		"Dr. Berg": "Dr. Berg", "Ana\u202e<b>": "ana", "آنا": "آنا", strings.Repeat("x", 80): "ana", "J.R. Ewing": "J.R. Ewing", "see evil.example": "ana",
	} {
		if got := (Actor{Acct: "ana@m.example", Name: name}).Addressed(); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}
