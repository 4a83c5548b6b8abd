package source

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/safehttp"
	"earshot/store"
)

// KindMisskey is a server with Misskey or a relative: its channel of hashtags, on a
// connection that stays open, and its search by hashtag for what was said meanwhile.
// Where there is no channel, it is searched again and again.
const KindMisskey = "misskey"

const (
	notesAtMost = 100
	allTags     = "*" // the one cursor: a request asks for all tags at once
)

type misskey struct {
	web    *Web
	tokens Tokens
}

// Way implements Kind.
func (k *misskey) Way(store.Source) app.Way { return app.Way{Streams: true} }

// Find implements Kind: it asks the server once.
func (k *misskey) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	s, err := k.web.describe(KindMisskey, spec)
	if err != nil {
		return s, err
	}
	_, _, err = k.notes(ctx, Asked{Source: s, Token: spec.Token}, "")
	return s, err
}

// Check implements Kind.
func (k *misskey) Check(ctx context.Context, s store.Source) (store.Source, error) {
	token, err := tokenOf(k.tokens, s)
	if err == nil {
		_, _, err = k.notes(ctx, Asked{Source: s, Token: token}, "")
	}
	return s, err
}

// Poll implements Poller. Notes of other servers are ordered by when they were written,
// so one that arrives late stands behind the cursor: as at a timeline, the newest are
// read again from time to time, after those that are new.
func (k *misskey) Poll(ctx context.Context, s Asked) (app.Polled, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cursor, began := s.Cursors[allTags]
	var found app.Polled
	offer := func(after string) (newest string, n int, err error) {
		notes, until, err := k.notes(ctx, s, after)
		if err != nil {
			return "", 0, err
		}
		if until.After(found.NotBefore) {
			found.NotBefore = until
		}
		var at time.Time
		for _, note := range notes {
			// With a cursor the oldest comes first, without one the newest.
			if newest == "" || note.published.After(at) || after != "" && note.published.Equal(at) {
				newest, at = note.id, note.published
			}
			if b := note.brought(); began || !app.History(s.Source, b.Published) {
				found.Posts = append(found.Posts, b)
			}
		}
		return newest, len(notes), nil
	}
	newest, n, err := offer(cursor)
	if err != nil {
		return app.Polled{}, err
	}
	if cursor != "" && n > 0 && newest == cursor {
		return app.Polled{}, desk.Unavailable("source_circle", "%s gives the same page again and again", s.URL)
	}
	if newest == "" {
		newest = cursor
	}
	found.Cursors, found.More = map[string]string{allTags: newest}, cursor != "" && n == notesAtMost
	if cursor != "" && s.Polls%rescanEvery == rescanEvery-1 && !found.More && found.NotBefore.IsZero() {
		_, _, _ = offer("") // a look back that fails ends nothing: the next poll reports the failure
	}
	return found, nil
}

// notes asks for the newest notes, or the first ones after a cursor.
func (k *misskey) notes(ctx context.Context, s Asked, after string) ([]status, time.Time, error) {
	ask := map[string]any{"query": query(s.Tags), "limit": notesAtMost}
	if after != "" {
		ask["sinceId"] = after
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, time.Time{}, err
	}
	r, err := k.web.ask(ctx, s.URL+"/api/notes/search-by-tag", s.Token, body)
	if err != nil {
		return nil, time.Time{}, unreachable(s.URL, err)
	}
	until := limits(r, s.Now)
	notes, err := k.read(r, s.URL, until)
	return notes, until, err
}

// query asks for any of some tags: the outer list is an or, the inner ones are an and.
func query(tags []string) [][]string {
	var out [][]string
	for _, t := range tags {
		out = append(out, []string{desk.CleanTag(t)})
	}
	return out
}

func (k *misskey) read(r *safehttp.Response, base string, until time.Time) ([]status, error) {
	switch {
	case r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden:
		return nil, closed(base)
	case r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable:
		return nil, &Wait{until, desk.Unavailable("source_busy", "%s wants to be asked less often; we wait", base)}
	case r.Status != http.StatusOK:
		return nil, desk.Unavailable("source_status", "%s answers with the status %d", base, r.Status)
	}
	notes, err := readNotes(r.Body, base)
	if err != nil {
		return nil, desk.Unavailable("source_no_list", "%s answers with something that is no list of posts", base)
	}
	return notes, nil
}

// readNotes reads a list of notes of the server at base. An entry that is no note is
// left out.
func readNotes(body []byte, base string) ([]status, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, err
	}
	var out []status
	for _, one := range raw {
		if n, ok := readNote(one, base); ok && len(out) < 2*notesAtMost {
			out = append(out, n)
		}
	}
	return out, nil
}

// readNote reads one note. Only public ones count: "home" is called quiet elsewhere.
func readNote(raw []byte, base string) (status, bool) {
	var in struct {
		ID         json.RawMessage `json:"id"`
		URI        string          `json:"uri"`
		Visibility string          `json:"visibility"`
		LocalOnly  bool            `json:"localOnly"`
		CreatedAt  string          `json:"createdAt"`
		UpdatedAt  string          `json:"updatedAt"`
		Tags       []string        `json:"tags"`
		User       struct {
			Bot bool `json:"isBot"`
		} `json:"user"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return status{}, false
	}
	s := status{id: cursorOf(in.ID), uri: in.URI, edited: in.UpdatedAt, tags: in.Tags[:min(len(in.Tags), maxTags)]}
	if s.id == "" || len(s.uri) > maxURI || len(s.edited) > 64 {
		return status{}, false
	}
	if s.uri == "" {
		s.uri = base + "/notes/" + s.id
	}
	if at, err := time.Parse(time.RFC3339, in.CreatedAt); err == nil {
		s.published = at
	}
	switch {
	case in.Visibility != "public" || in.LocalOnly:
		s.skip = drop.NotPublic
	case in.User.Bot:
		s.skip = drop.Bot
	}
	return s, true
}
