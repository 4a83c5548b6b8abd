package as

import (
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
)

// maxID bounds an id or link, in bytes.
const maxID = 2048

// maxLanguage bounds a language tag, in bytes. RFC 5646 §4.4.1 wants room for 35.
const maxLanguage = 64

// list returns the value of a property that may be absent, one value or many.
func (n *node) list(key string) []any {
	switch v := n.fields[key].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// str returns a property that is a string, or the first string of a list.
func (n *node) str(key string) string {
	for _, v := range n.list(key) {
		if s, ok := v.(string); ok {
			return s
		}
	}
	return ""
}

func (n *node) bool(key string) bool {
	b, _ := n.fields[key].(bool)
	return b
}

func (n *node) child(key string) *node {
	for _, v := range n.list(key) {
		if c, ok := v.(*node); ok {
			return c
		}
	}
	return nil
}

// id returns the id of the first value of a property: a string, an object with
// an id or a Link.
func (n *node) id(key string) string {
	for _, v := range n.list(key) {
		if id := idOf(v); id != "" {
			return id
		}
	}
	return ""
}

// ids returns the ids of all values of a property, at most max.
func (n *node) ids(key string, max int) []string {
	var ids []string
	for _, v := range n.list(key) {
		if len(ids) == max {
			break
		}
		if id := idOf(v); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// self returns the object's own id.
func (n *node) self() string { return CheckID(n.str("id")) }

func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return CheckID(v)
	case *node:
		if id := v.self(); id != "" {
			return id
		}
		return CheckID(v.str("href"))
	}
	return ""
}

// CheckID returns s if it is an absolute http or https URL without user
// information, else "". It is never changed: ids are compared bytewise.
func CheckID(s string) string {
	if len(s) > maxID || (!strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://")) {
		return ""
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' || r == '\uFFFD' }) {
		return ""
	}
	if _, err := desk.HostOf(s); err != nil {
		return ""
	}
	return s
}

// recipients returns an audience as received, without empty and overlong entries.
func (n *node) recipients(key string) []string {
	var out []string
	for _, v := range n.list(key) {
		if len(out) == MaxList {
			break
		}
		s, ok := v.(string)
		if c, object := v.(*node); object {
			if s, ok = c.str("id"), true; s == "" { // a Link
				s = c.str("href")
			}
		}
		if ok && s != "" && len(s) <= maxID {
			out = append(out, s)
		}
	}
	return out
}

// links returns the http and https links of a property whose values are
// strings or Link objects (`url`, also `icon` and `image`, whose link is in url).
func (n *node) links(key string) []string {
	var out []string
	for _, v := range n.list(key) {
		if len(out) == MaxList {
			break
		}
		switch v := v.(type) {
		case string:
			out = appendNonEmpty(out, CheckID(v))
		case *node:
			if href := CheckID(v.str("href")); href != "" {
				out = append(out, href)
			} else if v.fields["url"] != nil && key != "url" {
				out = append(out, v.links("url")...)
			}
		}
	}
	return out
}

func (n *node) link(key string) string {
	if l := n.links(key); len(l) > 0 {
		return l[0]
	}
	return ""
}

func appendNonEmpty(list []string, s string) []string {
	if s == "" {
		return list
	}
	return append(list, s)
}

// natural returns a text with its language: the property, else its language
// map, of which the first language in sorted order is taken, "und" last. The
// property is in the language under which the map has the same text, or in the
// only one that the map has: Friendica marks up the two differently. Some put
// the map, or a JSON-LD value with its language, where the text belongs.
func (n *node) natural(key string) (text, language string) {
	m := n.languages(key)
	if s, lang := n.plain(key); s != "" {
		if lang != "" {
			return s, known(lang)
		}
		for _, lang := range sortedLanguages(m) {
			if m[lang] == s || len(m) == 1 && m[lang] != "" {
				return s, known(lang)
			}
		}
		return s, ""
	}
	for _, lang := range sortedLanguages(m) {
		if m[lang] != "" {
			return m[lang], known(lang)
		}
	}
	return "", ""
}

// plain returns the first text of a property, and its language if it is a value
// of JSON-LD, which says that.
func (n *node) plain(key string) (text, language string) {
	for _, v := range n.list(key) {
		switch v := v.(type) {
		case string:
			if v != "" {
				return v, ""
			}
		case *node:
			if s, ok := v.fields["@value"].(string); ok && s != "" {
				lang, _ := v.fields["@language"].(string)
				return s, lang
			}
		}
	}
	return "", ""
}

// languages returns the language map of a property, under the name for
// maps or else where the text belongs; nil without one.
func (n *node) languages(key string) map[string]string {
	m := make(map[string]string)
	if c, ok := n.fields[key+"Map"].(*node); ok {
		c.collectLanguages(m, func(string) bool { return true })
	}
	for _, v := range n.list(key) {
		if c, ok := v.(*node); ok && c.fields["@value"] == nil {
			c.collectLanguages(m, isLanguage)
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

func (n *node) collectLanguages(m map[string]string, fits func(string) bool) {
	for _, lang := range slices.Sorted(maps.Keys(n.fields)) {
		s, ok := n.fields[lang].(string)
		if _, has := m[lang]; ok && !has && len(m) < MaxList && fits(lang) {
			m[lang] = s
		}
	}
}

// isLanguage says whether a key of an object is a language, and not a property
// of what was put where a text belongs.
func isLanguage(key string) bool {
	primary, _, _ := strings.Cut(strings.ReplaceAll(key, "_", "-"), "-")
	if len(primary) < 2 || len(primary) > 3 || len(key) > 35 { // as RFC 5646 has them
		return key == "@none" || key == "i" || strings.HasPrefix(key, "x-")
	}
	return !strings.ContainsFunc(primary, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) && key != "id" && key != "url"
}

func sortedLanguages(m map[string]string) []string {
	langs := slices.Sorted(maps.Keys(m))
	for _, none := range []string{"@none", "und"} {
		if i := slices.Index(langs, none); i >= 0 {
			langs = append(slices.Delete(langs, i, i+1), none)
		}
	}
	return langs
}

// known drops the tags for "undetermined", and a text that is too long for a tag.
func known(lang string) string {
	if lang == "und" || lang == "@none" || len(lang) > maxLanguage {
		return ""
	}
	return lang
}

var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700", // Threads: +0000
	"2006-01-02T15:04:05.999999999",      // no zone: taken as UTC
}

// time returns a date in UTC and microseconds, or the zero time if it cannot be
// read.
func (n *node) time(key string) time.Time {
	s := n.str(key)
	if len(s) > 64 {
		return time.Time{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Microsecond)
		}
	}
	return time.Time{}
}
