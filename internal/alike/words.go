package alike

import (
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/search"
)

const (
	maxWords = 60      // of one report
	maxText  = 8 << 10 // bytes of one report
	copied   = 3       // accounts that send one text
	quarter  = 15 * time.Minute
	window   = time.Hour

	mostStrangers = 3 // accounts that a report mentions beside the desk
	fewWords      = 5 // a report of fewer, with such a mention, says nothing
	pairsOfWord   = 3 // as many characters say as much as a word

	longText, runOfWords      = 8, 5   // from so many words on a text may be a copy; so many in a row are compared
	longUnspaced, runUnspaced = 24, 12 // the same in characters, of scripts without spaces
)

// view is all reports, with their words as numbers.
type view struct {
	reports []Report
	known   Known
	words   []string       // by number
	service []int          // by number: which service it is, or -1
	named   map[int32]bool // words of services
	of      [][]int32      // the words of a report, without those that say nothing
	calls   [][]int        // its calls, by their place in known.Calls
	voice   []int32        // the person of a report; those who send one text are one
	passed  []bool         // it is a copy, or shouts at strangers: no part of a crowd
	at      [][]int32      // by word: its reports, one a voice, by time
	taken   []bool         // the report belongs to a crowd already
	claimed []bool         // by word: a crowd grew from it, or none could
}

// reader turns texts into words.
type reader struct {
	*view
	numbers map[string]int32
	folded  map[string]string
	silent  map[string]bool // names, calls and small words
	call    map[string]int
	service [][]string // the words of each service
}

func read(reports []Report, known Known) *view {
	n := len(reports)
	v := &view{reports: reports, known: known, of: make([][]int32, n), calls: make([][]int, n), voice: make([]int32, n),
		passed: make([]bool, n), named: map[int32]bool{}, taken: make([]bool, n)}
	r := &reader{view: v, numbers: map[string]int32{}, folded: map[string]string{}, silent: map[string]bool{}, call: map[string]int{}}
	for _, t := range known.Names {
		r.silent[desk.FoldTag(t)] = true
	}
	for n, t := range known.Calls {
		r.call[desk.FoldTag(t)] = n
	}
	for n, s := range known.Services {
		r.service = append(r.service, r.terms(s))
		v.number(r.numbers, "\x00"+s, n)
		for _, w := range r.service[n] {
			v.named[v.number(r.numbers, w, -1)] = true
		}
	}
	voices := map[desk.ActorID]int32{}
	runs := newRuns()
	for n := range reports {
		id, ok := voices[reports[n].Person]
		if !ok {
			id = int32(len(voices))
			voices[reports[n].Person] = id
		}
		v.voice[n] = id
		v.of[n], v.calls[n] = r.report(reports[n])
		v.passed[n] = reports[n].Shouts()
		runs.add(n, id, spoken(reports[n].Text))
	}
	runs.mark(v)
	v.post()
	return v
}

// number gives a word its number.
func (v *view) number(numbers map[string]int32, w string, service int) int32 {
	n, ok := numbers[w]
	if !ok {
		n = int32(len(v.words))
		numbers[w] = n
		v.words = append(v.words, w)
		v.service = append(v.service, service)
	}
	return n
}

// report reads one report.
func (r *reader) report(p Report) (words []int32, calls []int) {
	text := spoken(p.Text)
	had := map[string]bool{}
	for _, t := range slices.Concat(r.terms(text), r.terms(strings.Join(p.Tags, " "))) {
		if had[t] {
			continue
		}
		had[t] = true
		if n, ok := r.call[t]; ok {
			if !slices.Contains(calls, n) {
				calls = append(calls, n)
			}
			continue
		}
		if len(words) < maxWords && !r.silent[t] && !small[t] && says(t) {
			words = append(words, r.number(r.numbers, t, -1))
		}
	}
	for n, service := range r.service {
		if len(service) > 0 && !slices.ContainsFunc(service, func(w string) bool { return !had[w] }) {
			words = append(words, r.numbers["\x00"+r.known.Services[n]])
		}
	}
	return words, calls
}

