package desk

import (
	"regexp"
	"slices"
	"strings"
)

// mention is an @ that begins a word, and what follows it. Scripts without spaces begin
// words anywhere.
var mention = regexp.MustCompile(`(?:^|[^\pL\pM\pN@._/-]|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}])@([\pL\pM\pN._%+-]+(?:@[\pL\pN.-]+)?)`)

// MentionedColleagues finds the colleagues that a comment calls: @ and their e-mail address,
// what stands in it before the @, or a word of their name, in any case. Of two
// with the same first name both are called. Nobody calls who cannot sign in.
func MentionedColleagues(comment string, agents []Agent) (called []Agent) {
	named := map[string][]Agent{}
	for _, a := range agents {
		for _, name := range a.mentionNames() {
			if a.Active() {
				named[name] = append(named[name], a)
			}
		}
	}
	seen := map[Email]bool{}
	for _, m := range mention.FindAllStringSubmatch(comment, -1) {
		for _, a := range named[strings.ToLower(strings.TrimRight(m[1], ".-"))] {
			if !seen[a.Email] {
				seen[a.Email] = true
				called = append(called, a)
			}
		}
	}
	return called
}

// mentionNames are the words by which an agent is called.
func (a Agent) mentionNames() []string {
	email := strings.ToLower(string(a.Email))
	local, _, _ := strings.Cut(email, "@")
	return append(strings.Fields(strings.ToLower(a.Name)), email, local)
}

// MentionColleague records that a comment mentioned an agent.
func (i *Issue) MentionColleague(email Email) {
	if email != "" && !slices.Contains(i.Mentioned, email) {
		i.Mentioned = append(i.Mentioned, email)
	}
}

// SeenBy notes that an agent has seen the issue, and says whether they had
// been called.
func (i *Issue) SeenBy(email Email) bool {
	left := slices.DeleteFunc(slices.Clone(i.Mentioned), func(e Email) bool { return e == email })
	was := len(left) < len(i.Mentioned)
	i.Mentioned = left
	return was
}
