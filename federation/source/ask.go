package source

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// asker is a kind whose servers say of themselves how they want to be visited.
type asker interface {
	ask(ctx context.Context, base string, tags []string) (app.ServerSays, error)
}

const (
	askWithin  = 20 * time.Second // all questions to one server
	askTags    = 3                // of which a server is asked how often they were used
	maxRules   = 20
	maxRule    = 500 // bytes of one
	usesUnsaid = -1  // the server does not say
	mostUses   = 1e8 // of one day, that are believed
)

// Ask implements app.Prober.
func (s *Sources) Ask(ctx context.Context, spec app.SourceSpec) (app.ServerSays, error) {
	says := app.ServerSays{Uses: usesUnsaid}
	k, err := s.kind(spec.Kind)
	if err != nil {
		return says, err
	}
	a, can := k.(asker)
	if !can {
		return says, desk.Invalid("source_says_nothing", "a source of kind %s has no server that says its rules", spec.Kind)
	}
	tags, err := spec.AllTags()
	if err != nil {
		return says, err
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return a.ask(ctx, spec.URL, tags[:min(len(tags), askTags)])
}

// ask reads the rules of a server with the Mastodon API, whose posts it shows visitors,
// and how often hashtags were used in the last days.
func (k *timeline) ask(ctx context.Context, raw string, tags []string) (app.ServerSays, error) {
	says := app.ServerSays{Uses: usesUnsaid}
	base, _, err := k.web.server(raw)
	if err != nil {
		return says, err
	}
	r, err := k.web.get(ctx, base+"/api/v2/instance", "")
	if err != nil {
		return says, unreachable(base, err)
	}
	if r.Status != http.StatusOK {
		return says, desk.Unavailable("source_status", "%s answers with the status %d", base, r.Status)
	}
	says.Rules = readRules(r.Body)
	says.Access = shownTo(readAccess(r.Body))
	for _, tag := range tags {
		r, err := k.web.get(ctx, base+"/api/v1/tags/"+url.PathEscape(desk.CleanTag(tag)), "")
		if err != nil || r.Status != http.StatusOK {
			break // it does not say
		}
		if n, ok := readUses(r.Body); ok {
			says.Uses = max(says.Uses, 0) + n
		}
	}
	return says, nil
}

// shownTo is what a server shows visitors without a token.
func shownTo(local, remote string) string {
	open := func(who string) bool { return who == "" || who == "public" }
	switch {
	case !open(local):
		return app.AccessClosed
	case !open(remote):
		return accessLocal
	}
	return accessAll
}

// ask reads the rules of a server with Misskey. It says of hashtags only who ever used them.
func (k *misskey) ask(ctx context.Context, raw string, _ []string) (app.ServerSays, error) {
	says := app.ServerSays{Uses: usesUnsaid}
	base, _, err := k.web.server(raw)
	if err != nil {
		return says, err
	}
	r, err := k.web.ask(ctx, base+"/api/meta", "", []byte(`{"detail":false}`))
	if err != nil {
		return says, unreachable(base, err)
	}
	if r.Status != http.StatusOK {
		return says, desk.Unavailable("source_status", "%s answers with the status %d", base, r.Status)
	}
	says.Rules = readServerRules(r.Body)
	return says, nil
}

// readRules reads the rules of an instance of the Mastodon API.
func readRules(body []byte) []string {
	var in struct {
		Rules []struct {
			Text string `json:"text"`
		} `json:"rules"`
	}
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	var out []string
	for _, r := range in.Rules {
		out = addRule(out, r.Text)
	}
	return out
}

// readServerRules reads the rules of a server with Misskey.
func readServerRules(body []byte) (out []string) {
	var in struct {
		Rules []string `json:"serverRules"`
	}
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	for _, r := range in.Rules {
		out = addRule(out, r)
	}
	return out
}

func addRule(to []string, text string) []string {
	if text = strings.Join(strings.Fields(text), " "); text == "" || len(to) == maxRules {
		return to
	}
	return append(to, strings.ToValidUTF8(text[:min(len(text), maxRule)], ""))
}

// readUses adds up how often a hashtag was used on the last seven days.
func readUses(body []byte) (n int, ok bool) {
	var in struct {
		History []struct {
			Uses string `json:"uses"`
		} `json:"history"`
	}
	if json.Unmarshal(body, &in) != nil {
		return 0, false
	}
	for _, day := range in.History[:min(len(in.History), 7)] {
		uses, err := strconv.Atoi(day.Uses)
		if err != nil || uses < 0 || uses > mostUses {
			return 0, false
		}
		n += uses
	}
	return n, len(in.History) > 0
}
