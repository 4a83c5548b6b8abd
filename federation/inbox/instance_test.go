package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/id"
	"earshot/internal/test/acme"
	"earshot/store"
	"earshot/store/bolt"
)

const (
	ana = desk.ActorID("https://m.example/users/ana")
	ben = desk.ActorID("https://m.example/users/ben")
	hub = desk.ActorID("https://hub.example/actor")

	ourDesk = desk.ActorID("https://help.acme.example/desks/help")
)

// instance is an Inbox with one desk, over a store of its own. What other servers
// would answer is in peers.
type instance struct {
	t *testing.T
	*Inbox
	clock *clock.Fake
	store *counting
	peers *peers
	seen  []Outcome
}

func newInstance(t *testing.T, floodLimits bool) *instance {
	t.Helper()
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	base, err := url.Parse("https://help.acme.example")
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{t: t, clock: clock.NewFake(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)), store: &counting{Store: s}, peers: newPeers()}
	log := slog.New(slog.DiscardHandler)
	a := app.New(app.Deps{Store: i.store, Clock: i.clock, Site: acmeSite(t), Log: log, FloodLimits: floodLimits, Keys: noKeys{}})
	if _, err := a.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "help", Name: "Acme", Names: []string{"acme"}, Calls: []string{"down"}}); err != nil {
		t.Fatal(err)
	}
	i.Inbox = &Inbox{App: a, Resolver: i.peers, Naming: i.peers, Servers: i.peers, Log: log,
		Verifier: &httpsig.Verifier{Lookup: i.peers.key, Clock: i.clock, BaseURL: base},
		Observe:  func(o Outcome) { i.seen = append(i.seen, o) }, Drops: drop.NewLog(i.clock.Now())}
	t.Cleanup(func() {
		for _, c := range i.Drops.Counts() {
			if c.Reason == drop.Unexplained && c.All > 0 {
				t.Errorf("%d drops have no reason", c.All)
			}
		}
	})
	for _, who := range []desk.ActorID{ana, ben, hub} {
		i.peers.actors[who] = &as.Actor{ID: who, Type: as.Person, PreferredUsername: "x", Inbox: string(who) + "/inbox", Followers: string(who) + "/followers"}
	}
	return i
}

// noKeys makes key pairs that nothing signs with.
type noKeys struct{}

func (noKeys) Make(h desk.Handle, a store.KeyAlgorithm) (store.Key, error) {
	return store.Key{Owner: h, Algorithm: a, Fragment: string(a)}, nil
}

// counting counts transactions.
type counting struct {
	store.Store
	views, updates int
	fails          error
}

func (c *counting) View(ctx context.Context, f func(store.Tx) error) error {
	c.views++
	return c.Store.View(ctx, f)
}

func (c *counting) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	if c.updates++; c.fails != nil {
		return c.fails
	}
	return c.Store.Update(ctx, op, f)
}

// peers is what other servers answer. Profiles are cached once they are fetched.
type peers struct {
	actors   map[desk.ActorID]*as.Actor
	objects  map[desk.ObjectID]*as.Object
	fails    map[string]error // by id of the actor or object
	cached   map[desk.ActorID]bool
	outboxes map[desk.ActorID][]as.Ref
	fetched  []string // in this order
	tags     []string // with which posts were asked for
	reading  func()   // called by ObjectIf; nil: nothing
}

func newPeers() *peers {
	return &peers{map[desk.ActorID]*as.Actor{}, map[desk.ObjectID]*as.Object{}, map[string]error{}, map[desk.ActorID]bool{}, map[desk.ActorID][]as.Ref{}, nil, nil, nil}
}

func failure(k resolve.Kind) error { return &resolve.Error{Kind: k} }

func (p *peers) RefreshActor(_ context.Context, id desk.ActorID) (*as.Actor, error) {
	p.fetched = append(p.fetched, string(id))
	if err := p.fails[string(id)]; err != nil {
		return nil, err
	}
	if a, ok := p.actors[id]; ok {
		p.cached[id] = true
		return a, nil
	}
	return nil, failure(resolve.NotFound)
}

