package api

import (
	"context"
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/desk"
)

// SavedView is a list of issues under a name.
type SavedView struct {
	ID        desk.SavedViewID `json:"id"`
	Shared    desk.Handle      `json:"shared"` // the desk whose agents see it, "" for one's own
	Name      string           `json:"name"`
	List      string           `json:"list"`   // new, mine, mentioned, needs_us, open, waiting, snoozed, done, all
	Desk      desk.Handle      `json:"desk"`   // "" for all
	Status    desk.Status      `json:"status"` // "" for all
	Search    string           `json:"search"` // it finds in all lists
	ChangedAt Time             `json:"changed_at"`
}

func savedViewOf(v desk.SavedView) SavedView {
	return SavedView{ID: v.ID, Shared: v.Owner.Desk(), Name: v.Name, List: v.List, Desk: v.At, Status: v.Status, Search: v.Search, ChangedAt: Time{v.Changed}}
}

// NewSavedView is the body of a new view.
type NewSavedView struct {
	Name   string      `json:"name"`
	List   string      `json:"list,omitempty"` // "" is all
	Desk   desk.Handle `json:"desk,omitempty"`
	Status desk.Status `json:"status,omitempty"`
	Search string      `json:"search,omitempty"`
}

// ViewName is the body of another name for a view.
type ViewName struct {
	Name string `json:"name"`
}

// views reads from the path to which desk the views belong, else to the agent.
func (r *request) views() desk.ViewOwner {
	if h := r.desk(); h != "" {
		return desk.ViewsOfDesk(h)
	}
	return desk.ViewsOfAgent(r.by.Agent)
}

func (r *request) view() desk.SavedViewID { return desk.SavedViewID(mux.Vars(r.Request)["view"]) }

func (h *handler) listViews(r *request) (response, error) {
	list, err := h.app.SavedViews(r.Context(), r.views())
	return response{body: each(list, savedViewOf)}, err
}

func (h *handler) addView(r *request) (response, error) {
	var in NewSavedView
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	if in.Search != "" && in.List != "" && in.List != "all" {
		return response{}, desk.Invalid("view_list_searched", "a search finds in all lists: leave out the list %.50q, or the search", in.List)
	}
	v, err := h.app.AddView(r.Context(), r.by, desk.SavedView{Owner: r.views(), Name: in.Name, List: in.List, At: in.Desk, Status: in.Status, Search: in.Search})
	return response{body: savedViewOf(v)}, err
}

func (h *handler) renameView(r *request) (response, error) {
	var in ViewName
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	v, err := h.app.RenameView(r.Context(), r.by, r.views(), r.view(), in.Name)
	return response{body: savedViewOf(v)}, err
}

func (h *handler) removeView(r *request) (response, error) {
	return response{}, h.app.RemoveView(r.Context(), r.by, r.views(), r.view())
}

// viewsAt is the address of the saved views of a desk, or of one's own for "".
func viewsAt(of desk.Handle) string {
	if of == "" {
		return "/me/views"
	}
	return "/desks/" + segment(of) + "/views"
}

// SavedViews lists the saved views of a desk, or one's own for "".
func (c *Client) SavedViews(ctx context.Context, of desk.Handle) (out []SavedView, err error) {
	_, err = c.call(ctx, http.MethodGet, viewsAt(of), nil, nil, &out)
	return out, err
}

// AddView saves a view for a desk, or of one's own for "".
func (c *Client) AddView(ctx context.Context, of desk.Handle, in NewSavedView) (out SavedView, err error) {
	return out, c.write(ctx, http.MethodPost, viewsAt(of), in, &out)
}

// RenameView gives a saved view another name.
func (c *Client) RenameView(ctx context.Context, of desk.Handle, id desk.SavedViewID, name string) (out SavedView, err error) {
	return out, c.write(ctx, http.MethodPatch, viewsAt(of)+"/"+segment(id), ViewName{Name: name}, &out)
}

// RemoveView removes a saved view.
func (c *Client) RemoveView(ctx context.Context, of desk.Handle, id desk.SavedViewID) error {
	return c.write(ctx, http.MethodDelete, viewsAt(of)+"/"+segment(id), nil, nil)
}
