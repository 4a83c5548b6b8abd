package public

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// picture gives a desk a picture of one colour.
func (p *place) picture(h desk.Handle, role desk.PictureRole, w, height int) desk.Desk {
	p.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, height))
	for n := 0; n < len(m.Pix); n += 4 {
		m.Set(n/4%w, n/4/w, color.RGBA{200, 30, 30, 255})
	}
	var b bytes.Buffer
	check(p.T, png.Encode(&b, m))
	return must(p.app.SetPicture(p.Context(), app.By{}, h, role, b.Bytes()))(p.T)
}

func TestFaceOfADesk(t *testing.T) {
	p := newPlace(t)
	wants(t, p.page("/"), `<bdi>Acme Help</bdi> <small>acme.example</small>`, "Made with Earshot")
	p.picture("help", desk.PictureIcon, 500, 400)
	d := p.picture("help", desk.PictureHeader, 300, 100)
	red := desk.Colour("#9b1c1c")
	d = must(p.app.EditDesk(t.Context(), app.By{}, "help", app.DeskEdit{Colour: &red, Links: []desk.Link{{Name: "Web", URL: "https://acme.example/"}}}))(t)
	page := p.page("/@help")
	wants(t, page, `src="/pictures/help/icon-`+d.Icon.Version+`"`, `src="/pictures/help/header-`+d.Header.Version+`"`, `<a href="https://acme.example/" rel="me noopener noreferrer">`)
	lacks(t, page, "proven on")
	for path, kind := range map[string]string{"/pictures/help/icon-" + d.Icon.Version: "image/png", "/pictures/help/header-" + d.Header.Version: "image/jpeg"} {
		w := p.get(path)
		if h := w.Header(); w.Code != http.StatusOK || h.Get("Content-Type") != kind || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", path, w.Code, h)
		}
	}
	if w := p.get("/pictures/help/icon-0000"); w.Code != http.StatusFound || w.Header().Get("Location") != "/pictures/help/icon-"+d.Icon.Version {
		t.Errorf("an older picture: %d %v", w.Code, w.Header())
	}
	sheet := regexp.MustCompile(`/static/colour-[0-9a-f]{6}-[0-9a-f]{16}\.css`).FindString(page)
	if w := p.get(sheet); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "--accent: #9b1c1c") {
		t.Errorf("%q: %d %s", sheet, w.Code, w.Body)
	}
	for _, none := range []string{"/static/colour-ffffff-0000000000000000.css", "/static/colour-", "/static/colour-9b1c1c.css", "/pictures/none/icon-1"} {
		if w := p.get(none); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", none, w.Code)
		}
	}
	must(p.app.RemovePicture(t.Context(), app.By{}, "help", desk.PictureIcon))(t)
	if w := p.get("/pictures/help/icon-" + d.Icon.Version); w.Code != http.StatusNotFound {
		t.Errorf("a removed picture: %d", w.Code)
	}
}

// Pages of one desk are in its name, those of all in that of the domain.
func TestBrandOfSeveralDesks(t *testing.T) {
	p := newPlace(t)
	p.addDesk(desk.Desk{Handle: "fibre", Name: "Acme Fibre", Names: []string{"acmefibre"}})
	post := p.broadcast("fibre", "We dig.")
	wants(t, p.page("/incidents"), `<bdi>acme.example</bdi>`)
	wants(t, p.page("/@fibre"), `<bdi>Acme Fibre</bdi> <small>`)
	wants(t, p.page("/posts/"+string(post.ID)), `<bdi>Acme Fibre</bdi> <small>`)
}
