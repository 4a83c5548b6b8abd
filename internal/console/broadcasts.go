package console

import (
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// broadcasts is what a desk told its followers.
type broadcasts struct {
	Desk  desk.Desk
	Desks []desk.Desk
	Key   string
	May   bool
	Limit int // characters that most servers show
	now   time.Time
}

// Left is how many seconds something that is due can still be taken back.
func (b broadcasts) Left(due time.Time) int { return max(int(due.Sub(b.now).Seconds()), 1) }

func (c *Console) broadcasts(v *visit) error {
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	if len(desks) == 0 {
		return desk.NotFound("there is no desk yet: make one under Desks")
	}
	more := broadcasts{Desk: desks[0], Desks: desks, Key: id.New(), May: v.agent.May(desk.ScopePublish), Limit: usualLimit, now: c.app.Now()}
	for _, d := range desks {
		if string(d.Handle) == v.URL.Query().Get("desk") {
			more.Desk = d
		}
	}
	list, next, err := c.app.Broadcasts(v.Context(), more.Desk.Handle, v.page())
	if err != nil {
		return err
	}
	s := sheetOf(v, list, next)
	s.More = more
	return c.show(v, "broadcasts", s)
}

func (c *Console) broadcast(v *visit) error {
	_, err := c.app.Broadcast(v.Context(), v.by(), app.BroadcastInput{Desk: desk.Handle(v.PostFormValue("desk")), Text: v.PostFormValue("text"),
		Language: strings.TrimSpace(v.PostFormValue("language"))})
	if err != nil {
		return err
	}
	return v.done("/broadcasts", "broadcast")
}

// undoBroadcast takes one back that has not gone out yet.
func (c *Console) undoBroadcast(v *visit) error {
	if _, err := c.app.Undo(v.Context(), v.by(), v.PostFormValue("post")); err != nil {
		return err
	}
	return v.done("/broadcasts", "undo")
}

// retract deletes one of our posts wherever it was sent.
func (c *Console) retract(v *visit) error {
	p, err := c.app.RetractPost(v.Context(), v.by(), desk.PostID(v.PostFormValue("post")))
	if err != nil {
		return err
	}
	if p.Issue != "" {
		return v.back(p.Issue, "retract")
	}
	return v.done("/broadcasts", "retract")
}