func (p *peers) Actor(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	if p.cached[id] {
		return p.actors[id], nil
	}
	return p.RefreshActor(ctx, id)
}

func (p *peers) CachedActor(id desk.ActorID) (*as.Actor, bool) {
	if !p.cached[id] {
		return nil, false
	}
	return p.actors[id], true
}

func (p *peers) Object(_ context.Context, id desk.ObjectID) (*as.Object, error) {
	p.fetched = append(p.fetched, string(id))
	if err := p.fails[string(id)]; err != nil {
		return nil, err
	}
	if o, ok := p.objects[id]; ok {
		return o, nil
	}
	return nil, failure(resolve.NotFound)
}

// ObjectIf gives each version of a post its content as the ETag.
func (p *peers) ObjectIf(ctx context.Context, id desk.ObjectID, tag string) (*as.Object, string, error) {
	p.tags = append(p.tags, tag)
	if p.reading != nil {
		p.reading()
	}
	o, err := p.Object(ctx, id)
	if err != nil || o.Content == tag {
		return nil, tag, err
	}
	return o, o.Content, nil
}

func (p *peers) Outbox(_ context.Context, who desk.ActorID, _ string) ([]as.Ref, error) {
	return p.outboxes[who], p.fails["outbox "+string(who)]
}
func (p *peers) Forget(id desk.ActorID) { delete(p.cached, id) }
func (p *peers) Heard(desk.Host)        {}

func (p *peers) Acct(_ context.Context, a *as.Actor) string {
	return a.PreferredUsername + "@" + string(a.ID.Host())
}
func (p *peers) Software(context.Context, desk.Host) (string, error) { return "mastodon", nil }

func (p *peers) MaxCharacters(context.Context, desk.Host) (int, error) { return 500, nil }

// key fetches the profile that a key is in, as the real lookup does.
func (p *peers) key(ctx context.Context, keyID string, _ bool) (httpsig.Key, error) {
	owner, _, _ := strings.Cut(keyID, "#")
	if _, err := p.Actor(ctx, desk.ActorID(owner)); err != nil {
		return httpsig.Key{}, err
	}
	return httpsig.Key{ID: keyID, Owner: desk.ActorID(owner), Public: acme.Key().Public()}, nil
}

// request is a POST to the shared inbox that signer has signed.
func (i *instance) request(signer desk.ActorID, body string) *http.Request {
	i.t.Helper()
	return i.requestAs(as.ContentType, signer, body)
}

func (i *instance) requestAs(contentType string, signer desk.ActorID, body string) *http.Request {
	i.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://help.acme.example/inbox", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if err := httpsig.Sign(httpsig.Cavage, r, []byte(body), string(signer)+"#main-key", acme.Key(), i.clock.Now()); err != nil {
		i.t.Fatal(err)
	}
	return r
}

// answer sends a request and returns the answer, and how it was counted.
func (i *instance) answer(r *http.Request) (*httptest.ResponseRecorder, Outcome) {
	i.t.Helper()
	i.seen = nil
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	if len(i.seen) != 1 {
		i.t.Fatalf("the answer was counted %d times: %v", len(i.seen), i.seen)
	}
	return w, i.seen[0]
}

// send sends a signed activity and returns how it was counted.
func (i *instance) send(signer desk.ActorID, body string) Outcome {
	i.t.Helper()
	_, o := i.answer(i.request(signer, body))
	return o
}

// jobs returns the ids of all jobs of a queue.
func (i *instance) jobs(q store.Queue) (ids []string) {
	i.t.Helper()
	i.view(func(tx *app.Tx) error {
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: q}) {
			if err != nil {
				return err
			}
			ids = append(ids, j.ID)
		}
		return nil
	})
	return ids
}

// process does all inbound and fetch jobs once, and those that they add.
func (i *instance) process() {
	i.t.Helper()
	i.processAll(store.QueueInbound, i.Process)
	i.processAll(store.QueueFetch, i.Fetch)
	i.processAll(store.QueueBrought, i.Fetch)
}

