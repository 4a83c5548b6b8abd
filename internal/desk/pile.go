package desk

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Pile is many reports that came at once, on one line of the list. A report stands in
// it until an agent acts on it, or its reporter says more.
type Pile struct {
	ID   PileID `json:"id"`
	Desk Handle `json:"desk"`
	// Others: its reports are unlike all others, or say nothing but that something is
	// wrong. Of all other piles they are alike.
	Others bool      `json:"others,omitempty"`
	Since  time.Time `json:"since"` // of the first report
	Last   time.Time `json:"last"`  // and of the newest
	// Words are what most of its reporters say, as they write it, and Weights by which
	// words a further report is like these: see alike.Crowd.
	Words   []string           `json:"words,omitempty"`
	Weights map[string]float64 `json:"weights,omitempty"`
	Came    int                `json:"came"`              // how many reports came into it, ever
	Learned int                `json:"learned,omitempty"` // how many there were when the words were learned
	// People is how many stand in it now, each with one report; on which servers and in
	// which languages they write. Of the rest is only the number known.
	People    int            `json:"people"`
	Servers   map[Host]int   `json:"servers,omitempty"`
	Further   int            `json:"further,omitempty"` // people on servers beside those
	Languages map[string]int `json:"languages,omitempty"`
	// Incident is that to which its reports were linked last.
	Incident IncidentID `json:"incident,omitempty"`
	// Act is what was done last with all of it; nil: nothing yet.
	Act *PileAct `json:"act,omitempty"`
}

const heldPile = "held-"

// HeldPile is the pile of the reports of all desks that are held back for a reason. Its
// record has only what was done with it; the rest is summed from the reports.
func HeldPile(f Flood) PileID { return PileID(heldPile + string(f)) }

// Held is the reason for which the reports of a pile are held back, "" if they are issues.
func (p Pile) Held() Flood {
	f, held := strings.CutPrefix(string(p.ID), heldPile)
	if !held || !slices.Contains(Floods(), Flood(f)) {
		return ""
	}
	return Flood(f)
}

// The bounds of a pile's record.
const (
	// PileServers is how many servers it names.
	PileServers   = 100
	pileLanguages = 20
	// PileWords is how many words are shown, MaxPileWeights how many are compared.
	PileWords      = 5
	MaxPileWeights = 60
)

// MayPile says whether an issue may stand in a pile: no agent has acted on it, and its
// reporter has said no more than the report.
func (i Issue) MayPile() bool {
	return i.Status == StatusNew && !i.NeedsUs && i.Assignee == "" && i.Incident == "" && len(i.Mentioned) == 0 &&
		i.Replies == 0 && i.Pending == 0 && i.MergedInto == "" && len(i.Merged) == 0 && !i.OutOfPile && !i.Snooze.On()
}

// InPile is the pile in which an issue stands now, "" if it stands on a row.
func (i Issue) InPile() PileID {
	if i.Pile == "" || !i.MayPile() {
		return ""
	}
	return i.Pile
}

// Count counts that an issue came to stand in the pile, or left it with n -1.
func (p *Pile) Count(i Issue, n int) {
	p.People = max(0, p.People+n)
	host := i.Reporter.Host()
	switch _, known := p.Servers[host]; {
	case known || n > 0 && len(p.Servers) < PileServers:
		if p.Servers == nil {
			p.Servers = map[Host]int{}
		}
		add(p.Servers, host, n)
	default:
		p.Further = max(0, p.Further+n)
	}
	language := i.Language
	if _, known := p.Languages[language]; !known && (n < 0 || len(p.Languages) >= pileLanguages) {
		language = ""
	}
	if p.Languages == nil {
		p.Languages = map[string]int{}
	}
	add(p.Languages, language, n)
}

func add[K comparable](counts map[K]int, k K, n int) {
	if counts[k] += n; counts[k] <= 0 {
		delete(counts, k)
	}
}

// Spoken are the languages of the people, the most frequent first.
func (p Pile) Spoken() []string {
	return slices.DeleteFunc(slices.SortedFunc(maps.Keys(p.Languages), func(a, b string) int {
		if n := p.Languages[b] - p.Languages[a]; n != 0 {
			return n
		}
		if a < b {
			return -1
		}
		return 1
	}), func(l string) bool { return l == "" })
}

