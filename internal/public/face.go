package public

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/desk"
)

// brand is in whose name a page is: of a desk, or of all.
type brand struct {
	Name   string
	Domain string // beside the name, "" if it is the name
	Icon   string // path, "" for none
	Style  string // path of the stylesheet with its colour, "" for none
}

// brand returns that of a desk; without one that of the only desk, or the domain with
// the face of the first desk. A page is shown without one rather than not at all.
func (p *Pages) brand(r *http.Request, of desk.Handle) brand {
	b := brand{Name: string(p.site.HandleDomain)}
	desks, err := p.app.Desks(r.Context())
	if err != nil || len(desks) == 0 {
		return b
	}
	d, one := desks[0], len(desks) == 1
	for _, other := range desks {
		if other.Handle == of {
			d, one = other, true
		}
	}
	if one {
		b.Name, b.Domain = d.Name, b.Name
	}
	b.Icon = desk.PicturePath(d.Handle, desk.PictureIcon, d.Icon)
	if d.Colour != "" {
		b.Style = "/static/" + colourName(d.Colour)
	}
	return b
}

// colourName is the name of the stylesheet of a colour. It changes with the sheet.
func colourName(c desk.Colour) string {
	return "colour-" + string(c[1:]) + "-" + checksum(colourSheet(c)) + ".css"
}

// colourSheet puts a colour in place of ours, by day and by night. Who wants more
// contrast keeps ours.
func colourSheet(c desk.Colour) []byte {
	p := c.Palette()
	return fmt.Appendf(nil, "@media not (prefers-contrast: more) { :root { --accent: %s; --tint: %s; } }\n"+
		"@media (prefers-color-scheme: dark) and (not (prefers-contrast: more)) { :root { --accent: %s; --tint: %s; } }\n", p.Day, p.DayTint, p.Night, p.NightTint)
}

// colour answers with the stylesheet of a colour. It follows from its name alone.
func (p *Pages) colour(w http.ResponseWriter, r *http.Request, name string) {
	if len(name) > 6 {
		if c, err := desk.ParseColour("#" + name[:6]); err == nil && "colour-"+name == colourName(c) {
			serveAsset(w, r, "text/css; charset=utf-8", "public, max-age=31536000, immutable", colourSheet(c))
			return
		}
	}
	p.Error(w, r, http.StatusNotFound)
}

// picture answers with a picture of a desk. An address with another version leads to
// the picture of today: other servers keep addresses for long.
func (p *Pages) picture(w http.ResponseWriter, r *http.Request) {
	h, role := desk.Handle(mux.Vars(r)["handle"]), desk.PictureRole(mux.Vars(r)["role"])
	file, ok, err := p.app.Picture(r.Context(), h, role)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case !ok:
		p.Error(w, r, http.StatusNotFound)
	case file.Version != mux.Vars(r)["version"]:
		w.Header().Set("Cache-Control", "public, no-cache")
		http.Redirect(w, r, desk.PicturePath(h, role, file.Picture), http.StatusFound)
	default:
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		sendPicture(w, r, file.Type, file.Version, file.Bytes)
	}
}

// sendPicture sends bytes that we wrote as a picture, and as nothing else.
func sendPicture(w http.ResponseWriter, r *http.Request, kind, version string, body []byte) {
	pictureHead(w, kind, version)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func pictureHead(w http.ResponseWriter, kind, version string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("ETag", `"`+version+`"`)
}
