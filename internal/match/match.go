// Package match decides whether a post is for us, for which desk, and says why
// in words. It is pure. The rule is "two keys": a post is for us only if it is
// addressed to a desk, or carries one of a desk's names and one of its calls
// as hashtags on the same public post.
package match

import (
	"cmp"
	"fmt"
	"slices"

	"earshot/internal/desk"
	"earshot/internal/drop"
)

// Author holds the facts about a post's author that the rules need.
type Author struct {
	ID       desk.ActorID
	Local    bool // one of our own actors
	Bot      bool
	NoBot    bool // #nobot, #nobots or #noindex in the profile
	Earshot  bool // another Earshot desk
	OptedOut bool
	Blocked  bool // the actor or its server
}

// Post holds the facts about a post that the rules need.
type Post struct {
	Tags       []string // hashtags, as written
	Mentions   []desk.ActorID
	Addressed  []desk.ActorID // actors in the audience of the post or its activity
	Visibility desk.Visibility
	IsVote     bool // a poll vote is a Note too
	// Answers is the desk whose post this one answers, "" for none.
	Answers desk.Handle
	// Broadcast says that it answers a broadcast.
	Broadcast bool
}

// Candidate is a desk with its actor id, in the order that breaks ties.
type Candidate struct {
	desk.Desk
	Actor desk.ActorID
}

// Decision says whose a post is. The zero Decision means: not for us.
type Decision struct {
	Desk  desk.Handle
	Also  []desk.Handle // other desks that matched
	Heard desk.Heard
	Why   string // in words, shown to agents
	// Keys are the name and the call that count, where it was heard by tags.
	Keys []string
	// Dropped says why a post is not for us; never stored. Named are the desks that
	// it addressed, or of which it has both keys, all the same.
	Dropped drop.Reason
	Named   []desk.Handle
}

// OK says whether the post is for us.
func (d Decision) OK() bool { return d.Desk != "" }

// Match applies the two-key rule.
func Match(p Post, a Author, desks []Candidate) Decision {
	tagged := byTags(p, desks)
	d := addressed(p, desks)
	switch {
	case a.Local:
		return dropped(drop.OwnPost, named(d, tagged))
	case a.Blocked:
		return dropped(drop.Blocked, named(d, tagged))
	case p.IsVote:
		return dropped(drop.Vote, named(d, tagged))
	}
	if d.OK() {
		for _, t := range tagged {
			if t.desk.Handle != d.Desk && !slices.Contains(d.Also, t.desk.Handle) {
				d.Also = append(d.Also, t.desk.Handle)
			}
		}
		return d
	}
	return heardByTags(p, a, tagged)
}

func dropped(why drop.Reason, named []desk.Handle) Decision {
	return Decision{Dropped: why, Named: named}
}

// named lists the desks that a post is addressed to or has both keys of.
func named(d Decision, tagged []tagMatch) (out []desk.Handle) {
	if d.OK() {
		out = append([]desk.Handle{d.Desk}, d.Also...)
	}
	for _, t := range tagged {
		out = append(out, t.desk.Handle)
	}
	return out
}

// addressed is the one-key case: the post mentions or addresses a desk, or answers it.
func addressed(p Post, desks []Candidate) Decision {
	var d Decision
	for _, c := range desks {
		// Some servers send a Mention without addressing, others address
		// without a Mention tag.
		meant := slices.Contains(p.Mentions, c.Actor) || slices.Contains(p.Addressed, c.Actor)
		switch {
		case !meant:
		case d.Desk == "":
			d.Desk, d.Heard, d.Why = c.Handle, desk.HeardMention, fmt.Sprintf("mentions @%s", c.Handle)
		default:
			d.Also = append(d.Also, c.Handle)
		}
	}
	if p.Answers == "" {
		return d
	}
	if d.OK() && d.Desk != p.Answers {
		d.Also = append(slices.DeleteFunc(d.Also, func(h desk.Handle) bool { return h == p.Answers }), p.Answers)
		return d
	}
	d.Desk, d.Heard, d.Why = p.Answers, desk.HeardAnswer, fmt.Sprintf("answers a post of @%s", p.Answers)
	if p.Broadcast {
		d.Heard, d.Why = desk.HeardBroadcast, fmt.Sprintf("answers a broadcast of @%s", p.Answers)
	}
	return d
}

type tagMatch struct {
	desk       Candidate
	names      int // how many of the desk's names the post carries
	name, call string
}

// byTags lists the desks of which the post carries both keys, the best first:
// most matching names, then the order of desks.
func byTags(p Post, desks []Candidate) []tagMatch {
	var out []tagMatch
	tags := folded(p.Tags)
	for _, c := range desks {
		names, calls := common(c.Names, tags), common(c.Calls, tags)
		if name, call, ok := pair(names, calls); ok {
			out = append(out, tagMatch{desk: c, names: len(names), name: name, call: call})
		}
	}
	slices.SortStableFunc(out, func(a, b tagMatch) int {
		return cmp.Or(cmp.Compare(b.names, a.names), cmp.Compare(a.desk.Order, b.desk.Order))
	})
	return out
}

// HasKeys says whether tags hold both keys of a desk.
func HasKeys(tags []string, desks []Candidate) bool { return len(byTags(Post{Tags: tags}, desks)) > 0 }

// pair finds a name and a call that are two different tags: a tag that is in
// both lists is one key.
func pair(names, calls []string) (name, call string, ok bool) {
	for _, n := range names {
		for _, c := range calls {
			if !desk.SameTag(n, c) {
				return n, c, true
			}
		}
	}
	return "", "", false
}

func heardByTags(p Post, a Author, tagged []tagMatch) Decision {
	if len(tagged) == 0 {
		return dropped(drop.NotAddressed, nil)
	}
	if why := unheard(p, a); why != drop.Kept {
		return dropped(why, named(Decision{}, tagged))
	}
	best := tagged[0]
	d := Decision{Desk: best.desk.Handle, Heard: desk.HeardTags,
		Keys: []string{best.name, best.call}, Why: fmt.Sprintf("#%s and #%s", best.name, best.call)}
	for _, t := range tagged[1:] {
		d.Also = append(d.Also, t.desk.Handle)
	}
	return d
}

// unheard says why a post with both keys is not heard.
func unheard(p Post, a Author) drop.Reason {
	switch {
	case p.Visibility != desk.VisibilityPublic:
		return drop.NotPublic
	case a.Earshot:
		return drop.OtherDesk
	case a.Bot:
		return drop.Bot
	case a.NoBot:
		return drop.NoBot
	case a.OptedOut:
		return drop.OptedOut
	}
	return drop.Kept
}

// folded is the set of a post's tags in the form in which they are compared.
func folded(tags []string) map[string]bool {
	set := make(map[string]bool, len(tags))
	for _, t := range tags {
		set[desk.FoldTag(t)] = true
	}
	return set
}

// common lists those of our tags, as we write them, that a post carries.
func common(ours []string, theirs map[string]bool) []string {
	if len(theirs) == 0 {
		return nil
	}
	var out []string
	for _, t := range ours {
		if theirs[desk.FoldTag(t)] {
			out = append(out, t)
		}
	}
	return out
}

// TwoKeys says whether tags carry both keys of a desk.
func TwoKeys(tags []string, d desk.Desk) bool {
	theirs := folded(tags)
	_, _, ok := pair(common(d.Names, theirs), common(d.Calls, theirs))
	return ok
}
