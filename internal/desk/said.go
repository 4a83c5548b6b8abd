package desk

import "strings"

// Said returns the line of a list for an excerpt: without the mentions and hashtags that it
// begins with, which every report has, and without the hashtags that it ends with. An
// excerpt of nothing else stays.
func Said(excerpt string) string {
	words := strings.Fields(excerpt)
	first, last := 0, len(words)
	for first < last && addresses(words[first]) {
		first++
	}
	for last > first && strings.HasPrefix(words[last-1], "#") && addresses(words[last-1]) {
		last--
	}
	if first == last {
		return excerpt
	}
	return strings.Join(words[first:last], " ")
}

// addresses says whether a word is a mention or a hashtag. A sign alone is none, and neither
// is a number with one ("#3 is broken").
func addresses(word string) bool {
	name := strings.TrimRight(word, ",:;…")
	return len(name) > 1 && (name[0] == '@' || name[0] == '#' && strings.Trim(name[1:], "0123456789") != "")
}

// Said is the issue's line in a list.
func (i Issue) Said() string { return Said(i.Excerpt) }
