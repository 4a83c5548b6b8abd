package console

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/locale"
	"earshot/store"
)

// incidentPage is one incident, as it is worked on.
type incidentPage struct {
	incidentLine
	Agent      string         // the name of who opened it
	Posts      []incidentPost // the newest first, the first post last
	First      string         // what the first post will say, of a draft
	VoiceLines []voice
	Older      string // the address of the next page of voices
	// OnlyAnswered: of the voices those are shown who answered.
	OnlyAnswered bool
	May          bool   // publish
	Limit        int    // characters that most servers show
	On           string // the composer, as store.Draft.On
	Next         []desk.IncidentStatus
	Typed        typedIncident
	Speech       []*locale.Language // in which there are words to begin with
	Uncounts     bool               // so many voices that their number may have to be typed
	Later        []desk.Pile        // in which reports stand that came after it was linked
	Lessons      []incidentLine     // what was learned from incidents like it
	Postmortem   string             // what one press would publish; "": nothing
}

// incidentPost is one post about an incident.
type incidentPost struct {
	app.BroadcastView
	Status desk.IncidentStatus // "" of the first post
	By     string
	Left   int // seconds in which it can be taken back; 0: it is out
}

// voice is a linked issue.
type voice struct {
	app.IssueView
	Address, Ago string
}

// typedIncident is what an agent typed into a form of the page, and what became of it.
type typedIncident struct {
	Key    string
	Seen   string // the revision on which it is decided
	Update typedUpdate
	Edit   *incidentFields // nil: not changed
	// Learned is what was typed into the form of what was learned.
	Learned typedLearned
	Wrong   sentence // why it was not done
	Meant   string   // as in draft
}

// typedUpdate is what was typed into the composer.
type typedUpdate struct {
	Text               string
	Status             desk.IncidentStatus
	Promise            string // see promises
	Surprised, Changed string
	WordsIn            string // the language of the words to begin with
	Tell               bool   // the voices are told
	Count              string // how many of them, as it was typed
	Kept               string // as in draft
}

func (c *Console) incident(v *visit) error {
	return c.showIncident(v, http.StatusOK, v.incidentID(), typedIncident{})
}

func (c *Console) showIncident(v *visit, status int, which desk.IncidentID, typed typedIncident) error {
	whole, err := c.app.ShowIncident(v.Context(), which)
	if err != nil {
		return err
	}
	staff, err := c.staff(v.Context())
	if err != nil {
		return err
	}
	now, i := c.app.Now(), whole.Incident
	p := incidentPage{incidentLine: incidentLineOf(v.speech, i, now), Agent: staff.name(i.Agent), May: v.agent.May(desk.ScopePublish), Limit: usualLimit,
		On: app.DraftOnIncident(i.ID), Next: i.Status.Next(), Typed: typed, Speech: c.speech.Languages(), Uncounts: i.Voices > desk.MaxUncounted}
	if i.Root == "" {
		p.First = i.RootText()
	}
	add := func(b app.BroadcastView, s desk.IncidentStatus) {
		post := incidentPost{BroadcastView: b, Status: s, By: cmp.Or(staff.name(b.Post.Agent), v.speech.T("console.admin"))}
		if b.Post.State == desk.PostPending {
			post.Left = max(int(b.Post.DueAt.Sub(now).Seconds()), 1)
		}
		p.Posts = append(p.Posts, post)
	}
	for _, u := range whole.Updates {
		add(u.BroadcastView, u.Status)
	}
	if whole.Root != nil {
		add(*whole.Root, "")
	}
	if err := c.voicesOf(v, &p, now); err != nil {
		return err
	}
	if i.MayUpdate(desk.IncidentPostmortem) == nil && i.Status != desk.IncidentPostmortem {
		p.Postmortem = i.PostmortemText()
	}
	if p.Later, err = c.app.LaterInPiles(v.Context(), i); err != nil {
		return err
	}
	if !i.Status.Over() {
		if p.Lessons, err = c.lessons(v, i.Desk, strings.Join(append([]string{i.Title, i.Text}, i.Services...), "\n")); err != nil {
			return err
		}
	}
	if err := p.complete(c, v, now); err != nil {
		return err
	}
	return c.send(v, status, "incident", frame{Title: i.Title, Said: v.saying(v.URL.Query().Get("said")), Data: p})
}

