package console

import (
	"earshot/store"
)

// plot is how many posts a source told us of in each of the last 24 hours, or 14 days.
type plot struct {
	Bars []bar
	Sum  int
	Most int // in one of them
}

// bar is one hour or day, in the units of the picture: plotHeight high, from the top.
type bar struct{ X, Y, Height int }

const (
	plotHeight = 24
	plotStep   = 4 // 24 hours
	plotDay    = 7 // 14 days
)

func plotHours(h store.Hours) plot { return plotOf(h.Counts[:], plotStep) }
func plotDays(d store.Days) plot   { return plotOf(d.Counts[:], plotDay) }

func plotOf(counts []int, step int) (p plot) {
	for _, n := range counts {
		p.Sum += n
		p.Most = max(p.Most, n)
	}
	for at, n := range counts {
		if n > 0 {
			height := max(1, n*plotHeight/p.Most)
			p.Bars = append(p.Bars, bar{at * step, plotHeight - height, height})
		}
	}
	return p
}
