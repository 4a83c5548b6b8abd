package app

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// maxDrafts of one agent are kept, so that a script costs nobody else anything.
	maxDrafts = 200
	// maxDraftChoice is the longest of the other fields, in bytes.
	maxDraftChoice = 2000
)

// DraftOnIssue names the form in which an issue is answered, as store.Draft.On.
func DraftOnIssue(id desk.IssueID) string { return "issues/" + string(id) }

// DraftOnPost names the form in which a post of ours is changed.
func DraftOnPost(id desk.PostID) string { return "posts/" + string(id) }

// DraftOnIncident names the form in which an update of an incident is written.
func DraftOnIncident(id desk.IncidentID) string { return "incidents/" + string(id) }

// DraftOnNewIncident names the form of a new incident. A draft of it has the title as its Next.
const DraftOnNewIncident = "incidents/new"

// DraftOnSeveral names the form in which several issues get one reply.
const DraftOnSeveral = "several"

// DraftOnDesk names the form in which a desk's broadcast is written.
func DraftOnDesk(h desk.Handle) string { return "desks/" + string(h) }

// SaveDraft keeps what an agent has typed into a form, in the place of what they had
// typed there before. An empty text discards it.
func (a *App) SaveDraft(ctx context.Context, by By, d store.Draft) error {
	if by.Agent == "" {
		return desk.Invalid("draft_no_agent", "a draft belongs to an agent: name the agent")
	}
	if err := checkDraft(d); err != nil {
		return err
	}
	d.Agent = by.Agent
	return a.Update(ctx, func(tx *Tx) error {
		if strings.TrimSpace(d.Text) == "" {
			_, err := tx.Drafts().Delete(d.Agent, d.On)
			return err
		}
		old, again, err := tx.Drafts().Get(d.Agent, d.On)
		if err != nil {
			return err
		}
		if !again {
			if err := tx.mayDraft(d); err != nil {
				return err
			}
		}
		if d.At = old.At; reflect.DeepEqual(d, old) {
			return nil
		}
		d.At = tx.Now
		return tx.Drafts().Put(d)
	})
}

// DiscardDraft forgets what an agent has put into a form: words and pictures.
func (a *App) DiscardDraft(ctx context.Context, by By, on string) error {
	return a.Update(ctx, func(tx *Tx) error {
		if _, err := tx.Drafts().Delete(by.Agent, on); err != nil {
			return err
		}
		return tx.discardUploads(by.Agent, on)
	})
}

func checkDraft(d store.Draft) error {
	if strings.TrimSpace(d.Text) != "" {
		if _, err := checkText(d.Text); err != nil {
			return err
		}
	}
	for _, s := range []string{d.On, d.To, string(d.Status), string(d.Reason), d.Next, d.Language, string(d.Only)} {
		if len(s) > maxDraftChoice {
			return desk.Invalid("draft_field_too_long", "a choice beside the text has %d bytes; %d are the most", len(s), maxDraftChoice)
		}
	}
	if len(d.Files) > 2*desk.MaxFiles { // those of the post, and those that wait
		return TooManyFiles()
	}
	for _, f := range d.Files {
		if _, err := desk.CheckAlt(f.Alt); err != nil {
			return err
		}
		if _, err := desk.CheckAlt(string(f.ID)); err != nil || len(f.ID) > maxDraftChoice {
			return fileUnknown(f.ID)
		}
	}
	return nil
}

// mayDraft says whether a new draft is of a form that there is, and has room.
func (t *Tx) mayDraft(d store.Draft) error {
	if err := t.formThere(d.On); err != nil {
		return err
	}
	room, err := t.roomForDraft(d.Agent)
	if err == nil && !room {
		err = desk.Conflict("drafts_full", "%d drafts are kept, and that is the most: send or discard some", maxDrafts)
	}
	return err
}