// GoesOn says whether further reports may come into the pile.
func (p Pile) GoesOn(now time.Time) bool { return now.Sub(p.Last) < PileGoesOn }

// Learns says whether the words are to be learned again: the pile has doubled.
func (p Pile) Learns() bool { return !p.Others && p.Came >= 2*p.Learned }

// PileDo is an action on the reports of a pile.
type PileDo string

// What can be done. Reports that are held back are released by each of them but PileSpam:
// then it is done to the issues that they open.
const (
	PileLink   PileDo = "link"   // to an incident
	PileAssign PileDo = "assign" // to an agent
	PileStatus PileDo = "status" // they get a status, silently
	PileSpam   PileDo = "spam"   // they are closed as spam; held back, they are dropped
	// PileRelease has held-back ones heard as usual: they open issues.
	PileRelease PileDo = "release"
)

// PileAct is something that is done with a pile as it stood at a time, portion by
// portion.
type PileAct struct {
	ID       string       `json:"id"`
	Do       PileDo       `json:"do"`
	Agent    Email        `json:"agent,omitempty"`
	At       time.Time    `json:"at"`               // reports that came later are not meant
	ReadAt   time.Time    `json:"read_at,omitzero"` // of an act that decides: when the pile was read; zero: not said
	Change   StatusChange `json:"change,omitzero"`
	Assignee Email        `json:"assignee,omitempty"`
	Incident IncidentID   `json:"incident,omitempty"`
	Server   Domain       `json:"server,omitempty"` // only those of this registrable domain
	Alike    string       `json:"alike,omitempty"`  // only those that say this
	Object   ObjectID     `json:"object,omitempty"` // only this one that is held back, and its thread
	Portion  int          `json:"portion"`          // how many were made
	After    string       `json:"after,omitempty"`  // the last one ended here
	Done     int          `json:"done"`             // reports that were changed
	Skipped  int          `json:"skipped,omitempty"`
	Over     bool         `json:"over,omitempty"`
	Undoing  bool         `json:"undoing,omitempty"` // it is taken back, or was
}

// Decides says whether an act is a judgement of what was said: it means only reports that
// its agent can have read.
func (a PileAct) Decides() bool { return a.Do == PileStatus || a.Do == PileSpam }

// Undoable says whether an act on a pile can be taken back: a report that was released is
// heard.
func (a PileAct) Undoable(p Pile) bool { return p.Held() == "" || a.Do == PileSpam }

// LetItIn notes that the issue's report was held back and let in by an act on many, or by
// one that did more than to release it. Whatever is done with its pile later, that stays.
func (i *Issue) LetItIn() { i.PileAct = heldPile }

// LetIn says that it was.
func (i Issue) LetIn() bool { return strings.HasPrefix(i.PileAct, heldPile) }

// ActedOn notes the act that changed the issue last with its pile; "": it was taken back.
func (i *Issue) ActedOn(act string) {
	if i.LetIn() {
		act = heldPile + act
	}
	i.PileAct = act
}

// LastAct is the act that changed the issue last with its pile, "" if none did.
func (i Issue) LastAct() string { return strings.TrimPrefix(i.PileAct, heldPile) }

// LetsIn says whether the issues that released reports open are marked so. One that was
// released by itself, and no more, was looked at.
func (a PileAct) LetsIn() bool { return a.Object == "" || a.Do != PileRelease }

// Trusts says whether to release a report of a host with this act is to trust its domain.
func (a PileAct) Trusts(h Host) bool {
	return a.Server != "" && h.Domain() == a.Server && a.Do != PileSpam && a.Do != PileStatus
}

// Means says whether an act is about an issue; said is what its report says.
func (a PileAct) Means(i Issue, said string) bool { return a.means(i.OpenedAt, i.Reporter, said) }

// MeansHeld says that of a report that is held back.
func (a PileAct) MeansHeld(q Quarantined, said string) bool {
	if a.Object != "" {
		return q.Object == a.Object
	}
	return a.means(q.Since, q.Author.ID, said)
}

func (a PileAct) means(since time.Time, who ActorID, said string) bool {
	if since.After(a.At) || !a.ReadAt.IsZero() && since.After(a.ReadAt) {
		return false
	}
	if a.Server == "" && a.Alike == "" {
		return true
	}
	return a.Server != "" && who.Host().Domain() == a.Server || a.Alike != "" && said == a.Alike
}