func (i *instance) processAll(q store.Queue, do func(context.Context, store.Job) error) {
	i.t.Helper()
	for names := i.jobs(q); len(names) > 0; names = i.jobs(q) {
		for _, name := range names {
			var j store.Job
			i.view(func(tx *app.Tx) (err error) { j, _, err = tx.Jobs().Get(name); return err })
			if err := do(i.t.Context(), j); err != nil {
				i.t.Fatalf("%s: %v", name, err)
			}
			i.update(func(tx *app.Tx) error { _, err := tx.Jobs().Drop(name, tx.Now); return err })
		}
	}
}

func (i *instance) view(f func(*app.Tx) error) {
	i.t.Helper()
	if err := i.App.View(i.t.Context(), f); err != nil {
		i.t.Fatal(err)
	}
}

func (i *instance) update(f func(*app.Tx) error) {
	i.t.Helper()
	if err := i.App.Update(i.t.Context(), f); err != nil {
		i.t.Fatal(err)
	}
}

// issues lists all issues.
func (i *instance) issues() (all []desk.Issue) {
	i.t.Helper()
	i.view(func(tx *app.Tx) (err error) {
		all, _, err = tx.Issues().List(store.IssueFilter{}, store.Page{})
		return err
	})
	return all
}

// follow makes hub a source that has accepted.
func (i *instance) follow(who desk.ActorID) {
	i.t.Helper()
	i.update(func(tx *app.Tx) error {
		return tx.Sources().Put(store.Source{ID: desk.SourceID(id.New()), Actor: who, State: store.SourceAccepted, Created: tx.Now})
	})
}

// note is a post of an author; more are further members.
func note(author desk.ActorID, n, more string) string {
	return fmt.Sprintf(`{"id":%q,"type":"Note","attributedTo":%q,"to":["https://www.w3.org/ns/activitystreams#Public"],"content":"<p>It is down</p>"%s}`,
		noteID(author, n), author, more)
}

func noteID(author desk.ActorID, n string) string { return string(author) + "/notes/" + n }

// mention makes a post one for the desk.
const mention = `,"tag":[{"type":"Mention","href":"https://help.acme.example/desks/help","name":"@help"}]`

// activity is an activity of an actor; object is JSON.
func activity(kind as.Type, actor desk.ActorID, n, object string) string {
	return fmt.Sprintf(`{"id":"%s/activities/%s","type":%q,"actor":%q,"object":%s}`, actor, n, kind, actor, object)
}

func jsonID(id string) string { return `"` + id + `"` }

// report has an author report something, and returns the reply of the desk.
func (i *instance) report(author desk.ActorID, n string) desk.Issue {
	i.t.Helper()
	if o := i.send(author, activity(as.Create, author, "create-"+n, note(author, n, mention))); o.Reason != drop.Kept {
		i.t.Fatalf("a report was answered %v", o)
	}
	i.process()
	issues := i.issues()
	if len(issues) == 0 {
		i.t.Fatal("a report opened no issue")
	}
	return issues[0]
}

// reply has the desk answer an issue, and returns what was published.
func (i *instance) reply(id desk.IssueID) desk.Post {
	i.t.Helper()
	p, err := i.App.Reply(i.t.Context(), app.By{}, app.ReplyInput{Issue: id, Text: "We are on it", Now: true})
	if err != nil {
		i.t.Fatal(err)
	}
	i.update(func(tx *app.Tx) (err error) { p, _, err = tx.PublishPost(p.ID); return err })
	return p
}

// keyOnly is a lookup that finds keys without profiles.
func keyOnly(_ context.Context, keyID string, _ bool) (httpsig.Key, error) {
	owner, _, _ := strings.Cut(keyID, "#")
	return httpsig.Key{ID: keyID, Owner: desk.ActorID(owner), Public: acme.Key().Public()}, nil
}
