package alike

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// crowd is some reports and the words by which they were chosen.
type crowd struct {
	seed    int32
	members []int32
	weight  map[int32]float64 // of a word: how much more often the crowd says it, as a logarithm
	worth   float64
}

const (
	maxSeeds  = 16
	rounds    = 3
	telling   = 0.7 // a word of less weight says nothing
	mostTells = 4.0 // and none says more
	service   = 1.5 // a service or place of the desk says so much more
	enough    = 1.0 // what the words of a member must say
	certain   = 2.0 // and together with its time

	sharedWords = 0.2 // two crowds that share so much of what the smaller one says are one
)

// seeds are the words that many say now and few said before, the most telling first.
func (v *view) seeds() []int32 {
	type seed struct {
		word  int32
		worth float64
	}
	var found []seed
	for w, at := range v.at {
		if v.claimed[w] || len(at) < Least {
			continue
		}
		times := v.free(at)
		n, ok := v.burst(times)
		if !ok {
			continue
		}
		worth := float64(n) * math.Log(float64(len(v.reports)+2*n)/float64(n+1))
		if v.service[w] >= 0 {
			worth *= service
		}
		found = append(found, seed{int32(w), worth})
	}
	slices.SortFunc(found, func(a, b seed) int {
		return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(v.words[a.word], v.words[b.word]))
	})
	out := make([]int32, 0, maxSeeds)
	for _, s := range found[:min(len(found), maxSeeds)] {
		out = append(out, s.word)
	}
	return out
}

// free are the reports that belong to no crowd yet.
func (v *view) free(at []int32) []int32 {
	var out []int32
	for _, n := range at {
		if !v.taken[n] {
			out = append(out, n)
		}
	}
	return out
}

// burst says whether reports came in a way that chance and the hours before do not
// explain, and how many came in their densest hour.
func (v *view) burst(at []int32) (densest int, ok bool) {
	first := 0
	for last := range at {
		for v.reports[at[last]].At.Sub(v.reports[at[first]].At) > window {
			first++
		}
		densest = max(densest, last-first+1)
	}
	span := max(v.known.Now.Sub(v.known.Since), 2*window)
	usual := float64(len(at)-densest) * float64(window) / float64(span-window)
	return densest, densest >= Least && float64(densest) >= usual+5*math.Sqrt(usual)+3
}

// grow returns the best of the crowds that grow from some words, nil if none does.
// Its reports are taken.
func (v *view) grow(seeds []int32) (best *crowd) {
	for _, s := range seeds {
		c := &crowd{seed: s, members: v.densest(v.free(v.at[s]))}
		for range rounds {
			v.learn(c)
			before := len(c.members)
			c.members = v.choose(c)
			if len(c.members) == before {
				break
			}
		}
		if v.people(c.members) < Least {
			v.claimed[s] = true
			continue
		}
		v.learn(c)
		if best == nil || c.worth > best.worth {
			best = c
		}
	}
	if best == nil {
		return nil
	}
	v.claimed[best.seed] = true
	for _, n := range best.members {
		v.taken[n] = true
	}
	return best
}

// densest are the reports of the hour with the most of them, and those that follow
// without a pause.
func (v *view) densest(at []int32) []int32 {
	from, to, first := 0, 0, 0
	for last := range at {
		for v.time(at[last]).Sub(v.time(at[first])) > window {
			first++
		}
		if last-first > to-from {
			from, to = first, last
		}
	}
	for to+1 < len(at) && v.time(at[to+1]).Sub(v.time(at[to])) <= 2*quarter {
		to++
	}
	return at[from : to+1]
}

func (v *view) time(n int32) time.Time { return v.reports[n].At }

// learn weighs the words of a crowd against those of all others.
func (v *view) learn(c *crowd) {
	in := map[int32]int{}
	for _, n := range c.members {
		for _, w := range v.of[n] {
			in[w]++
		}
	}
	all, few := float64(len(v.reports)), float64(len(c.members))
	c.weight, c.worth = map[int32]float64{}, 0
	for w, n := range in {
		here := (float64(n) + 0.5) / (few + 1)
		// The others are thought to be as many again who say nothing: a crowd
		// that is alone has its words nevertheless.
		elsewhere := (float64(max(len(v.at[w])-n, 0)) + 0.5) / (max(all-few, 0) + few + 1)
		tells := min(math.Log(here/elsewhere), mostTells)
		if n < 3 || here < 0.04 || tells < telling {
			continue
		}
		if v.service[w] >= 0 {
			tells *= service
		}
		c.weight[w] = tells
	}
	for _, w := range sorted(c.weight) { // a sum of floats depends on its order
		c.worth += float64(in[w]) * c.weight[w]
	}
}

