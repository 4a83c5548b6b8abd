package public

import (
	"bytes"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/desk"
	"earshot/internal/style"
)

// brand is in whose name a page is: of a desk, or of all.
type brand struct {
	Name   string
	Domain string // beside the name, "" if it is the name
	Icon   string // path, "" for none
	Colour string // path of the stylesheet with its colour, "" for none
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
	if name := style.ColourName(d.Colour); name != "" {
		b.Colour = "/static/" + name
	}
	return b
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
