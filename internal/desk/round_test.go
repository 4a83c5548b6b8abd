package desk

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The hundred first of a server hear at once, then one a second, a thousand a day.
func TestPace(t *testing.T) {
	for n, want := range map[int]int{0: 0, 99: 0, 100: 1, 101: 2, 999: 900, 1000: 86_400, 1099: 86_400, 1100: 86_401, 2500: 2*86_400 + 401} {
		if got := DefaultPace.Slot(n); got != want {
			t.Errorf("number %d has second %d, want %d", n, got, want)
		}
	}
}

func TestRoundHalts(t *testing.T) {
	for _, tt := range []struct {
		name                string
		written, objections int
		flags               []Domain
		seen                RoundFigures
		want                bool
	}{
		{"few told", 49, 49, nil, RoundFigures{}, false},
		{"two in a hundred", 100, 2, nil, RoundFigures{}, false},
		{"three in a hundred", 100, 3, nil, RoundFigures{}, true},
		{"two in fifty", 50, 2, nil, RoundFigures{}, true},
		{"complaints of one server", 10, 3, []Domain{"a"}, RoundFigures{}, false},
		{"complaints of two servers", 10, 2, []Domain{"a", "b"}, RoundFigures{}, true},
		{"looked at", 100, 3, []Domain{"a", "b"}, RoundFigures{100, 3, 2}, false},
		{"looked at, and more came", 150, 5, nil, RoundFigures{100, 3, 0}, true},
	} {
		r := Round{Written: tt.written, Objections: tt.objections, FlaggedBy: tt.flags, Seen: tt.seen}
		if r.Halts() != tt.want {
			t.Errorf("%s: halts is %v", tt.name, !tt.want)
		}
	}
}

// A voice counts once however often it objects, and a server's complaints once.
func TestRoundObjects(t *testing.T) {
	r := Round{State: RoundTelling, Written: 60}
	a, b := RoundVoice{}, RoundVoice{}
	if r.Objects(&a, ObjectionStop, "") || r.Objects(&a, ObjectionBlock, "") || r.Objects(&a, ObjectionFlag, "m") || r.Objects(&a, ObjectionFlag, "m") {
		t.Errorf("one of sixty halts: %+v", r)
	}
	if !r.Objects(&b, ObjectionBlock, "") || r.Objections != 2 || len(r.FlaggedBy) != 1 || a.Objection != ObjectionStop {
		t.Errorf("%+v, %+v", r, a)
	}
}

// Pausing moves the times of those who wait; a stopped round never goes on.
func TestRoundHolds(t *testing.T) {
	r := Round{State: RoundReady, At: noon}
	if ErrorID(r.Hold(RoundPaused, noon)) != "round_state" {
		t.Error("what has not begun was paused")
	}
	r.Begin()
	r.RestFrom = noon.Add(time.Minute)
	if _, ok := (Round{}).Due(0); ok {
		t.Error("the rest is due before the first were told")
	}
	step := r.Step
	if err := r.Hold(RoundPaused, noon); err != nil || r.Step == step {
		t.Errorf("%v, %+v", err, r)
	}
	if err := r.Resume(noon.Add(time.Hour)); err != nil || r.State != RoundTelling {
		t.Errorf("%v, %+v", err, r)
	}
	if due, _ := r.Due(30); due != noon.Add(time.Hour+time.Minute+30*time.Second) {
		t.Errorf("after an hour's pause the slot is at %s", due)
	}
	if err := r.Hold(RoundStopped, noon); err != nil {
		t.Error(err)
	}
	r.Begin()
	if r.State != RoundStopped || ErrorID(r.Resume(noon)) != "round_resume" || ErrorID(r.Hold(RoundStopped, noon)) != "round_state" {
		t.Errorf("a stopped round goes on: %+v", r)
	}
}

// A reply says why its reader gets it and how to end it, in the language of its
// words, and fits where it is read.
func TestTold(t *testing.T) {
	r := Round{Text: "A cable was cut. ^BO", Language: "en", Versions: map[string]string{"de-AT": "Ein Kabel ist ab. ^BO"}, Status: StatusInProgress}
	tags := Issue{Heard: HeardTags, Keys: []string{"acme", "fail"}}
	text, language := r.Told(tags, "fr", 10, 500, "https://x.example/p")
	if want := "A cable was cut. ^BO\n\nYou get this because you posted about it with the tags acme, fail. Answer “stop”, and we write no more."; text != want || language != "en" {
		t.Errorf("%s: %s", language, text)
	}
	r.Status = StatusFixed
	text, language = r.Told(Issue{Heard: HeardMention, Invited: true}, "de", 10, 500, "https://x.example/p")
	if want := "Ein Kabel ist ab. ^BO\n\nGeht es bei Ihnen wieder?\n\nSie bekommen das, weil Sie uns darüber geschrieben haben. Antworten Sie „stop“, dann schreiben wir nicht mehr."; text != want || language != "de-AT" {
		t.Errorf("%s: %s", language, text)
	}
	r.Text = strings.Repeat("long words ", 200) + "^BO"
	text, _ = r.Told(tags, "en", 15, 500, "https://x.example/p")
	if n := utf8.RuneCountInString(text) + 15; n > 500 || !strings.Contains(text, "… https://x.example/p ^BO\n\nDoes it work") || !strings.HasSuffix(text, "write no more.") {
		t.Errorf("%d characters: %s", n, text)
	}
}

func TestRoundWordsInAllLanguages(t *testing.T) {
	for language := range incidentLines {
		if w := roundLines[language]; strings.Count(w.tags, "%s") != 1 || !strings.Contains(w.wrote, "stop") || w.ask == "" {
			t.Errorf("%s: %+v", language, w)
		}
	}
}

func TestAffirms(t *testing.T) {
	for text, want := range map[string]bool{
		"Works again, thanks!": true, "👍": false, "Danke! 🙏": true, "ja, geht wieder": true, "Yes, it's working again.": true, "¡Gracias!": true, "Ça marche de nouveau, merci !": true,
		"": false, "still broken": false, "works again, but slow": false, "yes?": false, "It works, and now my phone fails": false, "nein": false,
	} {
		if Affirms(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
