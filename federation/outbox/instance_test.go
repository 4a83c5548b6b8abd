package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/test/acme"
	"earshot/store"
)

const (
	ana = desk.ActorID("https://m.example/users/ana")
	ben = desk.ActorID("https://n.example/users/ben")
)

// instance is an Outbox with one desk, over a store of its own. Nothing is sent:
// what would be is in the store.
type instance struct {
	t *testing.T
	*Outbox
	clock       *clock.Fake
	actors      map[desk.ActorID]*as.Actor // of other servers
	revalidated []desk.ObjectID
	seen        bool // the answer of the next revalidation
	seenErr     error
}

func newInstance(t *testing.T) *instance {
	t.Helper()
	of := acme.New(t, desk.Desk{Handle: "help", Name: "Acme", Names: []string{"acme"}, Calls: []string{"down"}})
	i := &instance{t: t, clock: of.Clock, actors: map[desk.ActorID]*as.Actor{}, seen: true}
	i.Outbox = &Outbox{App: of.App, Keys: of.Keys, Actors: i, Log: of.Log, WhereNow: func(context.Context, desk.ActorID) error { return nil }, Revalidate: func(_ context.Context, o desk.ObjectID) (bool, error) {
		i.revalidated = append(i.revalidated, o)
		return i.seen, i.seenErr
	}}
	return i
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Actor answers for other servers.
func (i *instance) Actor(_ context.Context, id desk.ActorID) (*as.Actor, error) {
	if a, known := i.actors[id]; known {
		return a, nil
	}
	return nil, errors.New("no answer")
}

func (i *instance) view(f func(*app.Tx) error) { i.t.Helper(); ok(i.t, i.App.View(i.t.Context(), f)) }
func (i *instance) update(f func(*app.Tx) error) {
	i.t.Helper()
	ok(i.t, i.App.Update(i.t.Context(), f))
}

// report has an author report something: by a mention, or by its tags alone.
func (i *instance) report(who desk.ActorID, mention bool, more func(*desk.Post)) desk.IssueID {
	i.t.Helper()
	p := desk.Post{Object: desk.ObjectID(who + "/notes/1"), Author: who, Text: "It is down", Tags: []string{"acme", "down"}, Visibility: desk.VisibilityPublic,
		Context: "https://m.example/contexts/1", Language: "en", Published: i.clock.Now()}
	if mention {
		p.Mentions = []desk.ActorID{i.App.Site().Desk("help")}
	}
	if more != nil {
		more(&p)
	}
	host := "https://" + string(who.Host())
	r, err := i.App.Hear(i.t.Context(), app.Heard{Post: p, Source: app.Inbox, Author: desk.Actor{ID: who, Acct: "ana@" + string(who.Host()), URL: host + "/@ana", Inbox: string(who) + "/inbox", Shared: host + "/inbox"}})
	ok(i.t, err)
	if r.Outcome != app.Opened {
		i.t.Fatalf("the report: %+v", r)
	}
	return r.Issue
}

func (i *instance) reply(issue desk.IssueID, text string) desk.Post {
	i.t.Helper()
	return i.say(app.ReplyInput{Issue: issue, Text: text})
}

// say writes a reply that is due at once.
func (i *instance) say(in app.ReplyInput) desk.Post {
	i.t.Helper()
	in.Now = true
	p, err := i.App.Reply(i.t.Context(), app.By{}, in)
	ok(i.t, err)
	return p
}

// jobs lists the publish jobs that are due.
func (i *instance) jobs() (due []store.Job) {
	i.t.Helper()
	i.view(func(tx *app.Tx) error {
		due = nil
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: store.QueuePublish}) {
			if err != nil {
				return err
			}
			if !j.Due.After(tx.Now) {
				due = append(due, j)
			}
		}
		return nil
	})
	return due
}

// handle runs one job as a worker does: a job that is done is deleted.
func (i *instance) handle(j store.Job) error {
	i.t.Helper()
	err := i.Handle(i.t.Context(), j)
	if err == nil {
		i.update(func(tx *app.Tx) error { _, err := tx.Jobs().Drop(j.ID, tx.Now); return err })
	}
	return err
}

// run runs all publish jobs that are due.
func (i *instance) run() {
	i.t.Helper()
	for _, j := range i.jobs() {
		ok(i.t, i.handle(j))
	}
}

func (i *instance) post(id desk.PostID) (p desk.Post) {
	i.t.Helper()
	i.view(func(tx *app.Tx) (err error) { p, _, err = tx.Posts().Get(id); return err })
	return p
}

// document returns a stored document; found is false without it.
func (i *instance) document(id string) (d store.Document, found bool) {
	i.t.Helper()
	i.view(func(tx *app.Tx) (err error) { d, found, err = tx.Documents().Get(id); return err })
	return d, found
}

// sent lists the inboxes that an activity goes to, sorted.
func (i *instance) sent(id desk.ActivityID) (inboxes []string) {
	i.t.Helper()
	for _, d := range i.deliveries(id) {
		inboxes = append(inboxes, d.Inbox)
	}
	slices.Sort(inboxes)
	return inboxes
}

// deliveries lists the payloads of the deliver jobs of an activity.
func (i *instance) deliveries(id desk.ActivityID) (out []app.Deliver) {
	i.t.Helper()
	i.view(func(tx *app.Tx) error {
		out = nil
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: store.QueueDeliver}) {
			if err != nil {
				return err
			}
			var d app.Deliver
			if err := json.Unmarshal(j.Payload, &d); err != nil {
				return err
			}
			if d.Activity == id {
				out = append(out, d)
			}
		}
		return nil
	})
	return out
}

// readable is a document as people compare it: indented, without proof, context and keys,
// and with names in the place of ids that are random.
func readable(t *testing.T, doc []byte, names ...string) []byte {
	t.Helper()
	var m map[string]any
	ok(t, json.Unmarshal(doc, &m))
	delete(m, "proof")
	delete(m, "@context") // federation/as/build tests those
	if actor, is := m["object"].(map[string]any); is && actor["publicKey"] != nil {
		actor["publicKey"], actor["assertionMethod"] = "…", "…"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	ok(t, e.Encode(m))
	return []byte(strings.NewReplacer(names...).Replace(b.String()))
}

// hasProof says whether a document carries a proof.
func hasProof(t *testing.T, doc []byte) bool {
	t.Helper()
	var m struct{ Proof json.RawMessage }
	ok(t, json.Unmarshal(doc, &m))
	return len(m.Proof) > 0
}
