package feeds

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

const public = "https://www.w3.org/ns/activitystreams#Public"

// M is a JSON object.
type M = map[string]any

// Relay emulates a relay as Activity-Relay reads what it is sent: whom it serves, which
// Follow it answers, what it passes over in silence.
type Relay struct {
	Actor string
	Post  func(inbox string, activity any) // signed by the relay
	// Manual: an admin of the relay has to say yes; Approve does. BareID: the answer names
	// the Follow by its id only.
	Manual, BareID bool

	mu      sync.Mutex
	asked   M // the last Follow that counted
	members map[string]string
	mutual  bool
	silent  []string // why something was passed over
}

// ServeHTTP takes in what is posted to the relay's inbox.
func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var in M
	if json.NewDecoder(req.Body).Decode(&in) != nil || req.Header.Get("Signature") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answers := r.take(in)
	w.WriteHeader(http.StatusAccepted)
	if answers != nil {
		answers()
	}
}

func (r *Relay) take(in M) (answers func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	over := func(why string) func() { r.silent = append(r.silent, why); return nil }
	if toPublic(in) {
		return over("addressed to Public: passed on, not read")
	}
	switch in["type"] {
	case "Follow":
		return r.follow(in, over)
	case "Accept":
		o, _ := in["object"].(M)
		r.mutual = o["id"] == r.Actor+"/activities/2" && o["actor"] == r.Actor
		return nil
	case "Undo":
		inner, ok := in["object"].(M)
		if !ok || inner["type"] != "Follow" || inner["id"] == nil || inner["actor"] != in["actor"] || !slices.Contains([]any{public, r.Actor}, inner["object"]) {
			return over("an Undo without its Follow")
		}
		delete(r.members, host(in["actor"]))
		return nil
	}
	return over("of a type that is not read")
}

func (r *Relay) follow(in M, over func(string) func()) func() {
	actor, _ := in["actor"].(string)
	id, _ := in["id"].(string)
	object, _ := in["object"].(string)
	if id == "" || actor == "" {
		return over("a Follow without an id or actor")
	}
	doc := document(actor)
	inbox, _ := doc["inbox"].(string)
	if inbox == "" {
		return over("a Follow of an actor without an inbox")
	}
	answer := func(verb string) func() {
		return func() { r.answer(verb, in, inbox) }
	}
	litepub := object == r.Actor
	switch {
	case object != public && !litepub:
		return answer("Reject")
	case doc["type"] != "Application" || !strings.HasSuffix(actor, "/relay"):
		return answer("Reject")
	}
	r.asked = in
	if r.Manual {
		return nil
	}
	r.join(actor, inbox)
	return answer("Accept")
}

func (r *Relay) join(actor, inbox string) {
	if r.members == nil {
		r.members = map[string]string{}
	}
	r.members[host(actor)] = inbox
}

// Asked is the last Follow that counted.
func (r *Relay) Asked() M {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// Approve answers a Follow with yes, as an admin of the relay does in time.
func (r *Relay) Approve(follow M) {
	actor, _ := follow["actor"].(string)
	inbox, _ := document(actor)["inbox"].(string)
	r.mu.Lock()
	r.join(actor, inbox)
	r.mu.Unlock()
	r.answer("Accept", follow, inbox)
}

func (r *Relay) answer(verb string, follow M, inbox string) {
	object := any(follow)
	if r.BareID {
		object = follow["id"]
	}
	r.Post(inbox, M{"@context": "https://www.w3.org/ns/activitystreams", "id": r.Actor + "/activities/1", "type": verb, "actor": r.Actor, "to": []any{follow["actor"]}, "object": object})
	if verb == "Accept" && follow["object"] == r.Actor { // mutual, at relays of this kind
		r.Post(inbox, M{"@context": "https://www.w3.org/ns/activitystreams", "id": r.Actor + "/activities/2", "type": "Follow", "actor": r.Actor, "to": []any{follow["actor"]}, "object": follow["actor"]})
	}
}

// Forward passes on an activity as it is, to every member.
func (r *Relay) Forward(activity any) {
	for _, inbox := range r.Members() {
		r.Post(inbox, activity)
	}
}

// Announce tells every member of an object: a new post, an edit or a deletion.
func (r *Relay) Announce(object string) {
	r.Forward(M{"@context": "https://www.w3.org/ns/activitystreams", "id": r.Actor + "/announces/" + object, "type": "Announce",
		"actor": r.Actor, "to": []string{r.Actor + "/followers"}, "object": object})
}

// Members are the inboxes that the relay passes on to.
func (r *Relay) Members() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, inbox := range r.members {
		out = append(out, inbox)
	}
	return out
}

// Mutual says whether the relay's own Follow was accepted.
func (r *Relay) Mutual() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mutual
}

// Silent says what was passed over, and why.
func (r *Relay) Silent() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.silent)
}

func toPublic(in M) bool {
	for _, key := range []string{"to", "cc"} {
		list, _ := in[key].([]any)
		if in[key] == public || slices.Contains(list, any(public)) {
			return true
		}
	}
	return false
}

func host(actor any) string {
	s, _ := actor.(string)
	_, rest, _ := strings.Cut(s, "://")
	rest, _, _ = strings.Cut(rest, "/")
	return rest
}

// document fetches an actor.
func document(id string) (doc M) {
	req, err := http.NewRequest(http.MethodGet, id, nil)
	if err != nil {
		return nil
	}
	req.Header.Set("Accept", "application/activity+json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	_ = json.NewDecoder(res.Body).Decode(&doc)
	return doc
}
