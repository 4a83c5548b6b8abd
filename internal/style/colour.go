package style

import (
	"fmt"

	"earshot/internal/desk"
)

// ColourName is the name of the stylesheet of a colour; "" for our own, which
// has none. It changes with the sheet.
func ColourName(c desk.Colour) string {
	if c == "" {
		return ""
	}
	return "colour-" + string(c[1:]) + "-" + Checksum(colourSheet(c)) + ".css"
}

// colourSheet puts a colour in place of ours, by day and by night. Who wants more
// contrast keeps ours.
func colourSheet(c desk.Colour) []byte {
	p := c.Palette()
	return fmt.Appendf(nil, "@media not (prefers-contrast: more) { :root { --accent: %s; --tint: %s; } }\n"+
		"@media (prefers-color-scheme: dark) and (not (prefers-contrast: more)) { :root { --accent: %s; --tint: %s; } }\n", p.Day, p.DayTint, p.Night, p.NightTint)
}

// Colour returns the stylesheet of a colour by its name, from which it follows
// alone. ok is false if it is no name of ours.
func Colour(name string) (sheet []byte, ok bool) {
	const before = len("colour-")
	if len(name) < before+6 {
		return nil, false
	}
	c, err := desk.ParseColour("#" + name[before:before+6])
	if err != nil || ColourName(c) != name {
		return nil, false
	}
	return colourSheet(c), true
}
