package api

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

// SeveralReply is the body of one reply to the reporters of several issues, at most 50. In its
// text, {name} is what each of them is called.
type SeveralReply struct {
	Issues   []desk.IssueID `json:"issues"`
	Text     string         `json:"text"`
	Language string         `json:"language,omitempty"` // "": that of each reporter
	Status   desk.Status    `json:"status,omitempty"`   // takes effect when the reply goes out
	Reason   desk.Reason    `json:"reason,omitempty"`
	Next     string         `json:"next,omitempty"`
	Meant    bool           `json:"meant,omitempty"` // after reply_asks_secret: the words ask for no secret
	// SeenAt is when the list was read that this was decided on, as in Bulk.
	SeenAt Time `json:"seen_at,omitzero"`
}

// SeveralPreview is what one of several reporters would get, or why they get nothing.
type SeveralPreview struct {
	Issue desk.IssueID `json:"issue"`
	Posts []Post       `json:"posts"` // of a merged issue, one for each reporter
	Later bool         `json:"later"` // it goes out a while after the others
	Error string       `json:"error"` // why not
}

func (r *request) several() (in app.SeveralInput, err error) {
	var body SeveralReply
	if err := r.decode(&body); err != nil {
		return in, err
	}
	r.by.Meant, r.by.SeenAt = body.Meant, body.SeenAt.Time
	return app.SeveralInput{Issues: body.Issues, Text: body.Text, Language: body.Language, Change: desk.StatusChange{To: body.Status, Reason: body.Reason, Next: body.Next}}, nil
}

func (h *handler) replyToSeveral(r *request) (response, error) {
	in, err := r.several()
	if err != nil {
		return response{}, err
	}
	done, err := h.app.ReplyToSeveral(r.Context(), r.by, in)
	return response{body: bulkResults(done.Results, done.Act)}, err
}

func (h *handler) previewSeveral(r *request) (response, error) {
	in, err := r.several()
	if err != nil {
		return response{}, err
	}
	shown, err := h.app.PreviewSeveral(r.Context(), r.by, in)
	return response{body: each(shown, func(p app.PreviewOfSeveral) SeveralPreview {
		return SeveralPreview{Issue: p.Issue, Posts: each(p.Posts, postOf), Later: p.Later, Error: desk.ErrorMessage(p.Err)}
	})}, err
}
