package api

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

func (h *handler) editPost(r *request) (response, error) {
	var in NewEdit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	var files [][]app.FileInput
	if in.Files != nil {
		files = append(files, filesOf(*in.Files))
	}
	p, err := h.app.EditPost(r.Context(), r.by, desk.PostID(r.id()), in.Text, files...)
	return response{body: postOf(p)}, err
}

func (h *handler) listUnchecked(r *request) (response, error) {
	list, err := h.app.Unchecked(r.Context())
	return response{body: each(list, postOf)}, err
}

func (h *handler) releaseReply(r *request) (response, error) {
	p, err := h.app.ReleaseReply(r.Context(), r.by, desk.PostID(r.id()))
	return response{body: postOf(p)}, err
}

func (h *handler) returnReply(r *request) (response, error) {
	var in NewText
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	p, err := h.app.ReturnReply(r.Context(), r.by, desk.PostID(r.id()), in.Text)
	return response{body: postOf(p)}, err
}

func (h *handler) retractPost(r *request) (response, error) {
	p, err := h.app.RetractPost(r.Context(), r.by, desk.PostID(r.id()))
	return response{body: postOf(p)}, err
}

func (h *handler) broadcast(r *request) (response, error) {
	var in NewBroadcast
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	p, err := h.app.Broadcast(r.Context(), r.by, in.input())
	return response{body: postOf(p)}, err
}

// previewBroadcast shows what the followers would get.
func (h *handler) previewBroadcast(r *request) (response, error) {
	var in NewBroadcast
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	p, err := h.app.PreviewBroadcast(r.Context(), r.by, in.input())
	return response{body: postOf(p)}, err
}

func (in NewBroadcast) input() app.BroadcastInput {
	return app.BroadcastInput{Desk: in.Desk, Text: in.Text, Language: in.Language, Warning: in.Warning, At: in.At.Time, Now: in.Now, Files: filesOf(in.Files)}
}

// listBroadcasts lists a desk's broadcasts, newest first.
func (h *handler) listBroadcasts(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	if r.query("desk") == "" {
		return response{}, desk.Invalid("desk_missing", "whose broadcasts? Name a desk: ?desk=HANDLE")
	}
	views, next, err := h.app.Broadcasts(r.Context(), desk.Handle(r.query("desk")), page)
	return response{body: each(views, broadcastOf), next: next}, err
}
