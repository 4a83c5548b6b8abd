package main

import (
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type phraseCmd struct {
	List   phraseList   `cmd:"" help:"List the phrases of a desk."`
	Add    phraseAdd    `cmd:"" help:"Give a desk a phrase."`
	Edit   phraseEdit   `cmd:"" help:"Change a phrase."`
	Remove phraseRemove `cmd:"" help:"Remove a phrase."`
}

type phraseList struct {
	Desk string `arg:"" help:"The desk's handle."`
}

func (p phraseList) Run(c *command) error {
	h, err := handle(p.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		phrases, err := s.Phrases(c.ctx, h)
		if err != nil {
			return err
		}
		return c.show(phrases, func(w io.Writer) {
			rows := make([][]string, len(phrases))
			for n, p := range phrases {
				rows[n] = []string{string(p.ID), p.Language, p.Name, p.Text}
			}
			c.table(w, "The desk has no phrases.", []string{"ID", "LANGUAGE", "NAME", "TEXT"}, rows)
		})
	})
}

type phraseAdd struct {
	Desk     string `arg:"" help:"The desk's handle."`
	Name     string `arg:"" help:"A short name, by which agents find it."`
	Text     string `arg:"" help:"The text. {name} becomes the reporter's name, {time} the time of day, {date} the day, {initials} the agent's signature."`
	Language string `help:"Its language, as en or pt-BR." default:"en" placeholder:"CODE"`
}

func (phraseAdd) Help() string {
	return `In the console, agents insert phrases with ";" in the composer. A desk has at most 200.

Example:

	earshot phrase add help Router "Hello {name}, please restart the router. Does it help?" --language en
`
}

func (p phraseAdd) Run(c *command) error {
	h, err := handle(p.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.AddPhrase(c.ctx, h, api.NewPhrase{Language: p.Language, Name: p.Name, Text: p.Text})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printPhrase(w, out) })
	})
}

type phraseEdit struct {
	Desk     string  `arg:"" help:"The desk's handle."`
	ID       string  `arg:"" help:"The id, as phrase list shows it."`
	Name     *string `help:"Another name." placeholder:"NAME"`
	Text     *string `help:"Another text." placeholder:"TEXT"`
	Language *string `help:"Another language." placeholder:"CODE"`
}

func (p phraseEdit) Run(c *command) error {
	h, err := handle(p.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.EditPhrase(c.ctx, h, desk.PhraseID(p.ID), api.PhraseEdit{Language: p.Language, Name: p.Name, Text: p.Text})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printPhrase(w, out) })
	})
}

type phraseRemove struct {
	Desk string `arg:"" help:"The desk's handle."`
	ID   string `arg:"" help:"The id, as phrase list shows it."`
}

func (p phraseRemove) Run(c *command) error {
	h, err := handle(p.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		if err := s.RemovePhrase(c.ctx, h, desk.PhraseID(p.ID)); err != nil {
			return err
		}
		return c.done("The phrase is removed.")
	})
}

func (c *command) printPhrase(w io.Writer, p api.Phrase) {
	c.table(w, "", []string{"ID", "LANGUAGE", "NAME", "TEXT"}, [][]string{{string(p.ID), p.Language, p.Name, p.Text}})
}
