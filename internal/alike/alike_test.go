package alike

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/test/cost"
	"earshot/internal/test/crowds"
)

var (
	now   = time.Date(2026, 3, 11, 14, 10, 0, 0, time.UTC)
	began = now.Add(-30 * time.Minute)
	day   = 24 * time.Hour
)

func reportsOf(posts []crowds.Post) (out []Report, about map[desk.IssueID]crowds.About) {
	about = map[desk.IssueID]crowds.About{}
	for n, p := range posts {
		id := desk.IssueID(fmt.Sprintf("%06d", n))
		out = append(out, Report{Issue: id, Person: desk.ActorID(p.Person), At: p.At, Text: p.Text, Tags: p.Tags, Language: p.Language, Strangers: len(p.Strangers)})
		about[id] = p.About
	}
	return out, about
}

func known(services ...string) Known {
	return Known{Names: crowds.Names, Calls: crowds.Calls, Services: services, Since: now.Add(-day), Now: now}
}

// score compares suggestions with the truth: each crowd counts as what most of it
// is about.
type score struct {
	found, right, all map[crowds.About]int
	crowds            map[crowds.About]int
}

func rate(got []Crowd, about map[desk.IssueID]crowds.About) score {
	s := score{map[crowds.About]int{}, map[crowds.About]int{}, map[crowds.About]int{}, map[crowds.About]int{}}
	for _, a := range about {
		s.all[a]++
	}
	for _, c := range got {
		in := map[crowds.About]int{}
		for _, i := range c.Issues {
			in[about[i]]++
		}
		most := crowds.Own
		for _, a := range []crowds.About{crowds.Internet, crowds.Mail, crowds.Rubbish} {
			if in[a] > in[most] {
				most = a
			}
		}
		s.crowds[most]++
		s.found[most] += len(c.Issues)
		s.right[most] += in[most]
	}
	return s
}

func (s score) precision(a crowds.About) float64 {
	return float64(s.right[a]) / float64(max(s.found[a], 1))
}
func (s score) recall(a crowds.About) float64 { return float64(s.right[a]) / float64(max(s.all[a], 1)) }

func sentence(c Crowd) string {
	var words []string
	for _, w := range slices.Concat(c.Services, c.Words) {
		words = append(words, fmt.Sprintf("%s (%d)", w.Text, w.People))
	}
	return fmt.Sprintf("%d people on %d servers since %s: %s", c.People, c.Servers, c.Since.Format("15:04"), strings.Join(words, ", "))
}

