package source

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/safehttp"
	"earshot/store"
)

// KindTimeline is the hashtag timeline of a server with the Mastodon API: Mastodon,
// GoToSocial, Pleroma, Akkoma and others.
const KindTimeline = "timeline"

const (
	pageSize   = 40 // the most that Mastodon and GoToSocial give
	pagesAhead = 5  // of one tag, in one poll
	// rescanEvery: a post that reaches the server late can stand behind the cursor, so
	// every so many polls the newest pages of a tag are read without one, up to pagesBack.
	rescanEvery = 10
	pagesBack   = 5
	accessFor   = 24 * time.Hour
)

// What a server shows us.
const (
	accessAll   = "all"
	accessLocal = "local" // the posts of its own people
)

type timeline struct {
	web    *Web
	tokens Tokens
}

// Way implements Kind.
func (k *timeline) Way(store.Source) app.Way { return app.Way{Polls: true} }

// Find implements Kind: it asks the server once.
func (k *timeline) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	s, err := k.web.describe(KindTimeline, spec)
	if err != nil {
		return s, err
	}
	_, err = k.look(ctx, s, spec.Token)
	return s, err
}

// describe reads what kinds that ask a server for tags have in common.
func (w *Web) describe(kind string, spec app.SourceSpec) (store.Source, error) {
	s := store.Source{Kind: kind}
	base, host, err := w.server(spec.URL)
	if err != nil {
		return s, err
	}
	if s.Tags, err = spec.AllTags(); err != nil {
		return s, err
	}
	if len(s.Tags) == 0 {
		return s, desk.Invalid("source_tag_missing", "a source at %s needs a hashtag", host)
	}
	every := time.Duration(spec.Every) * time.Second
	if spec.Every < 0 || spec.Every > 0 && every < app.PollEvery || every > 24*time.Hour {
		return s, desk.Invalid("source_every_invalid", "a server is asked once a minute at most, and once a day at least")
	}
	s.URL, s.Every = base, every
	s.Name = kind + " " + string(host)
	for _, t := range s.Tags {
		s.Name += " #" + t
	}
	return s, nil
}

// Check implements Kind.
func (k *timeline) Check(ctx context.Context, s store.Source) (store.Source, error) {
	token, err := tokenOf(k.tokens, s)
	if err != nil {
		return s, err
	}
	s.Access, err = k.look(ctx, s, token)
	return s, err
}

// tokenOf reads a source's access token, "" without one.
func tokenOf(t Tokens, s store.Source) (string, error) {
	if len(s.Token) == 0 {
		return "", nil
	}
	return t.OpenToken(s.ID, s.Token)
}

// look finds out what the server shows us, and reads the newest page of one tag.
func (k *timeline) look(ctx context.Context, s store.Source, token string) (access string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := &poll{k: k, s: Asked{Source: s, Token: token}}
	if p.access, err = k.rules(ctx, s.URL, token); err != nil {
		return "", err
	}
	_, err = p.page(ctx, s.Tags[0], "")
	return p.access, err
}

// rules reads who may see the hashtags of a server (Mastodon 4.5). Others do not say.
func (k *timeline) rules(ctx context.Context, base, token string) (string, error) {
	r, err := k.web.get(ctx, base+"/api/v2/instance", token)
	if err != nil {
		return "", unreachable(base, err)
	}
	if r.Status != http.StatusOK {
		return accessAll, nil
	}
	local, remote := readAccess(r.Body)
	open := func(who string) bool { return who == "" || who == "public" || token != "" && who == "authenticated" }
	switch {
	case open(local) && open(remote):
		return accessAll, nil
	case open(local):
		return accessLocal, nil
	}
	return "", closed(base)
}

func closed(base string) error {
	return desk.Forbidden("source_closed", "%s shows this hashtag only to its own people: an access token of an account there is needed, or another server", base)
}

// readAccess reads configuration.timelines_access.hashtag_feeds of an instance.
func readAccess(body []byte) (local, remote string) {
	var in struct {
		Configuration struct {
			Access struct {
				Tags struct{ Local, Remote string } `json:"hashtag_feeds"`
			} `json:"timelines_access"`
		} `json:"configuration"`
	}
	if json.Unmarshal(body, &in) != nil {
		return "", ""
	}
	return in.Configuration.Access.Tags.Local, in.Configuration.Access.Tags.Remote
}

// Poll implements Poller.
func (k *timeline) Poll(ctx context.Context, s Asked) (app.Polled, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := &poll{k: k, s: s, access: s.Access}
	p.found.Cursors = map[string]string{}
	if s.Access == "" || s.Now.Sub(s.AccessAt) > accessFor {
		access, err := k.rules(ctx, s.URL, s.Token)
		if err != nil {
			return app.Polled{}, err
		}
		p.access, p.found.Access = access, access
	}
	for _, tag := range s.Tags {
		if cursor, began := s.Cursors[tag]; began {
			p.found.Cursors[tag] = cursor
		}
	}
	for _, tag := range s.Tags {
		if err := p.tag(ctx, tag); err != nil {
			return app.Polled{Posts: p.found.Posts, Cursors: p.found.Cursors}, err // what was read is not read again
		}
	}
	if tag := lookAt(s.Source); tag != "" && s.Cursors[tag] != "" && !p.found.More {
		if p.lookBack(ctx, tag) {
			p.found.Looked = tag
		}
	}
	return p.found, nil
}

