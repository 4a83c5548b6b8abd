package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// mailEvery is how long events are gathered for one mail: the most mails an agent
	// gets are one in this time.
	mailEvery = 10 * time.Minute
	// mailAfter is how much later a mail is sent, so that the clock of another node
	// adds nothing to a mail on its way.
	mailAfter = 5 * time.Second
	// mailLines is how many events stand in a mail; more are counted.
	mailLines = 50
	kindMail  = "mail"
)

// MailLine is one line of a mail: an event, or several of one kind in one issue.
type MailLine struct {
	Kind  string       `json:"kind"`
	Issue desk.IssueID `json:"issue"`
	Desk  desk.Handle  `json:"desk"`
	N     int          `json:"n"`
}

// MailBody is what a mail is written from.
type MailBody struct {
	At    time.Time  `json:"at"`
	Count int        `json:"count"`
	Lines []MailLine `json:"lines"`
}

// checkMail says where the mails of an agent go: to their own address, so that nobody
// can have mail sent to other people.
func (a *App) checkMail(d *store.Destination, n NewDestination) error {
	own := "mailto:" + string(d.Agent)
	switch {
	case !a.mails:
		return desk.Conflict("mail_not_set", "this instance sends no mail: the setting smtp.server is missing")
	case n.URL != "" && n.URL != own:
		return desk.Invalid("mail_own", "mail goes to the agent's own address")
	}
	d.URL = own
	if d.Name == "" {
		d.Name = string(d.Agent)
	}
	return nil
}

// Mails says whether this instance sends mail.
func (a *App) Mails() bool { return a.mails }

// gatherMail adds an event to the next mail, which is sent when its time, and the quiet
// hours then, are over.
func (t *Tx) gatherMail(d *store.Destination, kind string, c store.Change) error {
	n, there, err := t.Destinations().Notification(d.ID, d.Gathering)
	if err != nil {
		return err
	}
	if !there || n.State != store.NotificationQueued || n.Attempts > 0 || !t.Now.Before(d.GatheringUntil) {
		until := t.Now.Add(mailEvery)
		if over := quietUntil(*d, until); !over.IsZero() {
			until = over.UTC()
		}
		n = store.Notification{Destination: d.ID, ID: c.ID, Kind: kindMail, At: c.At, State: store.NotificationQueued}
		if n.Body, err = json.Marshal(MailBody{At: c.At}); err != nil {
			return err
		}
		d.Gathering, d.GatheringUntil, d.Gathered = c.ID, until, 0
		if err := t.addNotification(d, n, gatheredAt(*d)); err != nil {
			return err
		}
	}
	var body MailBody
	if err := json.Unmarshal(n.Body, &body); err != nil {
		return fmt.Errorf("reading a mail: %w", err)
	}
	d.Gathered++
	body.add(kind, c)
	if n.Body, err = json.Marshal(body); err != nil {
		return err
	}
	return t.Destinations().PutNotification(n)
}

func (b *MailBody) add(kind string, c store.Change) {
	b.Count++
	line := MailLine{Kind: kind, Issue: c.Issue, N: 1}
	if len(c.Desks) > 0 {
		line.Desk = c.Desks[0]
	}
	for n, l := range b.Lines {
		if l.Kind == line.Kind && l.Issue == line.Issue && l.Desk == line.Desk {
			b.Lines[n].N++
			return
		}
	}
	if len(b.Lines) < mailLines {
		b.Lines = append(b.Lines, line)
	}
}

// OffCode is the code of the link in a mail that turns further ones off.
func (a *App) OffCode(d desk.DestinationID) string { return a.secrets.OffCode(d) }

// MailOff finds the mails that a link turns off; ok is false for a link that is not
// whole, or of mails that are not sent any more.
func (a *App) MailOff(ctx context.Context, id desk.DestinationID, code string) (d store.Destination, ok bool, err error) {
	if !a.secrets.IsOffCode(id, code) {
		return d, false, nil
	}
	err = a.View(ctx, func(tx *Tx) error { d, ok, err = tx.Destinations().Get(id); return err })
	return d, ok && d.Form == desk.FormMail, err
}

// TurnMailOff pauses the mails that a link names. It may come again. The audit log names
// the link, not the agent: others may hold it.
func (a *App) TurnMailOff(ctx context.Context, id desk.DestinationID, code string) (ok bool, err error) {
	d, ok, err := a.MailOff(ctx, id, code)
	if err != nil || !ok || d.Paused() {
		return ok, err
	}
	_, err = a.pauseDestination(ctx, By{Via: store.ViaLink}, d.Agent, id, d.Agent)
	if desk.ErrorID(err) == "destination_paused" { // twice at once
		err = nil
	}
	return true, err
}
