package console

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// sentence is something that the core says, in the reader's language. What the
// catalogue does not have is in English: it was written down before it could be
// translated, or another program said it.
type sentence struct {
	Words   string
	English bool
}

// HTML is the sentence for a page.
func (s sentence) HTML() template.HTML {
	if s.English {
		return element("span", ` lang="en"`, s.Words)
	}
	return template.HTML(template.HTMLEscapeString(s.Words)) //nolint:gosec // it is escaped
}

// sentenceIn says what format and args say in English; without args, what a
// text says.
func sentenceIn(l *locale.Language, format string, args ...any) sentence {
	key := "console_sentence." + format
	if head, tail, cut := strings.Cut(format, ": "); !l.Has(key) && len(args) == 0 && cut && l.Has("console_sentence."+head+": %s") {
		return sentenceIn(l, head+": %s", tail) // as it was written down
	}
	if !l.Has(key) {
		if len(args) > 0 {
			format = fmt.Sprintf(format, args...)
		}
		return sentence{Words: format, English: true}
	}
	var named []any
	for n, verb := range verbs.FindAllString(format, len(args)) {
		named = append(named, strconv.Itoa(n+1), valueIn(l, verb, args[n]))
	}
	return sentence{Words: l.T(key, named...)}
}

// verbs are the places of a format.
var verbs = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// valueIn is what stands for a verb. A text may itself be a sentence, and
// quotation marks are those of the language.
func valueIn(l *locale.Language, verb string, arg any) any {
	switch arg := arg.(type) {
	case int:
		return arg
	case desk.Status:
		return l.T("console_status." + string(arg))
	case desk.AgentRole:
		return l.T("console_role." + string(arg))
	}
	if reflect.ValueOf(arg).Kind() == reflect.String {
		return sentenceIn(l, fmt.Sprintf(verb[:len(verb)-1]+"s", arg)).Words
	}
	return fmt.Sprintf(verb, arg)
}

// mistakeIn says an error.
func mistakeIn(l *locale.Language, err error) sentence {
	if e, ok := errors.AsType[*desk.Error](err); ok && e.Format != "" {
		return sentenceIn(l, e.Format, e.Args...)
	}
	return sentenceIn(l, api.ProblemOf(err).Detail)
}
