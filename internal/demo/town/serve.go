package town

import (
	"encoding/json"
	"net/http"
	"slices"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// Handler serves everything: discovery, actors, posts, inboxes, pages.
func (t *Town) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /.well-known/webfinger", t.serveWebFinger)
	m.HandleFunc("GET /.well-known/nodeinfo", t.serveNodeInfoLinks)
	m.HandleFunc("GET /nodeinfo/2.1", t.serveNodeInfo)
	m.HandleFunc("GET /api/v2/instance", t.serveInstance)
	m.HandleFunc("GET /api/v1/timelines/tag/{tag}", t.serveTimeline)
	m.HandleFunc("GET /actor", func(w http.ResponseWriter, _ *http.Request) { writeDoc(w, t.actorDoc(t.instance)) })
	m.HandleFunc("POST /inbox", t.serveInbox)
	m.HandleFunc("POST /actor/inbox", t.serveInbox)
	for _, kind := range []string{"users", "tags"} {
		m.HandleFunc("POST /"+kind+"/{name}/inbox", t.serveInbox)
		m.HandleFunc("GET /"+kind+"/{name}", t.either(t.serveActor, t.pageActor))
		m.HandleFunc("GET /"+kind+"/{name}/outbox", t.guarded(t.serveOutbox))
		m.HandleFunc("GET /"+kind+"/{name}/followers", t.guarded(t.serveCount))
		m.HandleFunc("GET /"+kind+"/{name}/following", t.guarded(t.serveCount))
	}
	m.HandleFunc("GET /users/{name}/posts/{id}", t.either(t.servePost, t.pageThread))
	m.HandleFunc("GET /users/{name}/authorizations/{id}", t.guarded(t.serveStamp))
	m.HandleFunc("GET /users/{name}/posts/{id}/activity", t.guarded(t.servePost))
	t.pages(m)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := t.refusal(r); status != 0 {
			w.Header().Set("Content-Type", "application/json; charset=utf-8") // as Mastodon does
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": http.StatusText(status)})
			return
		}
		m.ServeHTTP(w, r)
	})
}

// signed serves a document; signer is who verifiably asked, "" for nobody.
type signed func(w http.ResponseWriter, r *http.Request, signer desk.ActorID)

// either serves ActivityStreams or a page, as the client prefers.
func (t *Town) either(document signed, page http.HandlerFunc) http.HandlerFunc {
	guarded := t.guarded(document)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept, Signature")
		if as.PrefersActivityPub(r.Header.Values("Accept")...) {
			guarded(w, r)
			return
		}
		page(w, r)
	}
}

// guarded looks who asks. A wrong signature is refused even where none is
// needed; in secure mode a missing one is too.
func (t *Town) guarded(document signed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t.mu.Lock()
		secure := t.secure
		t.mu.Unlock()
		carries := r.Header.Get("Signature") != "" || r.Header.Get("Signature-Input") != ""
		if !carries && !secure {
			document(w, r, "")
			return
		}
		signer, err := t.verifier.Verify(r.Context(), r, nil)
		if err != nil {
			t.log.Debug("signed GET refused", "path", r.URL.Path, "error", err)
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		document(w, r, signer.Actor)
	}
}

// named returns the actor of a path; the caller holds the lock.
func (t *Town) named(r *http.Request) *actor {
	name := r.PathValue("name")
	if len(r.URL.Path) > 6 && r.URL.Path[:6] == "/tags/" {
		return t.tagActor(name)
	}
	return t.people[name]
}

// present answers for an actor that is not there, and says whether it is.
func present(w http.ResponseWriter, a *actor) bool {
	switch {
	case a == nil:
		http.Error(w, "nobody of that name lives here", http.StatusNotFound)
		return false
	case a.gone:
		http.Error(w, "this account is gone", http.StatusGone)
		return false
	}
	return true
}

func (t *Town) serveActor(w http.ResponseWriter, r *http.Request, _ desk.ActorID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.named(r); present(w, a) {
		writeDoc(w, t.actorDoc(a))
	}
}