// lookRound is how many polls it takes until each tag was looked back at: one at a time.
func lookRound(s store.Source) int { return max(rescanEvery, len(s.Tags)) }

// lookAt is the tag that a poll looks back at, "" for none. The turn passes on whether or not
// the look comes to its end.
func lookAt(s store.Source) string {
	if n := lookRound(s) - 1 - s.Polls%lookRound(s); n < len(s.Tags) {
		return s.Tags[n]
	}
	return ""
}

// poll is one poll of all tags of a source.
type poll struct {
	k      *timeline
	s      Asked
	access string
	found  app.Polled
	prev   string // the cursor that the last page names for newer posts; "": none
}

// tag reads the new posts of one tag.
func (p *poll) tag(ctx context.Context, tag string) error {
	cursor, began := p.s.Cursors[tag]
	if cursor == "" {
		posts, err := p.page(ctx, tag, "")
		if err != nil {
			return err
		}
		if len(posts) > 0 {
			cursor = p.ahead(posts)
		}
		p.found.Cursors[tag] = cursor
		p.offer(posts, !began)
		return nil
	}
	seen := map[string]bool{cursor: true}
	for range pagesAhead {
		posts, err := p.page(ctx, tag, cursor)
		if err != nil {
			return err
		}
		p.offer(posts, false)
		if len(posts) == 0 {
			return nil
		}
		if cursor = p.ahead(posts); seen[cursor] {
			return desk.Unavailable("source_circle", "%s gives the same page again and again", p.s.URL)
		}
		seen[cursor] = true
		p.found.Cursors[tag] = cursor
		if len(posts) < pageSize {
			return nil
		}
	}
	p.found.More = true
	return nil
}

// lookBack offers the newest posts once more, as far back as two looks before, within a
// bound: one that reached the server late stands behind others. It ends as soon as it fails
// or the server asks for patience, and says whether it came to its end.
func (p *poll) lookBack(ctx context.Context, tag string) bool {
	since := p.lookSince(tag)
	seen := map[string]bool{}
	for before := ""; len(seen) < pagesBack && !seen[before] && p.found.NotBefore.IsZero(); {
		seen[before] = true
		posts, err := p.pageAt(ctx, tag, "max_id", before)
		if err != nil {
			return false
		}
		p.offer(posts, false)
		if len(posts) < pageSize || posts[len(posts)-1].published.Before(since) {
			return true
		}
		before = posts[len(posts)-1].id
	}
	return p.found.NotBefore.IsZero()
}

// lookSince is one round before the last look at a tag, and two rounds ago at least. Rounds
// take longer than was wished where a server asks for patience.
func (p *poll) lookSince(tag string) time.Time {
	round := time.Duration(lookRound(p.s.Source)) * max(p.s.Every, app.PollEvery)
	last, wished := p.s.Looked[tag], p.s.Now.Add(-2*round)
	if last.IsZero() {
		last = p.s.Created
	}
	if last = last.Add(-round); last.Before(wished) {
		return last
	}
	return wished
}

// offer takes what a page has. What was there before we began to ask is history.
func (p *poll) offer(posts []status, first bool) {
	for _, s := range posts {
		b := s.brought()
		if first && app.History(p.s.Source, b.Published) {
			continue
		}
		p.found.Posts = append(p.found.Posts, b)
	}
}

// page asks for one page: the newest, or what stands right after a cursor.
func (p *poll) page(ctx context.Context, tag, after string) ([]status, error) {
	return p.pageAt(ctx, tag, "min_id", after)
}

// pageAt asks for one page: the newest, or that at the side of an id. A server that refuses
// all posts may show those of its own people.
func (p *poll) pageAt(ctx context.Context, tag, side, id string) ([]status, error) {
	for {
		q := url.Values{"limit": {"40"}}
		if id != "" {
			q.Set(side, id)
		}
		if p.access == accessLocal {
			q.Set("local", "true")
		}
		r, err := p.k.web.get(ctx, p.s.URL+"/api/v1/timelines/tag/"+url.PathEscape(desk.CleanTag(tag))+"?"+q.Encode(), p.s.Token)
		if err != nil {
			return nil, unreachable(p.s.URL, err)
		}
		if until := limits(r, p.s.Now); until.After(p.found.NotBefore) {
			p.found.NotBefore = until
		}
		if refused(r.Status) && p.access != accessLocal && p.s.Token == "" {
			p.access, p.found.Access = accessLocal, accessLocal
			continue
		}
		p.prev = linkedAhead(p.s.URL, r.Header.Get("Link"))
		return p.read(r)
	}
}

