// Package style holds what all pages have in common, those of agents, of
// everyone else and of the demo's town: the font, the five sizes of text, and
// the stylesheet that puts a desk's colour in place of ours.
package style
