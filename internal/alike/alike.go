package alike

import (
	"cmp"
	"slices"
	"time"

	"earshot/internal/desk"
)

// Report is what is compared of an issue's report.
type Report struct {
	Issue    desk.IssueID
	Person   desk.ActorID
	At       time.Time
	Text     string
	Tags     []string
	Language string
	// Strangers is how many accounts it mentions beside the desk.
	Strangers int
}

// Known is what the desk knows beforehand.
type Known struct {
	Names    []string // its tags that name the provider: they say nothing
	Calls    []string // its tags that say that something is wrong
	Services []string // its services and places: they say more than other words
	Since    time.Time
	Now      time.Time
}

// Least is the number of people of whom a suggestion is made.
const Least = 5

// MaxReports bounds what is looked at: the newest count.
const MaxReports = 20_000

// MaxCrowds is how many suggestions are made at once.
const MaxCrowds = 8

// Crowd is a suggestion: reports that may have one cause, and why.
type Crowd struct {
	Issues    []desk.IssueID // by the time of their reports
	People    int            // different ones; those who send one text are one
	Servers   int
	Since     time.Time // the first report's
	Last      time.Time
	Words     []Word   // that they share, the most telling first
	Services  []Word   // those of the desk that they name
	Calls     []Word   // their calls, the most frequent first
	Languages []string // the most frequent first; "" is unknown
	// Weights says how much each word, folded, speaks for the crowd: see Likeness.
	Weights map[string]float64
	Passed  int // reports of the same time that are not among Issues because many accounts sent them, or they shout at strangers
}

// Word is a word as most people of the crowd wrote it.
type Word struct {
	Text   string
	People int
}

// Suggest finds the crowds among a desk's reports, the largest first. known.Since
// is where the reports begin: the time before the first one was quiet.
func Suggest(reports []Report, known Known) []Crowd {
	reports = slices.Clone(reports)
	slices.SortFunc(reports, func(a, b Report) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Issue, b.Issue)) })
	if len(reports) > MaxReports {
		reports = reports[len(reports)-MaxReports:]
		known.Since = reports[0].At
	}
	v := read(reports, known)
	var crowds []*crowd
	for len(crowds) < MaxCrowds {
		c := v.grow(v.seeds())
		if c == nil {
			break
		}
		crowds = append(crowds, c)
	}
	v.settle(crowds)
	crowds = v.join(crowds)
	out := make([]Crowd, 0, len(crowds))
	for _, c := range crowds {
		if v.stands(c) {
			out = append(out, v.explain(c))
		}
	}
	slices.SortStableFunc(out, func(a, b Crowd) int { return cmp.Or(cmp.Compare(b.People, a.People), a.Since.Compare(b.Since)) })
	return out
}
