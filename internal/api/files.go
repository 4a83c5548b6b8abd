package api

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

// upload takes a picture for a post that is sent afterwards.
func (h *handler) upload(r *request) (response, error) {
	var in NewPicture
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	u, err := h.app.Upload(r.Context(), r.by, "", in.Data)
	return response{body: Upload{ID: u.ID, Type: u.Type, Width: u.Width, Height: u.Height}}, err
}

func (h *handler) removeUpload(r *request) (response, error) {
	return response{}, h.app.RemoveUpload(r.Context(), r.by, desk.FileID(r.id()))
}

func filesOf(in []NewFile) []app.FileInput {
	return each(in, func(f NewFile) app.FileInput { return app.FileInput{ID: f.ID, Alt: f.Alt} })
}