// ahead is the cursor behind which the posts are that are newer than those of a page: as
// the server says, or else the id of the newest.
func (p *poll) ahead(posts []status) string { return cmp.Or(p.prev, posts[0].id) }

// linkedAhead reads the cursor of rel="prev" in a Link header. Of the address only that
// counts, and only if it leads to a hashtag of the same server.
func linkedAhead(base, header string) string {
	for len(header) < maxLink {
		_, rest, ok := strings.Cut(header, "<")
		if !ok {
			break
		}
		raw, rest, _ := strings.Cut(rest, ">")
		var params string
		params, header, _ = strings.Cut(rest, ",")
		if !strings.Contains(strings.ReplaceAll(params, `"`, "")+";", "rel=prev;") {
			continue
		}
		u, err := url.Parse(raw)
		if err != nil || u.Scheme+"://"+u.Host != base || !strings.HasPrefix(u.Path, "/api/v1/timelines/tag/") {
			continue
		}
		if id := u.Query().Get("min_id"); sendable(id) {
			return id
		}
	}
	return ""
}

// refused: Mastodon says 401 or 422 to visitors, Pleroma and Pixelfed 401 or 403.
func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusUnprocessableEntity
}

func (p *poll) read(r *safehttp.Response) ([]status, error) {
	switch {
	case refused(r.Status):
		return nil, closed(p.s.URL)
	case r.Status == http.StatusNotFound:
		return nil, nil // nobody has used this tag there
	case r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable:
		return nil, &Wait{p.found.NotBefore, desk.Unavailable("source_busy", "%s wants to be asked less often; we wait", p.s.URL)}
	case r.Status != http.StatusOK:
		return nil, desk.Unavailable("source_status", "%s answers with the status %d", p.s.URL, r.Status)
	}
	posts, err := readStatuses(r.Body)
	if err != nil {
		return nil, desk.Unavailable("source_no_list", "%s answers with something that is no list of posts", p.s.URL)
	}
	return posts, nil
}

// status is a post of the Mastodon API, as far as it may spare us a fetch.
type status struct {
	id        string
	uri       string
	published time.Time
	edited    string
	tags      []string
	skip      drop.Reason
}

func (s status) brought() app.Brought {
	version := s.edited
	if version == "" {
		version = "first"
	}
	return app.Brought{Object: desk.ObjectID(s.uri), Tags: s.tags, Tagged: true, Published: s.published, Version: version, Skip: s.skip}
}

const (
	maxID   = 128 // of a cursor
	maxURI  = 2000
	maxTags = 100 // of one post
	maxLink = 8 << 10
)

// readStatuses reads a page. An entry that is no post is left out.
func readStatuses(body []byte) ([]status, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, err
	}
	var out []status
	for _, one := range raw {
		if s, ok := readStatus(one); ok && len(out) < 2*pageSize {
			out = append(out, s)
		}
	}
	return out, nil
}

// readStatus reads one post.
func readStatus(raw []byte) (status, bool) {
	var in struct {
		ID         json.RawMessage `json:"id"`
		URI        string          `json:"uri"`
		Visibility string          `json:"visibility"`
		CreatedAt  string          `json:"created_at"`
		EditedAt   string          `json:"edited_at"`
		Reblog     json.RawMessage `json:"reblog"`
		Tags       []struct {
			Name string `json:"name"`
		} `json:"tags"`
		Account struct {
			Bot bool `json:"bot"`
		} `json:"account"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return status{}, false
	}
	s := status{id: cursorOf(in.ID), uri: in.URI, edited: in.EditedAt}
	if s.id == "" || len(s.uri) > maxURI || len(s.edited) > 64 {
		return status{}, false
	}
	if at, err := time.Parse(time.RFC3339, in.CreatedAt); err == nil {
		s.published = at
	}
	for _, t := range in.Tags[:min(len(in.Tags), maxTags)] {
		s.tags = append(s.tags, t.Name)
	}
	switch boost := strings.TrimSpace(string(in.Reblog)); {
	case boost != "" && boost != "null":
		s.skip = drop.NotAddressed
	case in.Visibility != "public":
		s.skip = drop.NotPublic
	case in.Account.Bot:
		s.skip = drop.Bot
	}
	return s, true
}

// cursorOf reads an id, which is opaque: a text, or a number at some servers. "": none
// that could be sent back.
func cursorOf(raw json.RawMessage) string {
	var id string
	if json.Unmarshal(raw, &id) != nil {
		if n, ok := number(string(raw)); !ok || n == 0 {
			return ""
		}
		id = string(raw)
	}
	if !sendable(id) {
		return ""
	}
	return id
}

func sendable(id string) bool {
	return len(id) <= maxID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}
