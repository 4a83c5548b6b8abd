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

// sentence is a text of the core in the reader's language. A text that is not
// in the catalogue is in English: it was stored before it could be translated,
// or comes from another program.
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

// sentences is the section of the catalogue with the texts of errors. A text of
// which the English is good as it is has no entry in English.
const sentences = "console_sentence."

// errorIn says an error. Without a format it came from another program, and is
// shown as it is.
func errorIn(l *locale.Language, e *desk.Error) sentence {
	if e.Format == "" {
		return sentence{Words: e.Message, English: true}
	}
	var named []any
	for n, verb := range verbs.FindAllString(e.Format, len(e.Args)) {
		named = append(named, strconv.Itoa(n+1), valueIn(l, verb, e.Args[n]))
	}
	if l.Has(sentences + e.ID) {
		return sentence{Words: l.T(sentences+e.ID, named...)}
	}
	return sentence{Words: l.Fill(englishOf(e.Format), named...), English: l.Code != "en"}
}

// recordedIn says a text that a record keeps.
func recordedIn(l *locale.Language, text string) sentence {
	if e := desk.ReadRecorded(text); e != nil {
		return errorIn(l, e)
	}
	return sentence{Words: text, English: true}
}

// verbs are the places of a format.
var verbs = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// englishOf makes a text of the catalogue from a format: {1} for the first verb,
// and the quotation marks of print.
func englishOf(format string) string {
	n := 0
	return strings.ReplaceAll(verbs.ReplaceAllStringFunc(format, func(verb string) string {
		if n++; strings.HasSuffix(verb, "q") {
			return fmt.Sprintf("“{%d}”", n)
		}
		return fmt.Sprintf("{%d}", n)
	}), "'", "’")
}

// valueIn returns the text for a verb. A text may itself be a sentence, and
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
		return recordedIn(l, fmt.Sprintf(verb[:len(verb)-1]+"s", arg)).Words
	}
	return fmt.Sprintf(verb, arg)
}

// mistakeIn returns the text of an error.
func mistakeIn(l *locale.Language, err error) sentence {
	if e, ok := errors.AsType[*desk.Error](api.Coded(err)); ok {
		return errorIn(l, e)
	}
	return recordedIn(l, desk.ErrorMessage(err))
}
