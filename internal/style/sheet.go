package style

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// The font in static/vendor comes from npm when the program is built, by `make
// assets`, and is in no repository. Without it pages have the font of the system.
//
//go:embed static
var files embed.FS

// font is a part of the font, which a browser asks for if a page has a character
// of it: together they are about 30 kB. Other scripts are shown in the font of the system.
type font struct{ file, characters string }

// The characters are those that the npm package says.
var fonts = []font{
	{"figtree-latin-wght-normal.woff2", "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"},
	{"figtree-latin-ext-wght-normal.woff2", "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C4,U+2113,U+2C60-2C7F,U+A720-A7FF"},
}

// FontType is the media type of the font's parts. Not every system knows it.
const FontType = "font/woff2"

// File is a file that a page needs, under a name that says its content.
type File struct {
	Name string
	Body []byte
}

// Named gives a file its name: another content has another one.
func Named(name string, body []byte) File { return File{Checksum(body) + "-" + name, body} }

// Checksum is enough of a hash to tell two versions of a text apart.
func Checksum(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b))[:16] }

// Sheet returns a stylesheet below the sizes and with the font, whose parts are
// served in the same folder; in a build without the font there are none.
func Sheet(own []byte) (sheet []byte, parts []File, err error) {
	sizes, err := files.ReadFile("static/sizes.css")
	if err != nil {
		return nil, nil, err
	}
	sheet = slices.Concat(sizes, own)
	for _, f := range fonts {
		body, err := files.ReadFile("static/vendor/" + f.file)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		part := Named(path.Base(f.file), body)
		parts = append(parts, part)
		// Nothing moves when it comes late: it is then shown from the next page on. So every
		// page asks for the first part before it reads the style.
		sheet = fmt.Appendf(sheet, "@font-face { font-family: Figtree; font-weight: 300 900; font-display: optional; src: url(%s) format(\"woff2\"); unicode-range: %s; }\n", part.Name, f.characters)
	}
	return sheet, parts, nil
}
