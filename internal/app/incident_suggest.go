package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	suggestSince = 24 * time.Hour // how old the reports are that are compared
	suggestRead  = 1_000          // of so many the whole text, of more the beginning
	suggestPages = 100            // of a list of open issues
)

// SuggestIncidents says which open issues of a desk may have one cause, and were not
// said to have several. It reads page by page and compares outside of the store:
// nobody waits for it.
func (a *App) SuggestIncidents(ctx context.Context, h desk.Handle) ([]alike.Crowd, error) {
	known := alike.Known{Now: a.clock.Now()}
	known.Since = known.Now.Add(-suggestSince)
	if err := a.View(ctx, func(tx *Tx) error {
		d, err := tx.desk(h)
		known.Names, known.Calls, known.Services = d.Names, d.Calls, d.Services
		return err
	}); err != nil {
		return nil, err
	}
	var reports []alike.Report
	page := store.Page{}
	for range suggestPages {
		if err := a.View(ctx, func(tx *Tx) error {
			issues, next, err := tx.Issues().List(store.IssueFilter{Desk: h, Category: desk.CategoryOpen}, page)
			if err != nil {
				return err
			}
			page.After = next
			for _, i := range issues {
				if i.OpenedAt.Before(known.Since) || i.Incident != "" {
					continue
				}
				r, err := tx.comparable(i, len(reports) < suggestRead)
				if err != nil {
					return err
				}
				reports = append(reports, r)
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if page.After == "" {
			break
		}
	}
	return a.undecided(ctx, h, alike.Suggest(reports, known))
}

// comparable takes what can be compared out of an issue.
func (t *Tx) comparable(i desk.Issue, whole bool) (alike.Report, error) {
	r := alike.Report{Issue: i.ID, Person: i.Reporter, At: i.OpenedAt, Text: i.Excerpt, Tags: i.Keys, Language: i.Language}
	r.Strangers = strings.Count(i.Excerpt, "@")
	if i.Heard == desk.HeardMention && r.Strangers > 0 {
		r.Strangers-- // the desk itself
	}
	if !whole {
		return r, nil
	}
	p, ok, err := t.Posts().Get(i.Post)
	if err != nil || !ok || p.Deleted {
		return r, err
	}
	return t.read(i, p), nil
}

// read takes what can be compared out of a report.
func (t *Tx) read(i desk.Issue, p desk.Post) alike.Report {
	r := alike.Report{Issue: i.ID, Person: i.Reporter, At: i.OpenedAt, Text: p.Text, Tags: p.Tags, Language: i.Language}
	ours := t.site.Desk(i.Desk)
	r.Strangers = len(slices.DeleteFunc(slices.Clone(p.Mentions), func(m desk.ActorID) bool { return m == ours || m == i.Reporter }))
	return r
}