// Crowds are found in what people say, and what else is said then is left out.
func TestCrowdsAreFound(t *testing.T) {
	tests := []struct {
		name      string
		posts     func(*crowds.Day) []crowds.Post
		services  []string
		want      []crowds.About
		precision float64
		recall    float64
	}{
		{"forty people in five languages, and a usual day", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(120, now.Add(-day), day), d.Outage(crowds.Internet, 40, began, 30*time.Minute))
		}, nil, []crowds.About{crowds.Internet}, 0.95, 0.75},
		{"the same with services", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(120, now.Add(-day), day), d.Outage(crowds.Internet, 40, began, 30*time.Minute))
		}, crowds.Services, []crowds.About{crowds.Internet}, 0.95, 0.75},
		{"four hundred on a busy day", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(600, now.Add(-day), day), d.Outage(crowds.Internet, 400, began, 15*time.Minute))
		}, nil, []crowds.About{crowds.Internet}, 0.95, 0.75},
		{"a dozen in ten minutes", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(20, now.Add(-day), day), d.Outage(crowds.Mail, 12, began, 10*time.Minute, "en"))
		}, nil, []crowds.About{crowds.Mail}, 0.9, 0.55},
		{"a desk without history", func(d *crowds.Day) []crowds.Post { return d.Outage(crowds.Internet, 60, began, 20*time.Minute) }, nil, []crowds.About{crowds.Internet}, 0.95, 0.75},
		{"two outages at once", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(120, now.Add(-day), day), d.Outage(crowds.Internet, 80, began, 20*time.Minute), d.Outage(crowds.Mail, 50, began.Add(5*time.Minute), 20*time.Minute))
		}, nil, []crowds.About{crowds.Internet, crowds.Mail}, 0.95, 0.55},
		{"a wave of rubbish beside it", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(120, now.Add(-day), day), d.Outage(crowds.Internet, 60, began, 20*time.Minute), d.Wave(600, began, 30*time.Minute), d.Copies(80, began, 30*time.Minute))
		}, nil, []crowds.About{crowds.Internet}, 0.95, 0.75},
		{"a busy usual day", func(d *crowds.Day) []crowds.Post { return d.Usual(600, now.Add(-day), day) }, nil, nil, 0, 0},
		{"a wave of rubbish", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(60, now.Add(-day), day), d.Wave(600, began, 30*time.Minute))
		}, nil, nil, 0, 0},
		{"one text from many accounts", func(d *crowds.Day) []crowds.Post {
			return crowds.Mixed(d.Usual(60, now.Add(-day), day), d.Copies(200, began, 30*time.Minute))
		}, nil, nil, 0, 0},
	}
	const days = 10
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sum := score{map[crowds.About]int{}, map[crowds.About]int{}, map[crowds.About]int{}, map[crowds.About]int{}}
			shown := ""
			for seed := range uint64(days) {
				posts, about := reportsOf(tt.posts(crowds.New(seed)))
				got := Suggest(posts, known(tt.services...))
				s := rate(got, about)
				for _, m := range []struct{ to, from map[crowds.About]int }{{sum.found, s.found}, {sum.right, s.right}, {sum.all, s.all}, {sum.crowds, s.crowds}} {
					for a, n := range m.from {
						m.to[a] += n
					}
				}
				if len(got) > 0 {
					shown = sentence(got[len(got)-1])
				}
			}
			for _, a := range tt.want {
				t.Logf("%s: %d of %d days, %d crowds; precision %.3f, recall %.3f; %s", a, days, days, sum.crowds[a], sum.precision(a), sum.recall(a), shown)
				if p, r := sum.precision(a), sum.recall(a); p < tt.precision || r < tt.recall || sum.crowds[a] < days || sum.crowds[a] > days*3/2 {
					t.Errorf("%s in %d crowds of %d days: precision %.3f, recall %.3f; at least %.2f and %.2f", a, sum.crowds[a], days, p, r, tt.precision, tt.recall)
				}
			}
			for a, n := range sum.crowds {
				if !slices.Contains(tt.want, a) && n > 0 {
					t.Errorf("%d crowds are about %s: %s", n, a, shown)
				}
			}
		})
	}
}

// The order in which reports are given does not matter.
func TestSuggestIsDeterministic(t *testing.T) {
	d := crowds.New(7)
	posts, _ := reportsOf(crowds.Mixed(d.Usual(200, now.Add(-day), day), d.Outage(crowds.Internet, 60, began, 20*time.Minute), d.Outage(crowds.Mail, 40, began, 20*time.Minute)))
	want := Suggest(posts, known(crowds.Services...))
	for range 5 {
		slices.Reverse(posts)
		if got := Suggest(posts, known(crowds.Services...)); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, then %v", want, got)
		}
	}
}

// say makes reports of one language, a minute apart, each of another person.
func say(texts ...string) (out []Report) {
	for n, text := range texts {
		out = append(out, Report{Issue: desk.IssueID(fmt.Sprintf("%03d", n)), Person: desk.ActorID(fmt.Sprintf("https://s%d.example/u", n)),
			At: began.Add(time.Duration(n) * time.Minute), Text: text, Tags: []string{"acme", "down"}})
	}
	return out
}

