package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// Phrases lists the phrases of a desk, the oldest first; there are no more than
// desk.MaxPhrases.
func (a *App) Phrases(ctx context.Context, of desk.Handle) (out []desk.Phrase, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if _, err := tx.desk(of); err != nil {
			return err
		}
		out, err = tx.phrases(of)
		return err
	})
	return out, err
}

// Phrase returns one phrase.
func (a *App) Phrase(ctx context.Context, of desk.Handle, id desk.PhraseID) (p desk.Phrase, err error) {
	err = a.View(ctx, func(tx *Tx) error { p, err = tx.phrase(of, id); return err })
	return p, err
}

func (t *Tx) phrases(of desk.Handle) ([]desk.Phrase, error) {
	list, _, err := t.Phrases().List(of, store.Page{Limit: desk.MaxPhrases})
	return list, err
}

func (t *Tx) phrase(of desk.Handle, id desk.PhraseID) (desk.Phrase, error) {
	p, ok, err := t.Phrases().Get(of, id)
	if err == nil && !ok {
		err = desk.NotFound("phrase_not_found", "the desk %q has no phrase %.100s", of, id)
	}
	return p, err
}

// AddPhrase gives a desk a phrase.
func (a *App) AddPhrase(ctx context.Context, by By, p desk.Phrase) (desk.Phrase, error) {
	p, err := desk.NewPhrase(p)
	if err != nil {
		return p, err
	}
	return once(ctx, a, by, audit[desk.Phrase]{"phrase.add", phrasePath}, func(tx *Tx) (desk.Phrase, error) {
		if _, err := tx.desk(p.Desk); err != nil {
			return p, err
		}
		list, err := tx.phrases(p.Desk)
		if err != nil {
			return p, err
		}
		if len(list) >= desk.MaxPhrases {
			return p, desk.Conflict("phrases_too_many", "a desk has at most %d phrases: remove one first", desk.MaxPhrases)
		}
		n := p
		n.ID = desk.PhraseID(tx.NewID())
		return tx.putPhrase(n, list)
	})
}

// PhraseEdit holds the fields of a phrase that can change; nil: no change.
type PhraseEdit struct{ Name, Language, Text *string }

// EditPhrase changes a phrase.
func (a *App) EditPhrase(ctx context.Context, by By, of desk.Handle, id desk.PhraseID, e PhraseEdit) (desk.Phrase, error) {
	return once(ctx, a, by, audit[desk.Phrase]{"phrase.edit", phrasePath}, func(tx *Tx) (desk.Phrase, error) {
		p, err := tx.phrase(of, id)
		if err != nil {
			return p, err
		}
		for to, from := range map[*string]*string{&p.Name: e.Name, &p.Language: e.Language, &p.Text: e.Text} {
			if from != nil {
				*to = *from
			}
		}
		if p, err = desk.NewPhrase(p); err != nil {
			return p, err
		}
		list, err := tx.phrases(of)
		if err != nil {
			return p, err
		}
		return tx.putPhrase(p, list)
	})
}

// putPhrase stores a phrase, whose name is that of no other one in its language.
func (t *Tx) putPhrase(p desk.Phrase, all []desk.Phrase) (desk.Phrase, error) {
	for _, other := range all {
		if other.ID != p.ID && other.Name == p.Name && other.Language == p.Language {
			return p, desk.Conflict("phrase_exists", "the desk has a phrase %q in this language already", p.Name)
		}
	}
	p.Changed = t.Now
	return p, t.Phrases().Put(p)
}

// RemovePhrase removes a phrase.
func (a *App) RemovePhrase(ctx context.Context, by By, of desk.Handle, id desk.PhraseID) error {
	_, err := once(ctx, a, by, audit[Ack]{"phrase.remove", auditOn(phraseAt(of, id))}, func(tx *Tx) (Ack, error) {
		if _, err := tx.phrase(of, id); err != nil {
			return Ack{}, err
		}
		_, err := tx.Phrases().Delete(of, id)
		return Ack{}, err
	})
	return err
}

func phraseAt(of desk.Handle, id desk.PhraseID) string {
	return "desks/" + string(of) + "/phrases/" + string(id)
}

func phrasePath(p desk.Phrase) (on, note string) { return phraseAt(p.Desk, p.ID), p.Language }
