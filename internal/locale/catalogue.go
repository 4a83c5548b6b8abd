package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

//go:embed catalogue/*.toml
var files embed.FS

// reference is the language that the others are held against.
const reference = "en"

// inCode is the section whose English may stand in the program: package console
// checks it by the ids of the errors.
const inCode = "console_sentence."

// Catalogue is every language there is.
type Catalogue struct {
	languages []*Language // the reference first
	matcher   language.Matcher
}

// Load returns the catalogue of this program, which is read and checked once.
func Load() (*Catalogue, error) { return own() }

var own = sync.OnceValues(func() (*Catalogue, error) {
	sub, err := fs.Sub(files, "catalogue")
	if err != nil {
		return nil, err
	}
	return load(sub)
})

// load reads LANGUAGE.toml files, and says everything that is wrong with them.
func load(files fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(names, func(a, b string) int { return order(a) - order(b) })
	c := &Catalogue{}
	var wrong []error
	var tags []language.Tag
	for _, name := range names {
		l, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading the language file %s: %w", name, err)
		}
		c.languages, tags = append(c.languages, l), append(tags, l.tag)
		for _, problem := range l.differs(c.languages[0]) {
			wrong = append(wrong, fmt.Errorf("%s: %s", name, problem))
		}
	}
	if len(c.languages) == 0 || c.languages[0].Code != reference {
		return nil, fmt.Errorf("there is no %s.toml, with which the others are compared", reference)
	}
	c.matcher = language.NewMatcher(tags)
	return c, errors.Join(wrong...)
}

// order puts the reference first and keeps the others as they are.
func order(name string) int {
	if name == reference+".toml" {
		return 0
	}
	return 1
}

func read(files fs.FS, name string) (*Language, error) {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	code := strings.TrimSuffix(path.Base(name), ".toml")
	tag, err := language.Parse(code)
	if err != nil {
		return nil, fmt.Errorf("the file's name is no language: %w", err)
	}
	var sections map[string]map[string]any
	if err := toml.Unmarshal(b, &sections); err != nil {
		return nil, err
	}
	l := &Language{Code: code, tag: tag, messages: map[string]texts{}}
	for section, entries := range sections {
		for key, value := range entries {
			m, err := parse(tag, value)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", section, key, err)
			}
			l.messages[section+"."+key] = m
		}
	}
	l.Name = l.T("meta.name")
	return l, nil
}

// differs lists what a translator has to mend.
func (l *Language) differs(from *Language) (problems []string) {
	for _, key := range slices.Sorted(maps.Keys(from.messages)) {
		m, ok := l.messages[key]
		if !ok {
			problems = append(problems, key+" is missing")
			continue
		}
		want, got := from.messages[key].placeholders(), m.placeholders()
		if !slices.Equal(want, got) {
			problems = append(problems, fmt.Sprintf("%s has the placeholders %v, and not %v", key, got, want))
		}
		if m.plural() != from.messages[key].plural() {
			problems = append(problems, key+" has plural forms in one language and none in the other")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l.messages)) {
		if _, ok := from.messages[key]; !ok && !strings.HasPrefix(key, inCode) {
			problems = append(problems, key+" is not in "+reference+".toml: misspelt, or not needed any more")
		}
	}
	return problems
}

// Languages lists the languages, English first.
func (c *Catalogue) Languages() []*Language { return c.languages }

// Choose returns the language of an answer: the chosen one if it exists, as in
// ?lang=de, else the best fit for Accept-Language (RFC 9110, section 12.5.4),
// else English.
func (c *Catalogue) Choose(chosen, accept string) (l *Language, explicit bool) {
	for _, l := range c.languages {
		if l.Code == chosen {
			return l, true
		}
	}
	if len(accept) > maxAccept {
		return c.languages[0], false
	}
	_, n := language.MatchStrings(c.matcher, accept)
	return c.languages[n], false
}

// maxAccept: no browser sends more, and parsing costs time.
const maxAccept = 1000
