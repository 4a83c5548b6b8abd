package alike

import (
	"slices"
	"strings"

	"earshot/internal/desk"
)

// Enough is how much the words of a report must say to be like a crowd.
const Enough = enough

// Words are the words of a report that say something, folded, each once.
func Words(p Report, k Known) []string {
	v := &view{known: k, named: map[int32]bool{}}
	r := &reader{view: v, numbers: map[string]int32{}, folded: map[string]string{}, silent: map[string]bool{}, call: map[string]int{}}
	for _, t := range k.Names {
		r.silent[desk.FoldTag(t)] = true
	}
	for n, t := range k.Calls {
		r.call[desk.FoldTag(t)] = n
	}
	numbers, _ := r.report(p)
	out := make([]string, len(numbers))
	for n, w := range numbers {
		out[n] = v.words[w]
	}
	return out
}

// Likeness is how much the words of a report speak for a crowd with those weights.
func Likeness(words []string, weights map[string]float64) (sum float64) {
	for _, w := range words {
		sum += weights[w]
	}
	return sum
}

// Learn says what the reports of a crowd have in common and others do not: its words,
// as they are written, and their weights.
func Learn(members, others []Report, k Known) Crowd {
	v := read(slices.Concat(members, others), k)
	c := &crowd{}
	for n := range members {
		if !v.passed[n] {
			c.members = append(c.members, int32(n))
		}
	}
	if len(c.members) == 0 {
		return Crowd{}
	}
	v.learn(c)
	return v.explain(c)
}

// most are the weights of those words of a crowd that say most.
func (v *view) most(c *crowd) map[string]float64 {
	out := map[string]float64{}
	words := sorted(c.weight)
	for len(words) > desk.MaxPileWeights {
		least := 0
		for n, w := range words {
			if c.weight[w] < c.weight[words[least]] {
				least = n
			}
		}
		words = append(words[:least], words[least+1:]...)
	}
	for _, w := range words {
		if !strings.HasPrefix(v.words[w], "\x00") { // a service has its words too
			out[v.words[w]] = c.weight[w]
		}
	}
	return out
}
