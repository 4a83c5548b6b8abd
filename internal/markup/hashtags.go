package markup

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of Hashtags.
const (
	maxHashtags    = 256
	maxHashtagSize = 300 // bytes
)

// Hashtags returns the texts of links that are marked as hashtags, by class
// "hashtag" or rel "tag", with or without a leading #. Some or all of them may be
// missing in the tag property; plain text is never searched.
func Hashtags(remote string) (names []string) {
	defer func() {
		if recover() != nil {
			names = nil
		}
	}()
	if remote = clip(remote, MaxInput); !strings.Contains(remote, "<a") && !strings.Contains(remote, "<A") {
		return nil
	}
	z := html.NewTokenizer(strings.NewReader(remote))
	var skip skipper
	var name strings.Builder
	inside := false
	for z.Next() != html.ErrorToken && len(names) < maxHashtags {
		t := z.Token()
		switch {
		case skip.hides(t):
		case t.Type == html.StartTagToken && t.DataAtom == atom.A:
			name.Reset()
			inside = hasToken(t, "class", "hashtag") || hasToken(t, "rel", "tag")
		case t.Type == html.TextToken && inside && name.Len() <= maxHashtagSize:
			name.WriteString(t.Data)
		case t.Type == html.EndTagToken && t.DataAtom == atom.A:
			if n := strings.TrimSpace(name.String()); inside && isName(n) {
				names = append(names, n)
			}
			inside = false
		}
	}
	return names
}

func isName(s string) bool {
	return strings.TrimPrefix(s, "#") != "" && len(s) <= maxHashtagSize && !strings.ContainsAny(s, " \t\r\n")
}

func hasToken(t html.Token, key, token string) bool {
	return slices.ContainsFunc(strings.Fields(attr(t, key)), func(s string) bool { return strings.EqualFold(s, token) })
}
