package console

import (
	"earshot/store"
)

// plot is how many posts a source told us of in each of the last 24 hours.
type plot struct {
	Bars []bar
	Sum  int
	Most int // in one hour
}

// bar is one hour, in the units of the picture: plotHeight high, from the top.
type bar struct{ X, Y, Height int }

const (
	plotHeight = 24
	plotStep   = 4
)

func plotOf(h store.Hours) (p plot) {
	for _, n := range h.Counts {
		p.Sum += n
		p.Most = max(p.Most, n)
	}
	for hour, n := range h.Counts {
		if n > 0 {
			height := max(1, n*plotHeight/p.Most)
			p.Bars = append(p.Bars, bar{hour * plotStep, plotHeight - height, height})
		}
	}
	return p
}
