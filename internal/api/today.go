package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Today is a day of the desks. It names nobody who works here.
type Today struct {
	Date      string   `json:"date"`       // as 2026-03-01
	From      Time     `json:"from"`       // when the day begins
	Until     Time     `json:"until"`      // when the next one begins
	Heard     []Issue  `json:"heard"`      // issues that were opened, on the first page
	MoreHeard bool     `json:"more_heard"` // there may be more of them
	Acts      []DayAct `json:"acts"`       // what was said and changed
}

// DayAct is something that was said or changed.
type DayAct struct {
	ID       string          `json:"id"`
	At       Time            `json:"at"`
	What     string          `json:"what"` // as in the audit log
	Said     bool            `json:"said"` // to people outside
	Desk     desk.Handle     `json:"desk"`
	Issue    desk.IssueID    `json:"issue"`    // "": of none
	Incident desk.IncidentID `json:"incident"` // "": of none
	Pile     desk.PileID     `json:"pile"`     // "": of none
	Words    string          `json:"words"`    // of the report, or the title
	Status   desk.Status     `json:"status"`   // that was set, "" for another act
}

func (h *handler) showToday(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	in := app.DayInput{For: r.by.Agent, Date: r.query("date"), Desk: desk.Handle(r.query("desk")), Page: page}
	if err := h.checkFilter(r, store.IssueFilter{Desk: in.Desk}); err != nil {
		return response{}, err
	}
	d, next, err := h.app.Today(r.Context(), in)
	if err != nil {
		return response{}, err
	}
	out := Today{Date: d.Date, From: Time{d.From}, Until: Time{d.Next}, MoreHeard: d.MoreHeard,
		Heard: each(d.Heard, func(v app.IssueView) Issue { return issueOf(h.app.Site(), v) }),
		Acts: each(d.Acts, func(a app.DayAct) DayAct {
			return DayAct{ID: a.ID, At: Time{a.At}, What: a.What, Said: a.Said, Desk: a.Desk, Issue: a.Issue, Incident: a.Incident, Pile: a.Pile, Words: a.Words, Status: a.Status}
		})}
	return response{body: out, next: next}, nil
}

// Today shows a day with at most limit acts, and says if there are more; "" is the day that
// it is, and all desks.
func (c *Client) Today(ctx context.Context, date string, of desk.Handle, limit int) (out Today, more bool, err error) {
	q := url.Values{}
	if date != "" {
		q.Set("date", date)
	}
	if of != "" {
		q.Set("desk", string(of))
	}
	for {
		q.Set("limit", strconv.Itoa(min(limit-len(out.Acts), maxPage)))
		var page Today
		next, err := c.call(ctx, http.MethodGet, "/today", q, nil, &page)
		if err != nil {
			return out, false, err
		}
		if q.Get("after") == "" {
			out = page
		} else {
			out.Acts = append(out.Acts, page.Acts...)
		}
		if next == "" || len(out.Acts) >= limit {
			return out, next != "", nil
		}
		q.Set("after", next)
	}
}
