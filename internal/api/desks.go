package api

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func (h *handler) instance(r *request) (response, error) {
	desks, err := h.app.Desks(r.Context())
	site := h.app.Site()
	return response{body: Instance{Version: h.version, URL: site.URL, HandleDomain: site.HandleDomain, Desks: len(desks)}}, err
}

func (h *handler) listDesks(r *request) (response, error) {
	desks, err := h.app.Desks(r.Context())
	return response{body: each(desks, h.deskOf)}, err
}

func (h *handler) deskOf(d desk.Desk) Desk { return deskOf(h.app.Site(), d) }

func (h *handler) addDesk(r *request) (response, error) {
	var in NewDesk
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	d, err := h.app.AddDesk(r.Context(), r.by, desk.Desk{Handle: in.Handle, Name: in.Name, Summary: in.Summary, Names: in.Names, Calls: in.Calls, Services: in.Services})
	return response{body: h.deskOf(d)}, err
}

func (h *handler) showDesk(r *request) (response, error) {
	d, err := h.oneDesk(r, r.desk())
	return response{body: h.deskOf(d)}, err
}

func (h *handler) oneDesk(r *request, name desk.Handle) (desk.Desk, error) {
	d, ok, err := h.app.Desk(r.Context(), name)
	if err == nil && !ok {
		err = desk.NotFound("desk_not_found", "there is no desk %q", name)
	}
	return d, err
}

func (h *handler) editDesk(r *request) (response, error) {
	var in DeskEdit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	edit := app.DeskEdit{Name: in.Name, Summary: in.Summary}
	if in.Names != nil {
		edit.Names = list(*in.Names)
	}
	if in.Calls != nil {
		edit.Calls = list(*in.Calls)
	}
	if in.Services != nil {
		edit.Services = list(*in.Services)
	}
	edit.Colour = in.Colour
	if in.Links != nil {
		edit.Links = each(*in.Links, func(l NewDeskLink) desk.Link { return desk.Link{Name: l.Name, URL: l.URL} })
	}
	if edit.Name == nil && edit.Summary == nil && edit.Names == nil && edit.Calls == nil && edit.Services == nil && edit.Colour == nil && edit.Links == nil {
		return response{}, desk.Invalid("desk_change_missing", "what shall change? There are name, summary, names, calls, services, colour and links")
	}
	d, err := h.app.EditDesk(r.Context(), r.by, r.desk(), edit)
	return response{body: h.deskOf(d)}, err
}

func (h *handler) setRota(r *request) (response, error) {
	var in Rota
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	d, err := h.app.SetRota(r.Context(), r.by, r.desk(), desk.Rota{Agents: in.Agents, Minutes: in.Minutes})
	return response{body: h.deskOf(d)}, err
}

func (h *handler) addAlias(r *request) (response, error) {
	var in NewAlias
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	d, err := h.app.AddAlias(r.Context(), r.by, r.desk(), in.Address)
	return response{body: h.deskOf(d)}, err
}

func (h *handler) removeAlias(r *request) (response, error) {
	_, err := h.app.RemoveAlias(r.Context(), r.by, r.desk(), r.query("address"))
	return response{}, err
}

// maxPicture is the largest body with a picture: base64 makes three bytes four.
const maxPicture = app.MaxPicture/3*4 + 4096

// maxUpload is that of one with a picture of a post.
const maxUpload = app.MaxUpload/3*4 + 4096

// Most is how many bytes the body of a request may have: one with a picture has more.
func Most(r *http.Request) int64 {
	if r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, Root+"/desks/") && strings.Contains(r.URL.Path, "/pictures/") {
		return maxPicture
	}
	if r.Method == http.MethodPost && r.URL.Path == Root+"/files" {
		return maxUpload
	}
	return maxBody
}

func (h *handler) setPicture(r *request) (response, error) {
	role, err := desk.ParsePictureRole(mux.Vars(r.Request)["role"])
	if err != nil {
		return response{}, err
	}
	var in NewPicture
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	d, err := h.app.SetPicture(r.Context(), r.by, r.desk(), role, in.Data)
	return response{body: h.deskOf(d)}, err
}

func (h *handler) removePicture(r *request) (response, error) {
	role, err := desk.ParsePictureRole(mux.Vars(r.Request)["role"])
	if err != nil {
		return response{}, err
	}
	_, err = h.app.RemovePicture(r.Context(), r.by, r.desk(), role)
	return response{}, err
}

func (h *handler) proveLinks(r *request) (response, error) {
	d, err := h.app.ProveLinks(r.Context(), r.by, r.desk())
	return response{body: h.deskOf(d)}, err
}
