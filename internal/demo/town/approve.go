package town

import (
	"encoding/json"
	"net/http"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// request is an answer that waits for the approval of the answered person, as
// on GoToSocial. Guarded by Town.mu.
type request struct {
	id     desk.ActivityID // "" where the answer itself was sent
	author *remote
	reply  *as.Object
	target *post
}

// policy is what a post says about who may answer it.
func (p *post) policy() doc {
	automatic, manual := []string{string(p.author)}, []string{as.Public}
	for _, m := range p.mentions {
		automatic = append(automatic, string(m.id))
	}
	return doc{"canReply": doc{"automaticApproval": automatic, "manualApproval": manual}}
}

// needsApproval says whether an answer to one of our posts must be approved.
// People mentioned in the post may always answer.
func (t *Town) needsApproval(o *as.Object) *post {
	p := t.posts[o.InReplyTo]
	if p == nil || p.local == nil || p.deleted || !p.approves {
		return nil
	}
	for _, m := range p.mentions {
		if m.id == o.AttributedTo {
			return nil
		}
	}
	return p
}

// processRequest shows a ReplyRequest to the person who decides.
func (t *Town) processRequest(author *remote, a *as.Activity) (string, error) {
	var embedded struct{ Instrument json.RawMessage }
	if err := json.Unmarshal(a.Raw, &embedded); err != nil {
		return "", refuse(http.StatusBadRequest, "%v", err)
	}
	o, err := as.ParseObject(embedded.Instrument)
	if err != nil || o.AttributedTo != author.ID || o.ID.Host() != author.ID.Host() || o.InReplyTo != a.Object.ID {
		return "", refuse(http.StatusBadRequest, "the instrument is no answer of the signer's to %s", a.Object.ID)
	}
	target := t.needsApproval(o)
	if target == nil {
		return "nothing that needs leave", nil
	}
	return t.ask(request{id: a.ID, author: author, reply: o, target: target}), nil
}

// ask keeps a request until it is answered.
func (t *Town) ask(r request) string {
	if len(t.requests) >= maxLinks {
		return "too many requests wait"
	}
	t.requests[r.reply.ID] = r
	return "waits for approval"
}

// Requests lists the answers that wait for a person's leave.
func (t *Town) Requests(person string) (out []desk.ObjectID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, r := range t.requests {
		if r.target.local == t.people[person] {
			out = append(out, id)
		}
	}
	return out
}

// Approve lets an answer be shown, Decline refuses it.
func (t *Town) Approve(person string, reply desk.ObjectID) error {
	return t.decide(person, reply, true)
}

// Decline refuses an answer: it is dropped.
func (t *Town) Decline(person string, reply desk.ObjectID) error {
	return t.decide(person, reply, false)
}

func (t *Town) decide(person string, reply desk.ObjectID, yes bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.requests[reply]
	if !ok || r.target.local != t.people[person] {
		return desk.NotFound("town_nothing_awaits", "no such answer waits for %s", person)
	}
	delete(t.requests, reply)
	us, key := r.target.local, id.New()
	var object any = reply
	if r.id != "" {
		object = doc{"type": as.ReplyRequest, "id": r.id, "actor": r.author.ID, "object": r.target.id, "instrument": reply}
	}
	kind := as.Reject
	if yes {
		kind = as.Accept
	}
	d := simple(desk.ActivityID(string(us.id)+"#answers/"+key), kind, us.id, object)
	d["to"], d["target"] = r.author.ID, r.target.id
	if yes {
		stamp := string(us.id) + "/authorizations/" + key
		t.stamps[stamp] = doc{"id": stamp, "type": as.ReplyAuthorization, "attributedTo": us.id, "interactingObject": reply, "interactionTarget": r.target.id}
		d["result"] = stamp
		t.keep(r.author, r.reply, maxAncestors)
	}
	t.send(us, d, []desk.ActorID{r.author.ID})
	t.changed()
	return nil
}

func (t *Town) serveStamp(w http.ResponseWriter, r *http.Request, _ desk.ActorID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d, ok := t.stamps[t.base+r.URL.Path]
	if !ok {
		http.Error(w, "there is no such authorization", http.StatusNotFound)
		return
	}
	writeDoc(w, d)
}
