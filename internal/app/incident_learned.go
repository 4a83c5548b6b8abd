package app

import (
	"context"
	"strings"
	"unicode/utf8"

	"earshot/internal/alike"
	"earshot/internal/desk"
	"earshot/store"
)

// PostmortemInput asks for a postmortem of what was learned.
type PostmortemInput struct {
	Incident desk.IncidentID
	// Surprised and Changed replace what was learned, "" removes one; nil: it stays.
	Surprised, Changed *string
	Now                bool // skip the take-back time
}

// Postmortem makes an update of what was learned from an incident that is over. It goes
// to the followers, after the take-back time; the voices are not told.
func (a *App) Postmortem(ctx context.Context, by By, in PostmortemInput) (desk.Incident, error) {
	if !by.publishes() {
		return desk.Incident{}, errIncidentScope()
	}
	if err := checkLearned(in.Surprised, in.Changed); err != nil {
		return desk.Incident{}, err
	}
	return a.changeIncident(ctx, by, "incident.postmortem", in.Incident, func(tx *Tx, i *desk.Incident) error {
		if i.Status == desk.IncidentPostmortem {
			return desk.Conflict("incident_postmortem_exists", "the look back of this incident has been published: correct that post")
		}
		set(&i.Surprised, in.Surprised)
		set(&i.Changed, in.Changed)
		text := i.PostmortemText()
		if text == "" {
			return desk.Conflict("incident_nothing_learned", "nobody has written down yet what surprised us or what we changed")
		}
		text, err := checkOutward(by, text)
		if err != nil {
			return err
		}
		return tx.writeUpdate(by, i, UpdateInput{Status: desk.IncidentPostmortem, Text: text}, a.leaves(tx, in.Now), Audience{})
	})
}

// maxLearned is how long one line of what was learned may be, in characters: both, with
// their headings, fit into one post.
const maxLearned = MaxText/2 - 100

// checkLearned checks and cleans what was learned.
func checkLearned(lines ...*string) (err error) {
	for _, l := range lines {
		if l == nil || *l == "" {
			continue
		}
		if *l, err = checkText(*l); err != nil {
			return err
		}
		if n := utf8.RuneCountInString(*l); n > maxLearned {
			return desk.Invalid("text_too_long", "the text has %d characters; %d are allowed", n, maxLearned)
		}
	}
	return nil
}

const (
	lessonsAmong = 100 // incidents that are over are compared, the newest
	lessonsShown = 3
	lessonShares = 2 // words of a text and of an incident make them alike; one that names a service too
)

// Lessons finds incidents that are over, from which something was learned, and that a
// text is like: the newest of them.
func (a *App) Lessons(ctx context.Context, h desk.Handle, text string) (out []desk.Incident, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = nil
		d, err := tx.desk(h)
		if err != nil {
			return err
		}
		known := alike.Known{Names: d.Names, Calls: d.Calls}
		words := map[string]bool{}
		for _, w := range alike.Words(alike.Report{Text: text}, known) {
			words[w] = true
		}
		over, _, err := tx.Incidents().List(store.IncidentFilter{Desk: d.Handle, State: desk.IncidentOver}, store.Page{Limit: lessonsAmong})
		for _, i := range over {
			if len(out) < lessonsShown && i.PostmortemText() != "" && isAlike(words, i, known) {
				out = append(out, i)
			}
		}
		return err
	})
	return out, err
}

// isAlike says whether words are like those of an incident.
func isAlike(words map[string]bool, i desk.Incident, known alike.Known) bool {
	shares := 0
	for _, w := range alike.Words(alike.Report{Text: strings.Join(i.Services, " ")}, known) {
		if words[w] {
			return true
		}
	}
	for _, w := range alike.Words(alike.Report{Text: strings.Join([]string{i.Title, i.Text, i.Surprised, i.Changed}, "\n")}, known) {
		if words[w] {
			shares++
		}
	}
	return shares >= lessonShares
}

// LaterInPiles lists the piles that were linked to an incident and in which reports stand
// that came later: they are linked only when an agent says so.
func (a *App) LaterInPiles(ctx context.Context, i desk.Incident) (out []desk.Pile, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = nil
		piles, _, err := tx.Piles().List(store.PileFilter{Desk: i.Desk, Standing: true}, store.Page{Limit: pilesAtOnce})
		for _, p := range piles {
			if p.Incident == i.ID && (p.Act == nil || p.Act.Over) {
				out = append(out, p)
			}
		}
		return err
	})
	return out, err
}
