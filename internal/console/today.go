package console

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// dayPage is what was heard, said and changed on a day.
type dayPage struct {
	Title, Date   string
	Before, After string // the addresses of the days beside it; "" for one that has not come
	Desk          desk.Handle
	Desks         []desk.Desk
	Zone          string
	First         bool // with what was heard
	Heard         []dayLine
	More          string // the list of what was heard, "" if all of it is here
	Said, Changed []dayLine
	Older         string
	Wrong         sentence // why it is not the day that was asked for
}

// dayLine is a line of it.
type dayLine struct {
	At            time.Time
	Clock         string
	Desk          desk.Handle
	Address, Name string
	What          string
}

// today shows a day of the agent.
func (c *Console) today(v *visit) error {
	q := v.URL.Query()
	in := app.DayInput{For: v.agent.Email, Date: strings.TrimSpace(q.Get("date")), Desk: desk.Handle(q.Get("desk")), Page: v.page()}
	d, next, err := c.app.Today(v.Context(), in)
	status, wrong := http.StatusOK, sentence{}
	if err != nil && in.Date != "" && failureOf(v.speech, err).Code == desk.CodeInvalid { // a day that is none: the day that it is, and why
		status, wrong, in.Date, in.Page = http.StatusBadRequest, mistakeIn(v.speech, err), "", store.Page{Limit: pageSize}
		d, next, err = c.app.Today(v.Context(), in)
	}
	if err != nil {
		return err
	}
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	date, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return err
	}
	day := func(days int) string {
		to := url.Values{"date": {date.AddDate(0, 0, days).Format(time.DateOnly)}}
		if in.Desk != "" {
			to.Set("desk", string(in.Desk))
		}
		return Root + "/today?" + to.Encode()
	}
	p := dayPage{Date: d.Date, Before: day(-1), Desk: in.Desk, Desks: desks, Zone: v.agent.Zone().String(), Wrong: wrong, First: in.Page.After == ""}
	p.Title = v.speech.Day(date)
	if !d.Next.After(c.app.Now()) {
		p.After = day(1)
	}
	if d.MoreHeard {
		p.More = query{View: viewAll, Desk: in.Desk, Since: p.Date, Until: p.Date}.List()
	}
	if next != "" {
		p.Older = day(0) + "&" + url.Values{"after": {next}}.Encode()
	}
	lineAt := func(at time.Time, h desk.Handle, address, name string) dayLine {
		return dayLine{At: at, Clock: at.In(v.agent.Zone()).Format("15:04"), Desk: h, Address: address, Name: cmp.Or(name, v.speech.T("console.words_gone"))}
	}
	for _, i := range d.Heard {
		p.Heard = append(p.Heard, lineAt(i.Issue.OpenedAt, i.Issue.Desk, query{View: viewAll}.Issue(i.Issue.ID), i.Issue.Said()))
	}
	for _, a := range d.Acts {
		l := lineAt(a.At, a.Desk, "", a.Words)
		switch {
		case a.Issue != "":
			l.Address = query{View: viewAll}.Issue(a.Issue)
		case a.Incident != "":
			l.Address = incidentAddress(a.Incident)
		case a.Pile != "":
			l.Address, l.Name = pileAddress(a.Pile), v.speech.T("console_pile.name")
		default:
			l.Address, l.Name = Root+broadcastsOf(a.Desk), v.speech.T("console_section.broadcasts")
		}
		key := dayWord(v.speech, a)
		l.What = v.speech.T(key)
		if a.Status != "" {
			l.What = v.speech.T("console_today.status", "status", statusOf(v.speech, a.Status).Word)
		}
		if a.Said {
			p.Said = append(p.Said, l)
		} else {
			p.Changed = append(p.Changed, l)
		}
	}
	return c.showAs(v, status, "today", p)
}

// dayWord is the key of the words that say what was done.
func dayWord(l *locale.Language, a app.DayAct) string {
	what := a.What
	switch {
	case a.Inside:
		what = "issue.comment"
	case a.Unsent && what != "post.undo":
		what = "unsent"
	}
	if key := "console_today." + strings.ReplaceAll(what, ".", "_"); l.Has(key) {
		return key
	}
	return "console_today.other"
}
