package api

import (
	"context"
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Phrase is a text that the agents of a desk send often, with placeholders.
type Phrase struct {
	ID        desk.PhraseID `json:"id"`
	Desk      desk.Handle   `json:"desk"`
	Language  string        `json:"language"`
	Name      string        `json:"name"`
	Text      string        `json:"text"`
	ChangedAt Time          `json:"changed_at"`
}

func phraseOf(p desk.Phrase) Phrase {
	return Phrase{ID: p.ID, Desk: p.Desk, Language: p.Language, Name: p.Name, Text: p.Text, ChangedAt: Time{p.Changed}}
}

// NewPhrase is the body of a new phrase.
type NewPhrase struct {
	Language string `json:"language"` // BCP 47
	Name     string `json:"name"`
	Text     string `json:"text"` // may have {name}, {time}, {date}, {initials}
}

// PhraseEdit is the body of a change of a phrase; fields that are left out stay.
type PhraseEdit struct {
	Language *string `json:"language,omitempty"`
	Name     *string `json:"name,omitempty"`
	Text     *string `json:"text,omitempty"`
}

// phrase reads the id of a phrase from the path.
func (r *request) phrase() desk.PhraseID { return desk.PhraseID(mux.Vars(r.Request)["phrase"]) }

func (h *handler) listPhrases(r *request) (response, error) {
	list, err := h.app.Phrases(r.Context(), r.desk())
	return response{body: each(list, phraseOf)}, err
}

func (h *handler) addPhrase(r *request) (response, error) {
	var in NewPhrase
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	p, err := h.app.AddPhrase(r.Context(), r.by, desk.Phrase{Desk: r.desk(), Language: in.Language, Name: in.Name, Text: in.Text})
	return response{body: phraseOf(p)}, err
}

func (h *handler) editPhrase(r *request) (response, error) {
	var in PhraseEdit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	p, err := h.app.EditPhrase(r.Context(), r.by, r.desk(), r.phrase(), app.PhraseEdit{Name: in.Name, Language: in.Language, Text: in.Text})
	return response{body: phraseOf(p)}, err
}

func (h *handler) removePhrase(r *request) (response, error) {
	return response{}, h.app.RemovePhrase(r.Context(), r.by, r.desk(), r.phrase())
}

// Phrases lists the phrases of a desk.
func (c *Client) Phrases(ctx context.Context, of desk.Handle) (out []Phrase, err error) {
	_, err = c.call(ctx, http.MethodGet, "/desks/"+segment(of)+"/phrases", nil, nil, &out)
	return out, err
}

// AddPhrase gives a desk a phrase.
func (c *Client) AddPhrase(ctx context.Context, of desk.Handle, in NewPhrase) (out Phrase, err error) {
	return out, c.write(ctx, http.MethodPost, "/desks/"+segment(of)+"/phrases", in, &out)
}

// EditPhrase changes a phrase.
func (c *Client) EditPhrase(ctx context.Context, of desk.Handle, id desk.PhraseID, in PhraseEdit) (out Phrase, err error) {
	return out, c.write(ctx, http.MethodPatch, "/desks/"+segment(of)+"/phrases/"+segment(id), in, &out)
}

// RemovePhrase removes a phrase.
func (c *Client) RemovePhrase(ctx context.Context, of desk.Handle, id desk.PhraseID) error {
	return c.write(ctx, http.MethodDelete, "/desks/"+segment(of)+"/phrases/"+segment(id), nil, nil)
}
