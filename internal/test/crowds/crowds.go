// Package crowds makes up the reports of a bad day, the same each time: people who
// tell one outage in their own words and five languages, those who tell of
// something else, and those who send rubbish.
package crowds

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Post is one report, and what it is about in truth.
type Post struct {
	Person   string // an actor id
	At       time.Time
	Text     string
	Tags     []string
	Language string
	// Strangers are those whom it mentions beside the desk.
	Strangers []string
	About     About
}

// About is what a post is about.
type About string

// What posts are about.
const (
	Internet About = "internet" // no internet in the Ostviertel
	Mail     About = "mail"     // nobody can sign in to their mail
	Own      About = "own"      // a matter of their own
	Rubbish  About = "rubbish"
)

// Day makes up posts.
type Day struct {
	rand   *rand.Rand
	people int
}

// New returns a day; of one seed always the same.
func New(seed uint64) *Day { return &Day{rand: rand.New(rand.NewPCG(seed, 13))} }

// Services are the services and places that a desk may have told of.
var Services = []string{"Internet", "E-Mail", "Ostviertel"}

// Names and Calls are the tags of the desk.
var (
	Names = []string{"acme", "acmenet"}
	Calls = []string{"fail", "down", "broken", "help", "outage", "störung", "panne", "caído", "障害"}
)

var languages = []string{"de", "en", "fr", "es", "ja"}

func (d *Day) pick(from []string) string { return from[d.rand.IntN(len(from))] }

func (d *Day) maybe(p float64, s string) string {
	if d.rand.Float64() < p {
		return s
	}
	return ""
}

// person is somebody new. Half of a crowd are on one big server.
func (d *Day) person() string {
	d.people++
	if d.rand.IntN(2) == 0 {
		return fmt.Sprintf("https://big.example/users/p%d", d.people)
	}
	return fmt.Sprintf("https://s%d.example/users/p%d", d.rand.IntN(40), d.people)
}

// during is a time: more in the beginning than later.
func (d *Day) during(from time.Time, long time.Duration) time.Time {
	x := d.rand.Float64()
	return from.Add(time.Duration(x * x * float64(long))).Truncate(time.Microsecond)
}

// Outage is n people who tell of one outage in so long a time. Some say only that
// something is down.
func (d *Day) Outage(about About, n int, from time.Time, long time.Duration, in ...string) (out []Post) {
	if len(in) == 0 {
		in = languages
	}
	for range n {
		lang := d.pick(in)
		w := told[about][lang]
		parts := []string{d.maybe(0.4, d.pick(openings[lang])), d.maybe(0.8, d.pick(w.what)), d.maybe(0.7, d.pick(w.where)), d.maybe(0.35, d.pick(w.sign)),
			d.maybe(0.5, d.since(lang, from)), d.maybe(0.4, d.pick(endings[lang]))}
		if d.rand.IntN(3) == 0 {
			parts[1], parts[2] = parts[2], parts[1]
		}
		out = append(out, d.post(about, lang, d.during(from, long), parts))
	}
	return out
}

// since is a time as people say it, never far off.
func (d *Day) since(lang string, from time.Time) string {
	at := from.Add(time.Duration(d.rand.IntN(12)) * time.Minute).Format("15:04")
	return strings.ReplaceAll(d.pick(map[string][]string{
		"de": {"seit %", "seit etwa %", "seit einer halben Stunde"}, "en": {"since %", "since about %", "for half an hour now"},
		"fr": {"depuis %", "depuis environ %", "depuis une demi-heure"}, "es": {"desde las %", "desde hace media hora"},
		"ja": {"%から", "30分前から"},
	}[lang]), "%", at)
}

func (d *Day) post(about About, lang string, at time.Time, parts []string) Post {
	space := " "
	if lang == "ja" {
		space = "、"
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	text := d.slips(strings.Join(parts, space))
	tags := []string{d.pick(Names), d.pick(calls[lang])}
	p := Post{Person: d.person(), At: at, Language: lang, Tags: tags, About: about}
	p.Text = strings.TrimSpace(text + " #" + tags[0] + " #" + tags[1])
	if d.rand.IntN(12) == 0 {
		p.Language = "" // not every server says it
	}
	return p
}

// slips are the slips of the keyboard: one word in fifty.
func (d *Day) slips(text string) string {
	words := strings.Split(text, " ")
	for n, w := range words {
		if r := []rune(w); len(r) > 4 && d.rand.IntN(50) == 0 {
			i := 1 + d.rand.IntN(len(r)-2)
			words[n] = string(r[:i]) + string(r[i+1:])
		}
	}
	return strings.Join(words, " ")
}

// Usual are n posts of people who each have a matter of their own.
func (d *Day) Usual(n int, from time.Time, long time.Duration) (out []Post) {
	for range n {
		lang := d.pick(languages)
		m := matters[lang]
		at := from.Add(time.Duration(d.rand.Int64N(int64(long)))).Truncate(time.Microsecond)
		parts := []string{d.maybe(0.4, d.pick(openings[lang])), d.pick(m.thing), d.pick(m.trouble), d.maybe(0.5, d.pick(m.more)), d.maybe(0.4, d.pick(endings[lang]))}
		out = append(out, d.post(Own, lang, at, parts))
	}
	return out
}

// Wave is what came in February 2024: fresh accounts on hundreds of small servers,
// each of which mentions strangers, and a picture or a link.
func (d *Day) Wave(n int, from time.Time, long time.Duration) (out []Post) {
	for range n {
		p := Post{Person: fmt.Sprintf("https://small%d.example/users/%x", d.rand.IntN(400), d.rand.Uint64()), At: d.during(from, long), Language: "ja", About: Rubbish}
		text := "@help@acme.example"
		for range 1 + d.rand.IntN(4) {
			s := fmt.Sprintf("u%d@s%d.example", d.rand.IntN(5000), d.rand.IntN(300))
			p.Strangers = append(p.Strangers, s)
			text += " @" + s
		}
		p.Text = text + d.maybe(0.5, " https://chat.example/"+fmt.Sprintf("%x", d.rand.Uint32())) + d.maybe(0.3, " "+d.pick([]string{"見て", "荒らし共栄圏", "join us", "!!!"}))
		out = append(out, p)
	}
	return out
}

// Copies is one text that many accounts send within so long a time, with a word
// changed here and there.
func (d *Day) Copies(n int, from time.Time, long time.Duration) (out []Post) {
	for range n {
		p := Post{Person: d.person(), At: d.during(from, long), Language: "en", Tags: []string{"acme", "fail"}, About: Rubbish}
		p.Text = fmt.Sprintf("Tired of Acme outages? Switch to %s fibre today and get three months free, no contract, no setup fee, only this week! https://offer.example/%x #acme #fail",
			d.pick([]string{"Zappo", "Zappo-Net", "the new Zappo"}), d.rand.Uint32())
		out = append(out, p)
	}
	return out
}

// Mixed puts posts into the order of time.
func Mixed(lists ...[]Post) []Post {
	out := slices.Concat(lists...)
	slices.SortStableFunc(out, func(a, b Post) int { return a.At.Compare(b.At) })
	return out
}
