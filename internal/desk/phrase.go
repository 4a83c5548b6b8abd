package desk

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// PhraseID is the UUIDv7 of a phrase.
type PhraseID string

// Phrase is a text that the agents of a desk send often, in one language.
type Phrase struct {
	ID       PhraseID  `json:"id"`
	Desk     Handle    `json:"desk"`
	Language string    `json:"language"` // BCP 47
	Name     string    `json:"name"`     // by which agents find it; one of a desk and language
	Text     string    `json:"text"`     // with placeholders
	Changed  time.Time `json:"changed_at"`
}

// MaxPhrases is how many phrases a desk may have, in all languages together.
const MaxPhrases = 200

const (
	maxPhraseName = 60
	maxPhraseText = 2000
)

// The placeholders of a phrase.
const (
	PlaceholderName     = "name"     // what the reporter is called
	PlaceholderTime     = "time"     // the time of day, as in 14:05
	PlaceholderDate     = "date"     // the day
	PlaceholderInitials = "initials" // the agent's signature
)

// Placeholders lists the placeholders.
func Placeholders() []string {
	return []string{PlaceholderName, PlaceholderTime, PlaceholderDate, PlaceholderInitials}
}

var placeholder = regexp.MustCompile(`\{(\pL+)\}`)

// NewPhrase checks and normalises the typed fields.
func NewPhrase(p Phrase) (Phrase, error) {
	p.Name = CleanName(p.Name)
	if p.Name == "" || utf8.RuneCountInString(p.Name) > maxPhraseName {
		return p, Invalid("phrase_name_length", "the name of a phrase has 1 to %d characters", maxPhraseName)
	}
	p.Text = strings.TrimSpace(strings.ReplaceAll(p.Text, "\r\n", "\n"))
	if p.Text == "" || utf8.RuneCountInString(p.Text) > maxPhraseText || !utf8.ValidString(p.Text) {
		return p, Invalid("phrase_text_length", "the text of a phrase has 1 to %d characters", maxPhraseText)
	}
	for _, m := range placeholder.FindAllStringSubmatch(p.Text, -1) {
		if !slices.Contains(Placeholders(), m[1]) {
			return p, Invalid("phrase_placeholder_unknown", "there is no placeholder %s: there are %s", m[0], "{"+strings.Join(Placeholders(), "}, {")+"}")
		}
	}
	tag, err := language.Parse(strings.TrimSpace(p.Language))
	if err != nil || tag == language.Und {
		return p, Invalid("phrase_language_invalid", "the language of a phrase is a code like en or pt-BR; %.50q is not", p.Language)
	}
	p.Language = tag.String()
	return p, nil
}

// Fill returns the text with the values of its placeholders. A value is never read for
// placeholders again.
func (p Phrase) Fill(values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(p.Text, func(m string) string {
		if v, ok := values[m[1:len(m)-1]]; ok {
			return v
		}
		return m
	})
}

// shortcode is a picture that a server puts into a name, as in ":blobcat:".
var shortcode = regexp.MustCompile(`:[A-Za-z0-9_]+:`)

// Addressed is what a person is called in a text to them: the name that they chose, unless it
// would mention another person, add a hashtag or a link, or say more than a name.
func (a Actor) Addressed() string {
	user, _, _ := strings.Cut(a.Acct, "@")
	name := CleanName(shortcode.ReplaceAllString(a.Name, ""))
	dotted := strings.ContainsFunc(name, func(r rune) bool { return strings.ContainsRune("@#/:\\<>[](){}", r) }) || linkish.MatchString(name)
	if name == "" || dotted || utf8.RuneCountInString(name) > maxAddressed {
		return CleanName(user)
	}
	return name
}

const maxAddressed = 60

// linkish is what apps make a link of: letters on both sides of a full stop.
var linkish = regexp.MustCompile(`[\pL\pN]\.\pL{2}`)
