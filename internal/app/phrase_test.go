package app_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A desk has a bounded number of phrases, each name once in a language; a request that is sent
// again adds none.
func TestPhrases(t *testing.T) {
	h := newHouse(t)
	p := desk.Phrase{Desk: "help", Language: "en", Name: "Street", Text: "Which street?"}
	for range 2 {
		_, err := h.AddPhrase(ctx, app.By{Key: "k"}, p)
		h.ok(err)
	}
	_, err := h.AddPhrase(ctx, app.By{}, p)
	h.code("the same name", err, desk.CodeConflict)
	_, err = h.AddPhrase(ctx, app.By{}, desk.Phrase{Desk: "nobody", Language: "en", Name: "x", Text: "x"})
	h.code("of no desk", err, desk.CodeNotFound)
	p.Language = "de"
	german, err := h.AddPhrase(ctx, app.By{}, p)
	h.ok(err)
	en := "en"
	_, err = h.EditPhrase(ctx, app.By{}, "help", german.ID, app.PhraseEdit{Language: &en})
	h.code("a name twice by an edit", err, desk.CodeConflict)
	for n := 2; n < desk.MaxPhrases; n++ {
		p.Name = fmt.Sprint("Street ", n)
		_, err := h.AddPhrase(ctx, app.By{}, p)
		h.ok(err)
	}
	p.Name = "One more"
	_, err = h.AddPhrase(ctx, app.By{}, p)
	h.code("too many", err, desk.CodeConflict)
	h.ok(h.RemovePhrase(ctx, app.By{Agent: cy}, "help", german.ID))
	h.code("removed twice", h.RemovePhrase(ctx, app.By{}, "help", german.ID), desk.CodeNotFound)
	_, err = h.AddPhrase(ctx, app.By{}, p)
	h.ok(err)
	list, err := h.Phrases(ctx, "help")
	h.ok(err)
	if len(list) != desk.MaxPhrases || list[0].Name != "Street" || list[len(list)-1].Name != "One more" {
		t.Errorf("%d phrases, from %q to %q", len(list), list[0].Name, list[len(list)-1].Name)
	}
	entries, _, err := h.AuditEntries(ctx, store.AuditFilter{Agent: cy}, store.Page{})
	h.ok(err)
	if len(entries) != 1 || entries[0].What != "phrase.remove" || entries[0].On != "desks/help/phrases/"+string(german.ID) {
		t.Errorf("the audit log has %+v", entries)
	}
}
