package alike

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/search"
)

const (
	maxShown    = 4   // words of an explanation
	maxJoined   = 3   // words that are shown as one
	maxRead     = 400 // reports that are read for it
	shownShare  = 0.1 // a shown word is said by so many of the people, at least
	joinedShare = 0.6 // two words are shown as one if so many of those who say the rarer one say them together,
	joinedLeast = 0.4 // and so many of those who say the other
)

// explain says why a crowd is one.
func (v *view) explain(c *crowd) Crowd {
	out := Crowd{People: v.people(c.members), Weights: v.most(c), Since: v.time(c.members[0]), Last: v.time(c.members[len(c.members)-1])}
	hosts, languages, calls := map[desk.Host]bool{}, map[string]int{}, map[int]map[int32]bool{}
	said := map[int32]map[int32]bool{} // the voices of a word
	for _, n := range c.members {
		r := v.reports[n]
		out.Issues = append(out.Issues, r.Issue)
		hosts[r.Person.Host()] = true
		languages[r.Language]++
		for _, call := range v.calls[n] {
			add(calls, call, v.voice[n])
		}
		for _, w := range v.of[n] {
			add(said, w, v.voice[n])
		}
	}
	out.Servers = len(hosts)
	out.Languages = slices.SortedFunc(maps.Keys(languages), func(a, b string) int {
		return cmp.Or(cmp.Compare(languages[b], languages[a]), cmp.Compare(a, b))
	})
	for call, who := range calls {
		out.Calls = append(out.Calls, Word{Text: v.known.Calls[call], People: len(who)})
	}
	var words []int32
	for _, w := range sorted(c.weight) {
		people := len(said[w])
		if v.service[w] >= 0 && people >= 3 {
			out.Services = append(out.Services, Word{Text: v.known.Services[v.service[w]], People: people})
		} else if !v.named[w] && float64(people) >= shownShare*float64(out.People) && people >= 3 {
			words = append(words, w)
		}
	}
	byPeople(out.Services)
	byPeople(out.Calls)
	slices.SortFunc(words, func(a, b int32) int {
		return cmp.Or(cmp.Compare(float64(len(said[b]))*c.weight[b], float64(len(said[a]))*c.weight[a]), cmp.Compare(v.words[a], v.words[b]))
	})
	out.Words = v.spell(c, words, said)
	for n := range v.reports {
		if v.passed[n] && !v.reports[n].At.Before(out.Since) && !v.reports[n].At.After(out.Last) {
			out.Passed++
		}
	}
	return out
}

func add[K comparable](m map[K]map[int32]bool, k K, voice int32) {
	if m[k] == nil {
		m[k] = map[int32]bool{}
	}
	m[k][voice] = true
}

func byPeople(words []Word) {
	slices.SortFunc(words, func(a, b Word) int { return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Text, b.Text)) })
}

// spell writes words as most people of the crowd wrote them. Words that stand
// together are written together.
func (v *view) spell(c *crowd, words []int32, said map[int32]map[int32]bool) (out []Word) {
	words = words[:min(len(words), 6*maxShown)]
	wanted := map[string]int{}
	for n, w := range words {
		wanted[v.words[w]] = n
	}
	spelled := make([]map[string]int, len(words))
	after := map[[2]int]int{} // how often one follows the other
	seen := make([]int, len(words))
	step := max(len(c.members)/maxRead, 1)
	for n := 0; n < len(c.members); n += step {
		last := -1
		for _, p := range parts(spoken(v.reports[c.members[n]].Text)) {
			w, ok := wanted[desk.FoldTag(p)]
			if !ok {
				last = -1
				continue
			}
			if spelled[w] == nil {
				spelled[w] = map[string]int{}
			}
			spelled[w][p]++
			seen[w]++
			if last >= 0 && last != w {
				after[[2]int{last, w}]++
			}
			last = w
		}
	}
	text := make([]string, len(words))
	for w := range words {
		text[w] = v.words[words[w]]
		for s, n := range spelled[w] {
			if best := spelled[w][text[w]]; n > best || n == best && s < text[w] {
				text[w] = s
			}
		}
	}
	used := make([]bool, len(words))
	joins := func(a, b int) bool {
		together := float64(after[[2]int{a, b}])
		return together >= joinedShare*float64(max(min(seen[a], seen[b]), 1)) && together >= joinedLeast*float64(max(seen[a], seen[b]))
	}
	for w := range words {
		if used[w] || len(out) == maxShown {
			continue
		}
		used[w] = true
		head, tail := w, w
		word := Word{Text: text[w], People: len(said[words[w]])}
		for other, parts := 0, 1; other < len(words) && parts < maxJoined; other++ {
			switch {
			case used[other]:
				continue
			case joins(tail, other):
				word.Text, tail = joined(word.Text, text[other]), other
			case joins(other, head):
				word.Text, head = joined(text[other], word.Text), other
			default:
				continue
			}
			used[other] = true
			word.People = min(word.People, len(said[words[other]]))
			if strings.Contains(word.Text, " ") {
				parts++
			}
			other = -1 // the new ends may join those before
		}
		out = append(out, word)
	}
	return out
}

// parts are the words of a text as they are written, and the pairs of scripts
// without spaces.
func parts(text string) (out []string) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }) {
		if !strings.ContainsFunc(w, search.Unspaced) {
			out = append(out, w)
			continue
		}
		runes := []rune(w)
		for i := 0; i+1 < len(runes); i++ {
			out = append(out, string(runes[i:i+2]))
		}
	}
	return out
}

// joined writes two words as one: pairs that overlap without what they share.
func joined(a, b string) string {
	_, n := utf8.DecodeLastRuneInString(a)
	if last := a[len(a)-n:]; strings.ContainsFunc(a, search.Unspaced) && strings.HasPrefix(b, last) {
		return a + b[len(last):]
	}
	return a + " " + b
}
