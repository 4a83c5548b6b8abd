package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/picture/proxy"
)

// shownPicture is a picture of a post in its place in the thread.
type shownPicture struct {
	desk.Attachment
	At     string    // its address here
	Server desk.Host // where it comes from; "": it is ours
}

// Most is how many bytes the body of a request may have: one with a picture has more.
func Most(r *http.Request) int64 {
	if r.Method == http.MethodPost && large(r.URL.Path) {
		return maxPicture
	}
	return maxUpload
}

// maxShown is how many pictures of one post are shown; links lead to the others.
const maxShown = 8

// picturesOf divides the attachments of a post into pictures that are shown, and links.
func (c *Console) picturesOf(p *desk.Post) (shown []shownPicture, files []desk.Attachment) {
	if p == nil {
		return nil, nil
	}
	for n, a := range p.Attachments {
		if a.File != "" {
			shown = append(shown, shownPicture{Attachment: a, At: fileAt(a.File)})
			continue
		}
		host, err := desk.HostOf(a.URL)
		if c.pictures == nil || err != nil || p.Ours() || !a.Picture() || len(shown) == maxShown {
			files = append(files, a)
			continue
		}
		shown = append(shown, shownPicture{a, Root + "/pictures/" + url.PathEscape(string(p.ID)) + "/" + strconv.Itoa(n), host})
	}
	return shown, files
}

// faceOf is the address of a person's face; "" where none is shown.
func (c *Console) faceOf(who desk.Actor) string {
	if c.pictures == nil || !c.pictures.Faces() || who.AvatarURL == "" {
		return ""
	}
	return Root + "/faces?" + url.Values{"of": {string(who.ID)}}.Encode()
}

func (c *Console) showPicture(v *visit) error {
	at, err := strconv.Atoi(mux.Vars(v.Request)["at"])
	if err != nil {
		return err
	}
	return c.sendPicture(v, app.PictureOf{Post: desk.PostID(mux.Vars(v.Request)["post"]), At: at})
}

func (c *Console) showFace(v *visit) error {
	return c.sendPicture(v, app.PictureOf{Actor: desk.ActorID(v.URL.Query().Get("of"))})
}

// sendPicture answers with a picture, or with a line that says why not: a page would
// not be seen in its place. The headers of every page forbid to store it.
func (c *Console) sendPicture(v *visit, of app.PictureOf) error {
	if c.pictures == nil {
		http.Error(v.w, proxy.ErrGone.Error(), http.StatusNotFound)
		return nil
	}
	shown, err := c.pictures.Show(v.Context(), v.agent.Email, of)
	switch {
	case errors.Is(err, proxy.ErrGone):
		http.Error(v.w, err.Error(), http.StatusNotFound)
		return nil
	case errors.Is(err, proxy.ErrStore):
		return err
	case errors.Is(err, proxy.ErrBusy):
		v.w.Header().Set("Retry-After", "5")
		http.Error(v.w, err.Error(), http.StatusServiceUnavailable)
		return nil
	case err != nil:
		c.log.Debug("a picture is not shown", "post", of.Post, "actor", of.Actor, "err", err)
		http.Error(v.w, "this picture cannot be shown", http.StatusBadGateway)
		return nil
	}
	writePicture(v.w, shown.Type, shown.Body)
	return nil
}

// writePicture answers with bytes that we wrote, as a picture and as nothing else.
func writePicture(w http.ResponseWriter, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	_, _ = w.Write(body)
}