// voicesOf adds a page of the linked issues.
func (c *Console) voicesOf(v *visit, p *incidentPage, now time.Time) error {
	after := ""
	if v.Method == http.MethodGet {
		after = v.URL.Query().Get("after")
	}
	p.OnlyAnswered = v.URL.Query().Get("voices") == "answered"
	list, next, err := c.app.ListIssues(v.Context(), app.ListInput{IssueFilter: store.IssueFilter{Incident: p.ID}, Folded: p.OnlyAnswered, Page: store.Page{After: after, Limit: pageSize}})
	if err != nil {
		return err
	}
	if p.Older = sheetOf(v, list, next).Older; v.Method != http.MethodGet {
		p.Older = ""
	}
	for _, i := range list {
		p.VoiceLines = append(p.VoiceLines, voice{i, query{View: viewOpen}.Issue(i.Issue.ID), ago(v.speech, now.Sub(i.Issue.OpenedAt))})
	}
	return nil
}

// complete fills what was not typed.
func (p *incidentPage) complete(c *Console, v *visit, now time.Time) error {
	t := &p.Typed
	t.Key = cmp.Or(t.Key, id.New())
	t.Seen = cmp.Or(t.Seen, strconv.Itoa(p.Revision))
	if t.Edit == nil {
		f := fieldsOfIncident(p.Incident)
		t.Edit = &f
	}
	of, _, err := c.app.Desk(v.Context(), p.Desk)
	if err != nil {
		return err
	}
	t.Edit.offer(of.Services)
	if t.Learned.Surprised == nil {
		t.Learned.Surprised = &p.Surprised
	}
	if t.Learned.Changed == nil {
		t.Learned.Changed = &p.Changed
	}
	u := &t.Update
	if u.Text == "" {
		drafts, err := c.app.Drafts(v.Context(), v.agent.Email)
		if err != nil {
			return err
		}
		if d, ok := drafts[p.On]; ok {
			u.Text, u.Status, u.Kept = d.Text, cmp.Or(u.Status, desk.IncidentStatus(d.Status)), ago(v.speech, now.Sub(d.At))
		}
	}
	if propose := desk.IncidentStatus(v.URL.Query().Get("propose")); propose != "" && propose == p.Proposes() {
		u.Status = cmp.Or(u.Status, propose)
	}
	u.Status = cmp.Or(u.Status, p.Status)
	if u.WordsIn == "" {
		u.WordsIn, _, _ = strings.Cut(strings.ToLower(cmp.Or(p.Language, v.speech.Code)), "-")
	}
	return nil
}

// refused shows the incident again, as it is now, with what was typed and the reason
// why it was not done.
func (c *Console) refused(v *visit, which desk.IncidentID, err error, typed typedIncident) error {
	status := http.StatusUnprocessableEntity
	switch desk.ErrorCode(err) {
	case desk.CodeStale:
		status = http.StatusConflict
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused:
	default:
		return err
	}
	typed.Key = keyAfter(v.PostFormValue("key"), err)
	d := draft{Text: v.PostFormValue("text")}
	d.ask(v, err)
	typed.Wrong, typed.Meant = d.Wrong, d.Meant
	return c.showIncident(v, status, which, typed)
}

// typedUpdateOf reads the composer.
func typedUpdateOf(v *visit) typedUpdate {
	return typedUpdate{Text: strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), Status: desk.IncidentStatus(v.PostFormValue("status")), Promise: v.PostFormValue("promise"),
		Surprised: v.PostFormValue("surprised"), Changed: v.PostFormValue("changed"), WordsIn: v.PostFormValue("words_in"),
		Tell: v.PostFormValue("tell") != "", Count: v.PostFormValue("count")}
}

