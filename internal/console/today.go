package console

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
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
	day := func(at time.Time) string {
		to := url.Values{"date": {at.Format(time.DateOnly)}}
		if in.Desk != "" {
			to.Set("desk", string(in.Desk))
		}
		return Root + "/today?" + to.Encode()
	}
	p := dayPage{Date: d.Date.Format(time.DateOnly), Before: day(d.Date.AddDate(0, 0, -1)), Desk: in.Desk, Desks: desks, Zone: v.agent.Zone().String(), Wrong: wrong, First: in.Page.After == ""}
	p.Title = v.speech.Day(time.Date(d.Date.Year(), d.Date.Month(), d.Date.Day(), 0, 0, 0, 0, time.UTC))
	if !d.Next.After(c.app.Now()) {
		p.After = day(d.Next)
	}
	if d.MoreHeard {
		p.More = query{View: viewAll, Desk: in.Desk, Since: p.Date, Until: p.Date}.List()
	}
	if next != "" {
		p.Older = day(d.Date) + "&" + url.Values{"after": {next}}.Encode()
	}
	lineAt := func(at time.Time, h desk.Handle, address, name string) dayLine {
		return dayLine{At: at, Clock: at.In(v.agent.Zone()).Format("15:04"), Desk: h, Address: address, Name: cmp.Or(name, v.speech.T("console.words_gone"))}
	}
	for _, i := range d.Heard {
		p.Heard = append(p.Heard, lineAt(i.Issue.OpenedAt, i.Issue.Desk, query{View: viewAll}.Issue(i.Issue.ID), i.Issue.Excerpt))
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
		key := "console_today." + strings.ReplaceAll(a.What, ".", "_")
		if !v.speech.Has(key) {
			key = "console_today.other"
		}
		l.What = v.speech.T(key)
		if a.Status != "" {
			l.What = v.speech.T("console_today.status", "status", statusOf(v.speech, a.Status).Word)
		}
		if a.Said {
			l.What = v.speech.T(key)
			p.Said = append(p.Said, l)
		} else {
			p.Changed = append(p.Changed, l)
		}
	}
	return c.showAs(v, status, "today", p)
}
