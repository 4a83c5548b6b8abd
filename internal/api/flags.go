package api

import "earshot/internal/desk"

// Flag is a complaint of another server about a desk, the instance, or posts of ours.
type Flag struct {
	ID     desk.FlagID     `json:"id"`
	Sender desk.ActorID    `json:"sender"`
	Host   desk.Host       `json:"host"`
	About  []desk.ObjectID `json:"about"`
	Issue  desk.IssueID    `json:"issue"`
	Words  string          `json:"words"`
	At     Time            `json:"at"`
}

func flagOf(f desk.Flag) Flag {
	return Flag{f.ID, f.Sender, f.Sender.Host(), f.About, f.Issue, f.Words, Time{f.At}}
}

// listFlags lists all: there are at most 200.
func (h *handler) listFlags(r *request) (response, error) {
	flags, err := h.app.Flags(r.Context())
	return response{body: each(flags, flagOf)}, err
}

func (h *handler) removeFlag(r *request) (response, error) {
	return response{}, h.app.RemoveFlag(r.Context(), r.by, desk.FlagID(r.id()))
}
