package locale

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Language is one language of the catalogue.
type Language struct {
	Code string // of BCP 47, as in the lang attribute: "de"
	Name string // in the language itself: "Deutsch"

	tag      language.Tag
	messages map[string]texts
}

// T returns the text of a key, with its placeholders filled in: args are names
// and values in turn, as in T("home.title", "domain", host). Whole numbers are
// written as the language does, times too; the value of "n" chooses the plural
// form. An unknown key is returned as it is: tests keep that from happening.
func (l *Language) T(key string, args ...any) string {
	return l.fill(key, args, func(s string) string { return s }, func(v any) string { return l.plain(v) })
}

// HTML is T for a page: text and values are escaped, except values that are
// template.HTML, such as a link.
func (l *Language) HTML(key string, args ...any) template.HTML {
	return template.HTML(l.fill(key, args, template.HTMLEscapeString, func(v any) string { //nolint:gosec // everything else is escaped
		if safe, ok := v.(template.HTML); ok {
			return string(safe)
		}
		return template.HTMLEscapeString(l.plain(v))
	}))
}

// Has says whether there is such a key.
func (l *Language) Has(key string) bool { _, ok := l.messages[key]; return ok }

// Texts returns the texts of all keys that begin so, by the rest of the key.
// Placeholders stay: a script fills them in.
func (l *Language) Texts(beginning string) map[string]string {
	out := map[string]string{}
	for key, m := range l.messages {
		if rest, ok := strings.CutPrefix(key, beginning); ok {
			out[rest] = m[plural.Other]
		}
	}
	return out
}

func (l *Language) fill(key string, args []any, text func(string) string, value func(any) string) string {
	m, ok := l.messages[key]
	if !ok {
		return text(key)
	}
	form := plural.Other
	values := map[string]any{}
	for n := 0; n+1 < len(args); n += 2 {
		name := fmt.Sprint(args[n])
		values[name] = args[n+1]
		if count, ok := args[n+1].(int); ok && name == "n" && m.plural() {
			if form = formOf(l.tag, count); m[form] == "" { // as for millions, in some languages
				form = plural.Other
			}
		}
	}
	return fillText(m[form], values, text, value)
}

// Fill is T for a text that is not in the catalogue. It has no plural forms.
func (l *Language) Fill(text string, args ...any) string {
	values := map[string]any{}
	for n := 0; n+1 < len(args); n += 2 {
		values[fmt.Sprint(args[n])] = args[n+1]
	}
	return fillText(text, values, func(s string) string { return s }, func(v any) string { return l.plain(v) })
}

func fillText(rest string, values map[string]any, text func(string) string, value func(any) string) string {
	var b strings.Builder
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			b.WriteString(text(rest))
			return b.String()
		}
		b.WriteString(text(rest[:at[0]]))
		if v, ok := values[rest[at[2]:at[3]]]; ok {
			b.WriteString(value(v))
		} else {
			b.WriteString(text(rest[at[0]:at[1]]))
		}
		rest = rest[at[1]:]
	}
}

// plain writes a value as the language does.
func (l *Language) plain(v any) string {
	switch v := v.(type) {
	case int:
		return message.NewPrinter(l.tag).Sprint(number.Decimal(v))
	case time.Time:
		return l.Time(v)
	}
	return fmt.Sprint(v)
}

// Time writes a time, in UTC, with the day: "1 March 2026, 14:05 UTC".
func (l *Language) Time(at time.Time) string { return l.date("date.format", at) }

// Day writes a day: "1 March 2026".
func (l *Language) Day(at time.Time) string { return l.date("date.day", at) }

func (l *Language) date(key string, at time.Time) string {
	at = at.UTC()
	day := strconv.Itoa(at.Day())
	if at.Day() == 1 {
		day = l.T("date.first_day")
	}
	return l.T(key, "day", day, "month", l.T(fmt.Sprintf("date.month_%d", at.Month())), "year", strconv.Itoa(at.Year()), "time", at.Format("15:04"))
}
