package town

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// jrd is the part of a JSON Resource Descriptor (RFC 7033) that matters here.
type jrd struct {
	Subject string    `json:"subject"`
	Aliases []string  `json:"aliases,omitempty"`
	Links   []jrdLink `json:"links"`
}

type jrdLink struct {
	Rel  string `json:"rel"`
	Type string `json:"type,omitempty"`
	Href string `json:"href"`
}

func (j jrd) self() desk.ActorID {
	for _, l := range j.Links {
		if l.Rel == "self" && as.IsActivityPub(l.Type) {
			return desk.ActorID(l.Href)
		}
	}
	return ""
}

func (t *Town) serveWebFinger(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	a := t.resource(resource)
	if a == nil {
		http.Error(w, "nobody of that name lives here", http.StatusNotFound)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	writeJSON(w, "application/jrd+json; charset=utf-8", jrd{
		Subject: "acct:" + t.acctOf(a),
		Aliases: []string{string(a.id)},
		Links: []jrdLink{
			{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: string(a.id)},
			{Rel: "self", Type: contentType, Href: string(a.id)},
		},
	})
}

// resource finds the actor of a WebFinger resource: acct:user@host or an id.
func (t *Town) resource(resource string) *actor {
	t.mu.Lock()
	defer t.mu.Unlock()
	acct, ok := strings.CutPrefix(resource, "acct:")
	if !ok {
		return living(t.local(desk.ActorID(resource)))
	}
	user, host, _ := strings.Cut(strings.TrimPrefix(acct, "@"), "@")
	if !strings.EqualFold(host, string(t.host)) {
		return nil
	}
	return living(t.byUsername(user))
}

func living(a *actor) *actor {
	if a == nil || a.gone {
		return nil
	}
	return a
}

// finger asks a host who a handle is.
func (t *Town) finger(ctx context.Context, user, host string) (jrd, error) {
	scheme, _, _ := strings.Cut(t.base, ":")
	rawURL := scheme + "://" + host + "/.well-known/webfinger?resource=" + url.QueryEscape("acct:"+user+"@"+host)
	answer, err := t.client.Get(ctx, rawURL, func(r *http.Request) error {
		r.Header.Set("Accept", "application/jrd+json, application/json")
		return nil
	})
	if err != nil {
		if safehttp.Permanent(err) {
			return jrd{}, fmt.Errorf("%w: %w", errGiveUp, err)
		}
		return jrd{}, err
	}
	if err := classify(answer, "GET "+rawURL); err != nil {
		return jrd{}, err
	}
	var j jrd
	if err := json.Unmarshal(answer.Body, &j); err != nil {
		return jrd{}, fmt.Errorf("%w: GET %s: %w", errGiveUp, rawURL, err)
	}
	return j, nil
}

// confirmAcct asks WebFinger for the handle of an actor that was fetched. The
// handle may be on another domain if that one says so too.
func (t *Town) confirmAcct(ctx context.Context, a *as.Actor) (string, error) {
	host := string(a.ID.Host())
	j, err := t.finger(ctx, a.PreferredUsername, host)
	if err != nil {
		return "", err
	}
	if j.self() != a.ID {
		return "", fmt.Errorf("%w: WebFinger of %s@%s leads to %q", errGiveUp, a.PreferredUsername, host, j.self())
	}
	user, domain, ok := strings.Cut(strings.TrimPrefix(j.Subject, "acct:"), "@")
	if !ok || domain == host {
		return a.PreferredUsername + "@" + host, nil
	}
	if there, err := t.finger(ctx, user, domain); err != nil || there.self() != a.ID {
		t.log.Warn("handle not confirmed by its domain", "subject", j.Subject, "actor", a.ID, "error", err)
		return a.PreferredUsername + "@" + host, nil
	}
	return user + "@" + domain, nil
}

// Resolve finds the actor of a handle, "@user@host" or "user@host", or "user"
// for a person of the town.
func (t *Town) Resolve(ctx context.Context, handle string) (desk.ActorID, error) {
	m, err := t.resolve(ctx, handle)
	return m.id, err
}

func (t *Town) resolve(ctx context.Context, handle string) (mention, error) {
	user, host, full := strings.Cut(strings.TrimPrefix(handle, "@"), "@")
	if !full || strings.EqualFold(host, string(t.host)) {
		t.mu.Lock()
		defer t.mu.Unlock()
		a, err := t.find(strings.ToLower(user))
		if err != nil {
			return mention{}, err
		}
		return mention{a.id, t.acctOf(a), string(a.id)}, nil
	}
	handle = strings.ToLower(user + "@" + host)
	id, known := t.handles.Get(handle)
	if !known {
		j, err := t.finger(ctx, user, strings.ToLower(host))
		if err != nil {
			return mention{}, fmt.Errorf("resolve %s: %w", handle, err)
		}
		id = j.self()
	}
	r, err := t.remote(ctx, id)
	if err != nil {
		return mention{}, fmt.Errorf("resolve %s: %w", handle, err)
	}
	t.handles.Add(handle, id)
	return mention{r.ID, r.acct, r.page()}, nil
}

// resolveMentions finds everybody mentioned in a text, by the word as written.
func (t *Town) resolveMentions(ctx context.Context, text string) map[string]mention {
	found := map[string]mention{}
	for _, p := range split(text) {
		if _, known := found[p.text]; p.kind != '@' || known || len(found) >= 50 {
			continue
		}
		m, err := t.resolve(ctx, p.text)
		if err != nil {
			t.log.Info("a mention stays text", "mention", p.text, "error", err)
			continue
		}
		found[p.text] = m
	}
	return found
}
