package desk

import (
	"slices"
	"testing"
	"time"
)

func TestMentionedColleagues(t *testing.T) {
	agents := []Agent{{Email: "bo@acme.example", Name: "Bo Berg"}, {Email: "cy.day@acme.example", Name: "Çelik Yıl"}, {Email: "ann@acme.example", Name: "Ann Berg"},
		{Email: "dev@acme.example", Name: "देव"}, {Email: "ki@acme.example", Name: "木村"},
		{Email: "gone@acme.example", Name: "Gone", Disabled: time.Unix(1, 0)}}
	for comment, want := range map[string][]Email{
		"":                 nil,
		"nobody is called": nil,
		"@bo look":         {"bo@acme.example"},
		"ask @Bo, please":  {"bo@acme.example"},
		"is it (@bo)?":     {"bo@acme.example"},
		"then @bo.":        {"bo@acme.example"},
		"@bo and @BO":      {"bo@acme.example"},
		"@berg":            {"bo@acme.example", "ann@acme.example"},
		"@cy.day":          {"cy.day@acme.example"},
		"@çelik":           {"cy.day@acme.example"},
		"क्या @देव जानते हैं?": {"dev@acme.example"},
		"@木村 さん":                               {"ki@acme.example"},
		"停電です@bo 見て":                           {"bo@acme.example"},
		"@ann @bo":                             {"ann@acme.example", "bo@acme.example"},
		"@bo@acme.example":                     {"bo@acme.example"},
		"@bo@acme.example.":                    {"bo@acme.example"},
		"@bo@other.example is a reporter":      nil,
		"write to bo@acme.example":             nil,
		"@bob":                                 nil,
		"@":                                    nil,
		"@@bo":                                 nil,
		"@gone cannot sign in":                 nil,
		"line one\n@bo":                        {"bo@acme.example"},
		"https://social.example/@bo is a link": nil,
	} {
		var got []Email
		for _, a := range MentionedColleagues(comment, agents) {
			got = append(got, a.Email)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q calls %v, want %v", comment, got, want)
		}
	}
}

func TestSeenByEndsTheMention(t *testing.T) {
	var i Issue
	i.MentionColleague("bo@acme.example")
	i.MentionColleague("bo@acme.example")
	i.MentionColleague("")
	if len(i.Mentioned) != 1 || i.SeenBy("cy@acme.example") || !i.SeenBy("bo@acme.example") || i.SeenBy("bo@acme.example") || len(i.Mentioned) != 0 {
		t.Errorf("called: %v", i.Mentioned)
	}
}
