package locale

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// texts is one message: a single one, or one for each plural category.
type texts map[plural.Form]string

// forms are the names of the plural categories in the files, as CLDR has them.
var forms = map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other}

func (m texts) plural() bool { return len(m) > 1 }

// parse reads a value of a file: a text, or a table of plural forms.
func parse(tag language.Tag, value any) (texts, error) {
	switch v := value.(type) {
	case string:
		return texts{plural.Other: bound(tag, v)}, check(v)
	case map[string]any:
		return parseForms(tag, v)
	}
	return nil, fmt.Errorf("a text or a table of plural forms is needed, not %v", value)
}

func parseForms(tag language.Tag, table map[string]any) (texts, error) {
	m := texts{}
	for name, value := range table {
		form, known := forms[name]
		text, isText := value.(string)
		if !known || !isText {
			return nil, fmt.Errorf("%s = %v is no plural form", name, value)
		}
		if err := check(text); err != nil {
			return nil, err
		}
		m[form] = bound(tag, text)
	}
	for name, form := range forms { // a form may leave out the number, and nothing else
		for _, p := range m.placeholders() {
			if text, ok := m[form]; ok && p != "n" && !slices.Contains(placeholdersOf(text), p) {
				return nil, fmt.Errorf("the form %q lacks {%s}", name, p)
			}
		}
	}
	for n := range 200 { // every category that the language has shows here
		if form := formOf(tag, n); m[form] == "" {
			return nil, fmt.Errorf("the plural form for %d is missing", n)
		}
	}
	if m[plural.Other] == "" {
		return nil, errors.New(`the form "other" is missing`) // for numbers that no other form fits
	}
	return m, nil
}

// bound keeps a line from breaking before the signs that French sets apart
// from a word: nobody sees in a file which kind of space stands there.
func bound(tag language.Tag, text string) string {
	if base, _ := tag.Base(); base.String() == "fr" {
		return french.Replace(text)
	}
	return text
}

var french = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", "« ", "«\u00a0", " »", "\u00a0»")

func formOf(tag language.Tag, n int) plural.Form {
	return plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)
}

var placeholder = regexp.MustCompile(`\{([a-z_]+|[1-9])\}`)

// check refuses a text that is empty, or with braces that are no placeholder.
func check(text string) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("the text is empty")
	}
	if rest := placeholder.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
		return fmt.Errorf("a brace that belongs to no placeholder: %q", text)
	}
	return nil
}

// placeholders lists the names in a message, in order of the alphabet.
func (m texts) placeholders() (names []string) {
	for _, text := range m {
		names = append(names, placeholdersOf(text)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func placeholdersOf(text string) (names []string) {
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}