// serveOutbox shows the last public posts, on one page.
func (t *Town) serveOutbox(w http.ResponseWriter, r *http.Request, _ desk.ActorID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.named(r)
	if !present(w, a) {
		return
	}
	items, total := []any{}, 0
	for _, id := range slices.Backward(t.order) {
		p := t.posts[id]
		if p.deleted || p.local != a || !p.visibility.IsPublic() {
			continue
		}
		if total++; len(items) < 20 {
			items = append(items, t.createDoc(p))
		}
	}
	writeDoc(w, collectionDoc(string(a.id)+"/outbox", total, items))
}

// serveCount tells how many there are, not who.
func (t *Town) serveCount(w http.ResponseWriter, r *http.Request, _ desk.ActorID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.named(r)
	if !present(w, a) {
		return
	}
	id, n := a.followerURL(), len(a.followers)
	if r.URL.Path[len(r.URL.Path)-1] == 'g' {
		id, n = string(a.id)+"/following", len(a.following)
	}
	writeDoc(w, collectionDoc(id, n, nil))
}

// servePost shows a public post to everybody and another to those who may read
// it; to others it is not there. Of a deleted one the Tombstone is left.
func (t *Town) servePost(w http.ResponseWriter, r *http.Request, signer desk.ActorID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.posts[t.objectOf(r)]
	if p == nil || !p.visibility.IsPublic() && !p.readableBy(signer) {
		http.Error(w, "no such post", http.StatusNotFound)
		return
	}
	if _, blocked := p.local.blocks[signer]; blocked {
		http.Error(w, "not for you", http.StatusForbidden)
		return
	}
	d := t.noteDoc(p)
	if r.URL.Path[len(r.URL.Path)-1] == 'y' && !p.deleted { // …/activity
		d = t.createDoc(p)
	}
	w.Header().Set("Content-Type", contentType)
	if p.deleted {
		w.WriteHeader(http.StatusGone)
	}
	_, _ = w.Write(d.bytes()) // the client may have gone
}

func (p *post) readableBy(signer desk.ActorID) bool {
	return signer != "" && (p.reaches(signer) || p.visibility == desk.VisibilityFollowers && p.local.followers[signer])
}

// objectOf is the post a path names.
func (t *Town) objectOf(r *http.Request) desk.ObjectID {
	return desk.ObjectID(t.base + "/users/" + r.PathValue("name") + "/posts/" + r.PathValue("id"))
}

func (t *Town) serveNodeInfoLinks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, "application/json", map[string]any{"links": []jrdLink{
		{Rel: "http://nodeinfo.diaspora.software/ns/schema/2.1", Href: t.base + "/nodeinfo/2.1"},
		{Rel: as.Namespace + "#Application", Href: string(t.instance.id)}, // FEP-2677
	}})
}

func (t *Town) serveNodeInfo(w http.ResponseWriter, _ *http.Request) {
	t.mu.Lock()
	people, posts := len(t.people), 0
	for _, p := range t.posts {
		if p.local != nil && !p.deleted {
			posts++
		}
	}
	t.mu.Unlock()
	writeJSON(w, `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"`, map[string]any{
		"version": "2.1", "software": map[string]string{"name": "town", "version": "1"},
		"protocols": []string{"activitypub"}, "services": map[string][]string{"inbound": {}, "outbound": {}},
		"openRegistrations": false, "usage": map[string]any{"users": map[string]int{"total": people}, "localPosts": posts},
		"metadata": map[string]string{"nodeName": t.name},
	})
}

// serveInstance says how long a post may be, as Mastodon's API does.
func (t *Town) serveInstance(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, "application/json", map[string]any{"domain": t.host, "title": t.name,
		"configuration": map[string]any{"statuses": map[string]int{"max_characters": maxText}}})
}

func writeDoc(w http.ResponseWriter, d doc) {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(d.bytes()) // the client may have gone
}

func writeJSON(w http.ResponseWriter, mediaType string, v any) {
	w.Header().Set("Content-Type", mediaType)
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}