// terms are the different words of a text, folded like tags; of scripts without
// spaces the pairs. The index has more terms of a text: a word is found by its parts.
func (r *reader) terms(text string) (out []string) {
	had := map[string]bool{}
	for _, w := range parts(text) {
		f, ok := r.folded[w]
		if !ok {
			f = desk.FoldTag(w)
			r.folded[w] = f
		}
		if !had[f] {
			had[f] = true
			out = append(out, f)
		}
	}
	return out
}

// spoken is a text without addresses and mentions, and not longer than is read.
func spoken(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	fields := strings.Fields(text)
	said := fields[:0]
	for _, f := range fields {
		if !strings.HasPrefix(f, "@") && !isLink(f) {
			said = append(said, f)
		}
	}
	return apart(strings.Join(said, " "))
}

// apart puts a space between scripts with and without spaces: a name in Latin
// letters inside a Japanese sentence is a word.
func apart(text string) string {
	if !strings.ContainsFunc(text, search.Unspaced) {
		return text
	}
	var b strings.Builder
	was := ' '
	for _, r := range text {
		if unicode.IsLetter(was) && unicode.IsLetter(r) && r != longVowel && was != longVowel && search.Unspaced(was) != search.Unspaced(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		was = r
	}
	return b.String()
}

// longVowel is written between Katakana, and of no script.
const longVowel = 'ー'

// says leaves out what is no word: single letters, times and small numbers, and
// pairs with a Hiragana, which are mostly grammar.
func says(t string) bool {
	switch n := utf8.RuneCountInString(t); {
	case n < 2:
		return false
	case strings.ContainsFunc(t, func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }):
		return false
	case !strings.ContainsFunc(t, unicode.IsLetter):
		return n == 3 // an error's number
	}
	return true
}

// post lists the reports of each word, one a voice.
func (v *view) post() {
	v.at = make([][]int32, len(v.words))
	v.claimed = make([]bool, len(v.words))
	had := map[uint64]bool{}
	for n, words := range v.of {
		if v.passed[n] {
			continue
		}
		for _, w := range words {
			if key := uint64(v.voice[n])<<32 | uint64(w); !had[key] {
				had[key] = true
				v.at[w] = append(v.at[w], int32(n))
			}
		}
	}
}

// runs finds texts that several accounts send, word by word, or with a word changed
// here and there: then most of their runs of words are those of others too. Of
// thousands of people many say the same few words; so it takes a share of all.
type runs struct {
	of    [][]uint64
	whole []uint64
	users map[uint64]int // the voices of a run or a whole text
	had   map[[2]uint64]bool
}

func newRuns() *runs { return &runs{users: map[uint64]int{}, had: map[[2]uint64]bool{}} }

func (r *runs) add(n int, voice int32, text string) {
	r.of, r.whole = append(r.of, nil), append(r.whole, 0)
	words := wordsIn(text)
	least, run := long(text)
	if len(words) < least {
		return
	}
	count := func(words []string) uint64 {
		h := fnv.New64a()
		_, _ = io.WriteString(h, strings.Join(words, " "))
		sum := h.Sum64()
		if key := [2]uint64{sum, uint64(voice)}; !r.had[key] {
			r.had[key] = true
			r.users[sum]++
		}
		return sum
	}
	r.whole[n] = count(words)
	for i := 0; i+run <= len(words) && i < maxWords; i++ {
		r.of[n] = append(r.of[n], count(words[i:i+run]))
	}
}

// mark marks the copies.
func (r *runs) mark(v *view) {
	many := max(copied, len(v.reports)/50)
	for n, runs := range r.of {
		others := 0
		for _, h := range runs {
			if r.users[h] >= many {
				others++
			}
		}
		v.passed[n] = v.passed[n] || len(runs) > 0 && (r.users[r.whole[n]] >= copied || 10*others >= 6*len(runs))
	}
}