// formThere says whether there is a form, as store.Draft.On names it.
func (t *Tx) formThere(on string) (err error) {
	kind, id, _ := strings.Cut(on, "/")
	switch kind {
	case "issues":
		_, err = t.issue(desk.IssueID(id))
	case "posts":
		_, err = t.ownPost(By{}, desk.PostID(id))
	case "incidents":
		if on != DraftOnNewIncident {
			_, err = t.incident(desk.IncidentID(id))
		}
	case "desks":
		_, err = t.desk(desk.Handle(id))
	case DraftOnSeveral:
	default:
		err = desk.NotFound("draft_form_unknown", "there is no form %q to keep a draft of", on)
	}
	return err
}

func (t *Tx) roomForDraft(agent desk.Email) (bool, error) {
	kept, _, err := t.Drafts().List(agent, store.Page{Limit: maxDrafts})
	return len(kept) < maxDrafts, err
}

// Drafts returns what an agent has typed and not sent, by the form.
func (a *App) Drafts(ctx context.Context, agent desk.Email) (map[string]store.Draft, error) {
	drafts := map[string]store.Draft{}
	if agent == "" {
		return drafts, nil
	}
	err := a.View(ctx, func(tx *Tx) error {
		kept, _, err := tx.Drafts().List(agent, store.Page{Limit: maxDrafts})
		for _, d := range kept {
			drafts[d.On] = d
		}
		return err
	})
	return drafts, err
}

// takenBack puts the pictures of a post that is taken back into the form of who wrote it, as
// far as there is room, and makes a draft of the words that their own agent took back, unless
// there is one. ends are the posts that are taken back, p among them.
func (t *Tx) takenBack(by By, p desk.Post, ends []desk.Post) error {
	on, err := t.formOf(p)
	if err != nil || on == "" || p.Agent == "" {
		return err
	}
	if err := t.unsend(p, on, ends); err != nil || by.Agent != p.Agent || by.undoesMany { // then see saidAgain
		return err
	}
	return t.wordsBack(p, on)
}

// wordsBack makes a draft of the words of a post for its agent, unless there is one.
func (t *Tx) wordsBack(p desk.Post, on string) error {
	d := store.Draft{Agent: p.Agent, On: on, Text: p.Text, To: string(p.Visibility), Language: p.Language, At: t.Now}
	if p.Issue == "" && p.Incident == "" {
		if d.Warning = p.Warning; p.DueAt.Equal(p.Received) && p.DueAt.After(t.Now) {
			d.GoesOut = p.DueAt
		}
	}
	if _, there, err := t.Drafts().Get(d.Agent, d.On); err != nil || there {
		return err
	}
	room, err := t.roomForDraft(d.Agent)
	if err != nil || !room {
		return err
	}
	return t.Drafts().Put(d)
}

// formOf is the form in which a post was written; "": it has none any more.
func (t *Tx) formOf(p desk.Post) (string, error) {
	switch {
	case p.Incident != "":
		i, _, err := t.Incidents().Get(p.Incident)
		if err != nil || i.Root == p.ID { // whose words the incident has
			return "", err
		}
		return DraftOnIncident(p.Incident), nil
	case p.Issue == "":
		return DraftOnDesk(p.Desk), nil
	}
	home, err := t.home(p.Issue) // where its page is
	return DraftOnIssue(home.ID), err
}

// draftSent discards the draft of what was sent.
func (t *Tx) draftSent(by By) error {
	if by.Draft == "" || by.Agent == "" {
		return nil
	}
	_, err := t.Drafts().Delete(by.Agent, by.Draft)
	return err
}

// expireDrafts discards drafts that were last changed before a time.
func (a *App) expireDrafts(ctx context.Context, before time.Time) (n int, err error) {
	err = store.EachPage(func(p store.Page) (next string, err error) {
		expired := 0
		err = a.Update(ctx, func(tx *Tx) error {
			expired = 0
			drafts, after, err := tx.Drafts().List("", p)
			if err != nil {
				return err
			}
			next = after
			for _, d := range drafts {
				if !d.At.Before(before) {
					continue
				}
				if _, err := tx.Drafts().Delete(d.Agent, d.On); err != nil {
					return err
				}
				expired++
			}
			return nil
		})
		n += expired
		return next, err
	})
	if err != nil {
		return n, fmt.Errorf("discarding old drafts: %w", err)
	}
	return n, nil
}
