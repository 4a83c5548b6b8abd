package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/locale"
)

// severalPage is the page on which several reporters are written the same reply.
type severalPage struct {
	draft
	On       string // as in composer
	Query    query
	ReadAt   string
	Lines    []severalLine
	Count    int // how many are ticked
	Most     int // may be
	Limit    int // of characters, as most servers have it
	Statuses []desk.Status
	Tongues  []locale.Tongue
	Phrases  []desk.Phrase
	Incident string // the address at which they become one
}

// severalLine is one of the issues.
type severalLine struct {
	candidate
	Foreign string // the report's language, if it is not that of the reply
	// Posts is what its reporters would get, Later whether it goes out after the others, and
	// Wrong why they get nothing; empty: it was not asked.
	Posts []desk.Post
	Later bool
	Wrong sentence
}

// severalReply shows the form.
func (c *Console) severalReply(v *visit) error {
	q := v.URL.Query()
	ticked := issuesOf(q)
	shown := ticked
	if len(q["shown"]) > 0 {
		shown = issuesOf(url.Values{"issue": q["shown"]})
	}
	return c.showSeveral(v, http.StatusOK, draft{Key: id.New()}, queryOf(q), shown, ticked, nil)
}

// severalAddress is the address of a form as it was sent, below Root: with those who are
// ticked, the list from which they come, and when that was read.
func severalAddress(form url.Values) string {
	q := queryOf(form).values()
	for _, name := range []string{"shown", "issue", "seen_at"} {
		q[name] = form[name]
	}
	return "/several/reply?" + q.Encode()
}

// listReadAt is when the list was read from which the form comes.
func (v *visit) listReadAt(now time.Time) time.Time {
	said := v.PostFormValue("seen_at")
	if said == "" {
		said = v.URL.Query().Get("seen_at")
	}
	if at, err := time.Parse(timeOfList, said); err == nil && at.Before(now) {
		return at
	}
	return now
}

// replyToSeveral sends the reply, or shows what each of them would get. Where it is refused
// for some, the others get it, and the form comes back with those that are left.
func (c *Console) replyToSeveral(v *visit) error {
	d, shown, ticked := draftOf(v), issuesOf(url.Values{"issue": v.PostForm["shown"]}), issuesOf(v.PostForm)
	d.asked(v)
	in := app.SeveralInput{Issues: ticked, Text: d.Text, Language: d.Language, Change: desk.StatusChange{To: d.Status, Reason: d.Reason, Next: d.Next}}
	by := v.by()
	by.Draft = app.DraftOnSeveral
	var err error
	if v.PostFormValue("do") == "preview" {
		var all []app.PreviewOfSeveral
		if all, err = c.app.PreviewSeveral(v.Context(), by, in); err == nil {
			return c.showSeveral(v, http.StatusOK, d, queryOf(v.PostForm), shown, ticked, all)
		}
	} else if err = checkTongue(v, d); err == nil {
		var done app.BulkDone
		done, err = c.app.ReplyToSeveral(v.Context(), by, in)
		if err == nil && done.Failed() == 0 {
			return c.didSeveral(v, "bulk_reply", done.Act, done.Results)
		}
		if err == nil {
			return c.saidToSome(v, d, done)
		}
	}
	switch desk.ErrorCode(err) {
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused:
		if err := c.keep(v, app.DraftOnSeveral, d); err != nil {
			return err
		}
		d.Key = keyAfter(d.Key, err)
		d.ask(v, err)
		return c.showSeveral(v, http.StatusUnprocessableEntity, d, queryOf(v.PostForm), shown, ticked, nil)
	}
	return err
}

// saidToSome shows the form again with those who did not get the reply, and why.
func (c *Console) saidToSome(v *visit, d draft, done app.BulkDone) error {
	var left []desk.IssueID
	var why []app.PreviewOfSeveral
	for _, r := range done.Results {
		if r.Err != nil {
			left, why = append(left, r.Issue), append(why, app.PreviewOfSeveral{Issue: r.Issue, Err: r.Err})
		}
	}
	if err := c.keep(v, app.DraftOnSeveral, d); err != nil {
		return err
	}
	n := len(done.Results) - len(left)
	d.Key = id.New()
	d.Wrong = mistakeIn(v.speech, desk.Conflict("several_partly", "%d of %d get it; the others do not: see below", n, len(done.Results)))
	return c.showSeveralAs(v, http.StatusConflict, d, queryOf(v.PostForm), left, nil, why, done.Act, n)
}

func (c *Console) showSeveral(v *visit, status int, d draft, q query, shown, ticked []desk.IssueID, previews []app.PreviewOfSeveral) error {
	return c.showSeveralAs(v, status, d, q, shown, ticked, previews, "", 0)
}