func TestSmallCrowds(t *testing.T) {
	one := say("Hafenstraße dark", "power gone, Hafenstrasse", "HAFENSTRASSE nothing", "again hafenstraße", "the whole hafenstraße")
	same := say("Hafenstraße dark", "power gone, Hafenstrasse", "HAFENSTRASSE nothing", "again hafenstraße", "the whole hafenstraße")
	for n := range same {
		same[n].Person = "https://s1.example/u"
	}
	early := say("Hafenstraße dark", "power gone, Hafenstrasse", "HAFENSTRASSE nothing", "again hafenstraße", "the whole hafenstraße")
	for n := range early {
		early[n].At = now.Add(-day + time.Duration(n)*4*time.Hour)
	}
	tests := []struct {
		name     string
		reports  []Report
		services []string
		people   int // 0: no crowd
		words    string
	}{
		{"five with one word, however it is written", one, nil, 5, "hafenstraße"},
		{"five with a place of the desk", one, []string{"Hafenstraße"}, 5, "Hafenstraße"},
		{"four", one[:4], nil, 0, ""},
		{"one person five times", same, nil, 0, ""},
		{"spread over a day", early, nil, 0, ""},
		{"accents", say("Łódź", "lodz offline", "LODZ", "in Łódź now", "łódź zone"), nil, 5, "Łódź"},
		{"a script without spaces", say("渋谷区で停電", "停電です渋谷区", "渋谷区また停電", "渋谷区停電なう", "渋谷区は停電中"), nil, 5, "停電, 渋谷区"},
		{"Thai", say("สยามเน็ตล่ม", "เน็ตล่มที่สยาม", "สยามไม่มีเน็ต", "สยามเน็ตหาย", "แถวสยามเน็ตล่ม"), nil, 5, "สยาม"},
		{"only what everybody says", say("it is down again", "down again here", "why is it down", "not working", "still not working here"), nil, 0, ""},
		{"only the desk's tags", say("#acme #down", "#acme #down", "#down #acme", "#acme #down", "#acme #down"), nil, 0, ""},
		{"addresses are no words", say("https://a.example/hafen", "https://a.example/hafen", "https://a.example/hafen", "https://a.example/hafen", "https://a.example/hafen"), nil, 0, ""},
		{"none", nil, nil, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Suggest(tt.reports, known(tt.services...))
			if tt.people == 0 {
				if len(got) > 0 {
					t.Errorf("got %s", sentence(got[0]))
				}
				return
			}
			if len(got) != 1 || got[0].People != tt.people || len(got[0].Issues) != tt.people {
				t.Fatalf("got %v", got)
			}
			var words []string
			for _, w := range slices.Concat(got[0].Services, got[0].Words) {
				words = append(words, w.Text)
			}
			if s := strings.Join(words, ", "); !strings.Contains(s, tt.words) {
				t.Errorf("it shares %q, want %q", s, tt.words)
			}
			if c := got[0].Calls; len(c) != 1 || c[0] != (Word{"down", tt.people}) {
				t.Errorf("the calls are %v", c)
			}
		})
	}
}

func TestTwentyThousand(t *testing.T) {
	d := crowds.New(3)
	posts, about := reportsOf(crowds.Mixed(d.Usual(2000, now.Add(-day), day), d.Outage(crowds.Internet, 18000, began, 20*time.Minute)))
	start := time.Now()
	got := Suggest(posts, known(crowds.Services...))
	took := time.Since(start)
	s := rate(got, about)
	t.Logf("%v; precision %.3f, recall %.3f", took, s.precision(crowds.Internet), s.recall(crowds.Internet))
	if s.precision(crowds.Internet) < 0.9 || s.recall(crowds.Internet) < 0.7 {
		t.Errorf("precision %.3f, recall %.3f", s.precision(crowds.Internet), s.recall(crowds.Internet))
	}
}

func TestCost(t *testing.T) {
	cost.NLogN(t, 150_000, func(n int) func() {
		d := crowds.New(1)
		n /= 120 // bytes of a report
		posts, _ := reportsOf(crowds.Mixed(d.Usual(n/2, now.Add(-day), day), d.Outage(crowds.Internet, n/4, began, 20*time.Minute), d.Outage(crowds.Mail, n/4, began, 20*time.Minute)))
		return func() { Suggest(posts, known(crowds.Services...)) }
	})
}
