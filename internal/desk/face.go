package desk

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// PictureRole is the place of a desk's picture.
type PictureRole string

// The pictures that a desk may have.
const (
	PictureIcon   PictureRole = "icon"   // small and square
	PictureHeader PictureRole = "header" // wide, above its page
)

// PictureRoles lists the roles.
func PictureRoles() []PictureRole { return []PictureRole{PictureIcon, PictureHeader} }

// ParsePictureRole checks the name of a role.
func ParsePictureRole(s string) (PictureRole, error) {
	if r := PictureRole(s); slices.Contains(PictureRoles(), r) {
		return r, nil
	}
	return "", NotFound("picture_role_unknown", "a desk has an icon and a header, and no picture %.50q", s)
}

// Picture describes a picture of a desk. The zero Picture is no picture.
type Picture struct {
	Version string `json:"version"` // changes with its bytes
	Type    string `json:"type"`    // image/png or image/jpeg
	Width   int    `json:"width"`
	Height  int    `json:"height"`
}

// There says whether there is a picture.
func (p Picture) There() bool { return p.Version != "" }

// PictureFile is a picture with its bytes.
type PictureFile struct {
	Desk Handle      `json:"desk"`
	Role PictureRole `json:"role"`
	Picture
	Bytes []byte `json:"bytes"`
}

// Picture returns the picture of a role.
func (d Desk) Picture(r PictureRole) Picture {
	if r == PictureHeader {
		return d.Header
	}
	return d.Icon
}

// SetPicture changes the picture of a role.
func (d *Desk) SetPicture(r PictureRole, p Picture) {
	if r == PictureHeader {
		d.Header = p
		return
	}
	d.Icon = p
}

// PicturePath is the path of a desk's picture. The version is in it, so that the
// picture may be cached for ever.
func PicturePath(h Handle, r PictureRole, p Picture) string {
	if !p.There() {
		return ""
	}
	return "/pictures/" + string(h) + "/" + string(r) + "-" + p.Version
}

// MaxLinks is how many links a desk has: more are not shown by Mastodon.
const MaxLinks = 4

// Link is a link on a desk's profile.
type Link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	// Proven is when that page was last seen to link back with rel=me; zero: it
	// was not seen to.
	Proven time.Time `json:"proven_at,omitzero"`
}

// cleanLinks checks links. Each address is there once.
func cleanLinks(in []Link) (out []Link, err error) {
	for _, l := range in {
		l.Name, l.URL = CleanName(l.Name), strings.TrimSpace(l.URL)
		if l.Name == "" && l.URL == "" {
			continue
		}
		u, err := url.Parse(l.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(l.URL) > 500 {
			return nil, Invalid("desk_link_invalid", "a link of a desk is an address like https://acme.example, of at most 500 characters, not %.200q", l.URL)
		}
		if l.Name == "" {
			l.Name = u.Host
		}
		if utf8.RuneCountInString(l.Name) > 60 {
			return nil, Invalid("desk_link_name_too_long", "the name of a link has at most 60 characters")
		}
		if !slices.ContainsFunc(out, func(o Link) bool { return o.URL == l.URL }) {
			out = append(out, l)
		}
	}
	if len(out) > MaxLinks {
		return nil, Invalid("desk_links_too_many", "a desk has at most %d links", MaxLinks)
	}
	return out, nil
}

// Colour is a colour as #rrggbb; "" is our own.
type Colour string

// least is the contrast of text, by WCAG 2.2, level AA.
const least = 4.5

// The surfaces that a desk's colour stands on: white by day, and our card by
// night, each with a little of the colour in it; and the lightest other by night.
var white, night, nightLight = rgb{255, 255, 255}, rgb{0x1c, 0x20, 0x24}, rgb{0x33, 0x2c, 0x14}

// Palette is a colour by day and by night, and the surfaces behind it.
type Palette struct{ Day, DayTint, Night, NightTint Colour }

// ParseColour checks a colour: text in it must be readable.
func ParseColour(s string) (Colour, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return "", nil
	}
	c, ok := parseRGB(s)
	if !ok {
		return "", Invalid("desk_colour_invalid", "a colour is written as #0b6b66, not %.50q", s)
	}
	if !c.readable() {
		better := c
		for step := 1; !better.readable(); step++ {
			better = c.mix(rgb{}, float64(step)/50)
		}
		return "", Invalid("desk_colour_faint", "text in %s is hard to read on white; %s is dark enough", c.colour(), better.colour())
	}
	return c.colour(), nil
}

// Palette returns the palette of a colour that was checked.
func (c Colour) Palette() Palette {
	day, _ := parseRGB(string(c))
	dark := day
	for step := 1; min(contrast(dark, night.mix(dark, .1)), contrast(dark, nightLight)) < least && step <= 50; step++ {
		dark = day.mix(white, float64(step)/50)
	}
	return Palette{day.colour(), white.mix(day, .1).colour(), dark.colour(), night.mix(dark, .1).colour()}
}

type rgb [3]float64

func parseRGB(s string) (c rgb, ok bool) {
	if len(s) != 7 || s[0] != '#' {
		return c, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, err == nil
}

func (c rgb) colour() Colour {
	out := uint64(math.Round(c[0]))<<16 | uint64(math.Round(c[1]))<<8 | uint64(math.Round(c[2]))
	hex := strconv.FormatUint(out, 16)
	return Colour("#" + strings.Repeat("0", 6-len(hex)) + hex)
}

func (c rgb) mix(with rgb, part float64) (out rgb) {
	for n := range c {
		out[n] = math.Round(c[n]*(1-part) + with[n]*part)
	}
	return out
}

// readable says whether text in the colour can be read by day.
func (c rgb) readable() bool { return contrast(c, white.mix(c, .1)) >= least }

// contrast is that of WCAG 2.2, from 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

func (c rgb) luminance() (sum float64) {
	for n, weight := range [...]float64{.2126, .7152, .0722} {
		v := c[n] / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