func (c *Console) showSeveralAs(v *visit, status int, d draft, q query, shown, ticked []desk.IssueID, previews []app.PreviewOfSeveral, act string, done int) error {
	now := c.app.Now() // before anything is read: what comes meanwhile was not seen
	if len(shown) == 0 && d.Wrong.Words == "" {
		d.Wrong = mistakeIn(v.speech, desk.Invalid("several_none", "mark the issues in the list first"))
	}
	most := min(len(shown), app.MaxBulk)
	all, err := c.candidates(v, shown[:most], ticked)
	if err != nil {
		return err
	}
	drafts, err := c.app.Drafts(v.Context(), v.agent.Email)
	if err != nil {
		return err
	}
	readAt := v.listReadAt(now)
	if status == http.StatusConflict { // who was refused is named, with the reason and the way to their issue
		readAt = now
	}
	p := severalPage{draft: d, On: app.DraftOnSeveral, Query: q, ReadAt: readAt.Format(timeOfList), Most: app.MaxSeveral, Limit: usualLimit,
		Statuses: []desk.Status{desk.StatusAcknowledged, desk.StatusInProgress, desk.StatusWaiting, desk.StatusFixed, desk.StatusClosed}}
	if kept := keptOf(v, drafts, p.On, now); kept != nil {
		if p.Kept = kept.Kept; p.Text == "" {
			p.Text, p.Language, p.Status, p.Reason, p.Next = kept.Text, kept.Language, kept.Status, kept.Reason, kept.Next
		}
	}
	p.Language = cmp.Or(p.Language, commonTongue(all), v.speech.Code)
	p.Tongues = locale.Tongues(p.Language)
	ids := url.Values{}
	for _, one := range all {
		line := severalLine{candidate: one}
		if base(one.Issue.Language) != base(p.Language) && one.Issue.Language != "" {
			line.Foreign = locale.TongueName(one.Issue.Language)
		}
		if n := slices.IndexFunc(previews, func(s app.PreviewOfSeveral) bool { return s.Issue == one.Issue.ID }); n >= 0 {
			line.Posts, line.Later = previews[n].Posts, previews[n].Later
			if previews[n].Err != nil {
				line.Wrong = mistakeIn(v.speech, previews[n].Err)
			}
		}
		if one.Ticked {
			p.Count++
		}
		p.Lines = append(p.Lines, line)
		ids.Add("issue", string(one.Issue.ID))
	}
	p.Incident = Root + leads["incident"] + "?" + ids.Encode()
	if len(all) > 0 {
		if p.Phrases, err = c.phrasesFor(v, all[0].Issue.Desk, p.Language); err != nil {
			return err
		}
	}
	f := frame{Title: v.speech.T("console_several.name"), Data: p}
	if act != "" {
		f.Said = v.speech.T("console_said.bulk_reply", "n", done)
		f.Undo = undoable{Act: act, desktop: &desktop{Query: q, ReadAt: p.ReadAt}}
	}
	return c.send(v, status, "several_reply", f)
}

// commonTongue is the language in which most of the reports are.
func commonTongue(all []candidate) (most string) {
	counts := map[string]int{}
	for _, one := range all {
		if l := one.Issue.Language; l != "" {
			if counts[l]++; counts[l] > counts[most] {
				most = l
			}
		}
	}
	return most
}

// severalPhrase answers with the text of a phrase, filled in but for the reporters' names.
func (c *Console) severalPhrase(v *visit) error {
	d := draftOf(v)
	shown := issuesOf(url.Values{"issue": v.PostForm["shown"]})
	if v.PostFormValue("quiet") != "" {
		shown = issuesOf(v.URL.Query())
	}
	list, err := c.app.IssuesByID(v.Context(), shown)
	if err != nil {
		return err
	}
	var text string
	if which := desk.PhraseID(v.PostFormValue("phrase")); which != "" && len(list) > 0 {
		p, err := c.app.Phrase(v.Context(), list[0].Issue.Desk, which)
		if err != nil {
			return err
		}
		values := c.valuesFor(v, list[0], "", p)
		values[desk.PlaceholderName] = "{" + desk.PlaceholderName + "}" // of each
		text = p.Fill(values)
	}
	if v.PostFormValue("quiet") != "" {
		return phraseText(v, text)
	}
	d.Text = withPhrase(d.Text, text)
	if err := c.keep(v, app.DraftOnSeveral, d); err != nil {
		return err
	}
	return c.showSeveral(v, http.StatusOK, d, queryOf(v.PostForm), shown, issuesOf(v.PostForm), nil)
}