// updateIncident writes an update, or says that it is over. If it fails, the form
// comes back with the reason, and no text is lost.
func (c *Console) updateIncident(v *visit) error {
	u, which, by := typedUpdateOf(v), v.incidentID(), v.by()
	by.Draft = app.DraftOnIncident(which)
	var err error
	if u.Status.Over() && u.Status != desk.IncidentPostmortem {
		_, err = c.app.CloseIncident(v.Context(), by, app.CloseInput{Incident: which, Text: u.Text, Surprised: u.Surprised, Changed: u.Changed, Tell: tellOf(v)})
	} else {
		_, err = c.app.UpdateIncident(v.Context(), by, app.UpdateInput{Incident: which, Status: u.Status, Text: u.Text, NextUpdate: promised(u.Promise, c.app.Now()), Tell: tellOf(v)})
	}
	if err == nil {
		return v.toIncident(which, "incident_out")
	}
	if err := c.keep(v, by.Draft, draft{Text: u.Text, Status: desk.Status(u.Status)}); err != nil {
		return err
	}
	return c.refused(v, which, err, typedIncident{Update: u})
}

// fillWords puts words to begin with into the composer, by the status and in the
// language that were chosen. A person's text stays theirs: only an empty box is filled.
func (c *Console) fillWords(v *visit) error {
	u := typedUpdateOf(v)
	if strings.TrimSpace(u.Text) == "" && u.Status == desk.IncidentPostmortem {
		whole, err := c.app.ShowIncident(v.Context(), v.incidentID())
		if err != nil {
			return err
		}
		u.Text = whole.Incident.PostmortemText()
	}
	if strings.TrimSpace(u.Text) == "" {
		for _, l := range c.speech.Languages() {
			if l.Code == u.WordsIn && l.Has("console_words."+string(u.Status)) {
				u.Text = l.T("console_words." + string(u.Status))
			}
		}
	}
	return c.showIncident(v, http.StatusOK, v.incidentID(), typedIncident{Update: u, Seen: v.PostFormValue("seen"), Key: v.PostFormValue("key")})
}

// learnFromIncident keeps what was learned.
func (c *Console) learnFromIncident(v *visit) error {
	l := learnedIn(v)
	if _, err := c.app.EditIncident(v.Context(), v.by(), v.incidentID(), app.IncidentEdit{Surprised: l.Surprised, Changed: l.Changed}); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{Learned: l})
	}
	return v.toIncident(v.incidentID(), "saved")
}

// postmortem publishes what was learned, as the page showed it. Words that were typed since are
// saved first, and shown: the next press publishes them.
func (c *Console) postmortem(v *visit) error {
	l := learnedIn(v)
	whole, err := c.app.ShowIncident(v.Context(), v.incidentID())
	if err != nil {
		return err
	}
	if l.differs(whole.Incident) && v.agent.May(desk.ScopePublish) {
		return c.learnFromIncident(v)
	}
	if _, err := c.app.Postmortem(v.Context(), v.by(), app.PostmortemInput{Incident: v.incidentID()}); err != nil {
		return c.refused(v, v.incidentID(), err, typedIncident{Learned: l})
	}
	return v.toIncident(v.incidentID(), "incident_out")
}

// typedLearned is what was typed about an incident that is over; nil: nothing.
type typedLearned struct{ Surprised, Changed *string }

func learnedIn(v *visit) (l typedLearned) {
	for name, to := range map[string]**string{"surprised": &l.Surprised, "changed": &l.Changed} {
		if v.PostForm.Has(name) {
			*to = new(strings.ReplaceAll(v.PostFormValue(name), "\r\n", "\n"))
		}
	}
	return l
}

// differs says whether it is other than the stored words.
func (l typedLearned) differs(i desk.Incident) bool {
	other := func(typed *string, stored string) bool {
		return typed != nil && strings.TrimSpace(*typed) != strings.TrimSpace(stored)
	}
	return other(l.Surprised, i.Surprised) || other(l.Changed, i.Changed)
}

// lessons are what was learned from incidents that a text is like.
func (c *Console) lessons(v *visit, h desk.Handle, like string) ([]incidentLine, error) {
	found, err := c.app.Lessons(v.Context(), h, like)
	return incidentLines(v.speech, found, c.app.Now()), err
}

// promises are when the next word can be promised, in minutes.
var promises = []int{30, 60, 120, 240, 24 * 60}

// promised is when a chosen promise ends; the zero time: nothing was chosen.
func promised(chosen string, now time.Time) time.Time {
	for _, m := range promises {
		if chosen == strconv.Itoa(m) {
			return now.Add(time.Duration(m) * time.Minute)
		}
	}
	return time.Time{}
}
