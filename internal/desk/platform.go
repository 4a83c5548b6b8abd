package desk

import "slices"

// Caveat is what a platform is known not to do with a reply of ours.
type Caveat string

// The caveats.
const (
	CaveatDirectDropped Caveat = "direct_dropped"   // a direct reply reaches nobody
	CaveatEditsIgnored  Caveat = "edits_ignored"    // the first words stay
	CaveatModerated     Caveat = "moderated"        // a reply may wait for its moderators
	CaveatMayNotBeShown Caveat = "may_not_be_shown" // a reply may never be seen
)

// Platform is a kind of software, by its names in NodeInfo.
type Platform struct {
	Name     string // its row in docs/compatibility.md
	Software []string
	Caveats  []Caveat
}

// Platforms lists those with caveats. A test holds docs/compatibility.md to it.
var Platforms = []Platform{
	{"Misskey and forks", []string{"misskey", "cherrypick"}, []Caveat{CaveatEditsIgnored}},
	{"WordPress", []string{"wordpress"}, []Caveat{CaveatDirectDropped, CaveatModerated}},
	{"Threads", []string{"threads"}, []Caveat{CaveatMayNotBeShown}},
	{"Owncast, Funkwhale, Mobilizon", []string{"owncast", "funkwhale", "mobilizon"}, []Caveat{CaveatMayNotBeShown}},
}

// CaveatsOf returns the caveats of a software, by its name in NodeInfo.
func CaveatsOf(software string) []Caveat {
	for _, p := range Platforms {
		if slices.Contains(p.Software, software) {
			return p.Caveats
		}
	}
	return nil
}