func sorted(m map[int32]float64) []int32 {
	out := make([]int32, 0, len(m))
	for w := range m {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// choose returns the reports that belong to a crowd by their words and their time.
func (v *view) choose(c *crowd) (out []int32) {
	if len(c.members) == 0 {
		return nil
	}
	near := v.nearness(c)
	from := v.time(c.members[0]).Add(-2 * quarter)
	to := v.time(c.members[len(c.members)-1]).Add(4 * quarter)
	begin, _ := slices.BinarySearchFunc(v.reports, from, func(r Report, t time.Time) int { return r.At.Compare(t) })
	for n := begin; n < len(v.reports) && !v.reports[n].At.After(to); n++ {
		if v.taken[n] || v.passed[n] {
			continue
		}
		if says := v.says(c, int32(n)); says >= enough && says+near(v.reports[n].At) >= certain {
			out = append(out, int32(n))
		}
	}
	return out
}

// says is how much the words of a report speak for a crowd.
func (v *view) says(c *crowd, n int32) (sum float64) {
	for _, w := range v.of[n] {
		sum += c.weight[w]
	}
	return sum
}

// nearness is how much a time speaks for a crowd: the share that it has of the
// reports of that quarter of an hour.
func (v *view) nearness(c *crowd) func(time.Time) float64 {
	slot := func(t time.Time) int64 { return t.Unix() / int64(quarter/time.Second) }
	mine, all := map[int64]int{}, map[int64]int{}
	for _, n := range c.members {
		mine[slot(v.time(n))]++
	}
	for n := range v.reports {
		all[slot(v.reports[n].At)]++
	}
	return func(t time.Time) float64 {
		s := slot(t)
		m, others := 0, 0
		for d := int64(-1); d <= 1; d++ {
			m += mine[s+d]
			others += all[s+d] - mine[s+d]
		}
		return min(max(math.Log((float64(m)+1)/(float64(others)+1)), -2), 1.5)
	}
}

// settle gives each report to the crowd for which its words speak most.
func (v *view) settle(crowds []*crowd) {
	if len(crowds) < 2 {
		return
	}
	moved := make([][]int32, len(crowds))
	for from, c := range crowds {
		for _, n := range c.members {
			best, most := from, v.says(c, n)
			for to, other := range crowds {
				if says := v.says(other, n); says > most && v.reaches(other, n) {
					best, most = to, says
				}
			}
			moved[best] = append(moved[best], n)
		}
	}
	for n, c := range crowds {
		c.members = moved[n]
		slices.Sort(c.members)
	}
}

// join makes one of crowds of one time that share telling words: one outage told in
// several languages.
func (v *view) join(crowds []*crowd) []*crowd {
	slices.SortStableFunc(crowds, func(a, b *crowd) int { return cmp.Compare(len(b.members), len(a.members)) })
	var out []*crowd
	for _, c := range crowds {
		if len(c.members) == 0 {
			continue
		}
		v.learn(c)
		if into := v.like(c, out); into != nil {
			into.members = append(into.members, c.members...)
			slices.Sort(into.members)
			v.learn(into)
			continue
		}
		out = append(out, c)
	}
	return out
}

// like is the crowd of the same time whose words make up enough of what another says.
func (v *view) like(c *crowd, among []*crowd) (best *crowd) {
	most := sharedWords
	for _, other := range among {
		if !v.reaches(other, c.members[0]) && !v.reaches(c, other.members[0]) {
			continue
		}
		shared, all := 0.0, 0.0
		for _, n := range c.members {
			for _, w := range v.of[n] {
				all += c.weight[w]
				if other.weight[w] > 0 {
					shared += c.weight[w]
				}
			}
		}
		if all > 0 && shared/all >= most {
			best, most = other, shared/all
		}
	}
	return best
}

// reaches says whether a report is from the time of a crowd.
func (v *view) reaches(c *crowd, n int32) bool {
	return len(c.members) > 0 && !v.time(n).Before(v.time(c.members[0]).Add(-2*quarter)) &&
		!v.time(n).After(v.time(c.members[len(c.members)-1]).Add(4*quarter))
}

// people counts different voices.
func (v *view) people(members []int32) int {
	had := map[int32]bool{}
	for _, n := range members {
		had[v.voice[n]] = true
	}
	return len(had)
}

// stands says whether a crowd is one: enough people, and more than the words of all
// other hours explain.
func (v *view) stands(c *crowd) bool {
	if v.people(c.members) < Least {
		return false
	}
	in := map[int32]bool{}
	for _, n := range c.members {
		in[n] = true
	}
	var like []int32 // by their words, at any time
	had := map[int32]bool{}
	for n := range v.reports {
		if (in[int32(n)] || !v.taken[n] && !v.passed[n] && v.says(c, int32(n)) >= certain) && !had[v.voice[n]] {
			had[v.voice[n]] = true
			like = append(like, int32(n))
		}
	}
	_, ok := v.burst(like)
	return ok
}
