package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// phraseSheet is the page on which the phrases of a desk are managed.
type phraseSheet struct {
	Desks     []desk.Desk
	Desk      desk.Handle
	Phrases   []desk.Phrase
	New       desk.Phrase // empty, but for its language
	Languages []*locale.Language
	Full      bool
}

// phrases shows them.
func (c *Console) phrases(v *visit) error {
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	p := phraseSheet{Desks: desks, Desk: desk.Handle(v.URL.Query().Get("desk")), New: desk.Phrase{Language: v.speech.Code}, Languages: c.speech.Languages()}
	if p.Desk == "" && len(desks) > 0 {
		p.Desk = desks[0].Handle
	}
	if p.Desk != "" {
		if p.Phrases, err = c.app.Phrases(v.Context(), p.Desk); err != nil {
			return err
		}
	}
	p.Full = len(p.Phrases) >= desk.MaxPhrases
	return c.show(v, "phrases", p)
}

func phraseTyped(v *visit) desk.Phrase {
	return desk.Phrase{ID: desk.PhraseID(v.PostFormValue("phrase")), Desk: desk.Handle(v.PostFormValue("desk")), Language: v.PostFormValue("language"),
		Name: v.PostFormValue("name"), Text: v.PostFormValue("text")}
}

// savePhrase adds a phrase, or changes the one that the form names.
func (c *Console) savePhrase(v *visit) error {
	p := phraseTyped(v)
	var err error
	if p.ID == "" {
		_, err = c.app.AddPhrase(v.Context(), v.by(), p)
	} else {
		_, err = c.app.EditPhrase(v.Context(), v.by(), p.Desk, p.ID, app.PhraseEdit{Name: &p.Name, Language: &p.Language, Text: &p.Text})
	}
	if err != nil {
		return err
	}
	return v.toPhrases(p.Desk, "saved")
}

func (c *Console) removePhrase(v *visit) error {
	p := phraseTyped(v)
	if err := c.app.RemovePhrase(v.Context(), v.by(), p.Desk, p.ID); err != nil {
		return err
	}
	return v.toPhrases(p.Desk, "removed")
}

func (v *visit) toPhrases(of desk.Handle, said string) error {
	http.Redirect(v.w, v.Request, Root+"/phrases?"+url.Values{"desk": {string(of)}, "said": {said}}.Encode(), http.StatusSeeOther)
	return nil
}

// phrasesFor lists the phrases of an issue's desk for the composer: first those in
// the language of the reply, then those in the agent's.
func (c *Console) phrasesFor(v *visit, of desk.Handle, language string) ([]desk.Phrase, error) {
	list, err := c.app.Phrases(v.Context(), of)
	if err != nil {
		return nil, err
	}
	rank := func(p desk.Phrase) int {
		for n, l := range []string{language, v.speech.Code} {
			if base(p.Language) == base(l) {
				return n
			}
		}
		return 2
	}
	slices.SortStableFunc(list, func(a, b desk.Phrase) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, nil
}

// base is the language of a tag, without its region.
func base(tag string) string { b, _, _ := strings.Cut(tag, "-"); return b }

// insertPhrase answers with the text of a phrase, filled in: as text for the page's
// script, which puts it where the caret is, or as the form with the text at the end of
// what was typed.
func (c *Console) insertPhrase(v *visit) error {
	d := draftOf(v)
	whole, err := c.app.ShowIssue(v.Context(), v.issueID())
	if err != nil {
		return err
	}
	var text string
	if which := v.PostFormValue("phrase"); which != "" {
		p, err := c.app.Phrase(v.Context(), whole.Issue.Desk, desk.PhraseID(which))
		if err != nil {
			return err
		}
		text = p.Fill(c.valuesFor(v, whole, d.Only, p))
	}
	if v.PostFormValue("quiet") != "" {
		return phraseText(v, text)
	}
	d.Text = withPhrase(d.Text, text)
	if err := c.keep(v, app.DraftOnIssue(v.issueID()), d); err != nil {
		return err
	}
	return c.showIssue(v, http.StatusOK, &d)
}

// phraseText answers the page's script.
func phraseText(v *visit, text string) error {
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = v.w.Write([]byte(text))
	return nil
}

// withPhrase puts a phrase at the end of what was typed.
func withPhrase(typed, phrase string) string {
	if typed = strings.TrimRight(typed, " "); typed != "" && !strings.HasSuffix(typed, "\n") {
		typed += " "
	}
	return typed + phrase
}

// maxAddressed is how many reporters of a merged issue are called by their names.
const maxAddressed = 3

// valuesFor are the values of a phrase's placeholders, in the phrase's language and the
// agent's time zone.
func (c *Console) valuesFor(v *visit, whole app.IssueView, only desk.IssueID, p desk.Phrase) map[string]string {
	speech, _ := c.speech.Choose(p.Language, "")
	names := []string{whole.Reporter.Addressed()}
	if len(whole.Parts) > 0 {
		names = nil
		for _, part := range whole.Parts {
			if only == "" || part.Issue.ID == only {
				names = append(names, part.Reporter.Addressed())
			}
		}
	}
	name := strings.Join(names, ", ")
	if len(names) > maxAddressed {
		name = speech.T("console_composer.all_of_you")
	}
	at := c.app.Now().In(v.agent.Zone())
	local := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC) // as speech writes it
	return map[string]string{desk.PlaceholderName: name, desk.PlaceholderTime: at.Format("15:04"), desk.PlaceholderDate: speech.Day(local), desk.PlaceholderInitials: v.agent.Signature}
}
