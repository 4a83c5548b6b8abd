package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/failpoint"
	"earshot/internal/id"
	"earshot/store"
)

// DefaultTakeBack is how long a reply can be taken back before it goes out.
const DefaultTakeBack = 10 * time.Second

// Deps are the parts that the use cases need.
type Deps struct {
	Store    store.Store
	Clock    clock.Clock
	Site     desk.Site
	Log      *slog.Logger
	TakeBack time.Duration // 0 means DefaultTakeBack
	Web      WebReader     // reads the pages that desks link to
	Probe    Prober        // knows the kinds of sources, and looks at their other side
	Tokens   TokenSealer   // encrypts the access tokens of sources
	Secrets  SecretSealer  // makes and encrypts the secrets of destinations
	Mails    bool          // there is a server for mail
	// HeardWithin is how old a post may be that a source brings, and that has no
	// more than the two keys; 0 means DefaultHeardWithin.
	HeardWithin time.Duration
	// FetchDelay spreads the fetches of posts that a source tells to many servers
	// at once; 0: none is delayed.
	FetchDelay time.Duration
	Keys       KeyMaker
	// Deletions records deletions in a file outside of the store; nil: no file.
	Deletions DeletionFile
	// WordsExpire is how long other people's words are kept after an issue
	// was last touched; 0 means DefaultWordsExpire.
	WordsExpire time.Duration
	// FloodLimits holds back likely spam until an agent decides, and bounds open
	// issues by Room; the zero Room means desk.DefaultRoom.
	FloodLimits bool
	// Pace says how fast voices are told who were only heard by tags; the zero value
	// means desk.DefaultPace.
	Pace desk.Pace
	Room desk.Room
	// Compact takes deleted words out of the store's files; nil where the
	// store does that by itself.
	Compact Compacter
	// Drops counts reports that were held back and are not for us any more when an agent
	// lets them in; nil: none does.
	Drops *drop.Log
}

// KeyMaker makes key pairs for our actors, with the fragment of a first one.
type KeyMaker interface {
	Make(desk.Handle, store.KeyAlgorithm) (store.Key, error)
}

// App is the use cases of one instance.
type App struct {
	store     store.Store
	clock     clock.Clock
	site      desk.Site
	log       *slog.Logger
	takeBack  time.Duration
	probe     Prober
	web       WebReader
	keys      KeyMaker
	tokens    TokenSealer
	secrets   SecretSealer
	mails     bool
	counts    sourceCounts
	offered   offers
	audiences audiences
	files     *fileCache

	heardWithin, fetchDelay time.Duration

	floodLimits bool
	pace        desk.Pace
	room        desk.Room
	wordsExpire time.Duration
	compact     Compacter
	drops       *drop.Log
	deletions   DeletionFile
	deletionsMu sync.Mutex
	aliases     atomic.Pointer[aliases]
}

// New returns the use cases over a store.
func New(d Deps) *App {
	if d.TakeBack == 0 {
		d.TakeBack = DefaultTakeBack
	}
	if d.WordsExpire == 0 {
		d.WordsExpire = DefaultWordsExpire
	}
	if d.Pace == (desk.Pace{}) {
		d.Pace = desk.DefaultPace
	}
	if d.HeardWithin == 0 {
		d.HeardWithin = DefaultHeardWithin
	}
	if d.Room == (desk.Room{}) {
		d.Room = desk.DefaultRoom
	}
	return &App{heardWithin: d.HeardWithin, fetchDelay: d.FetchDelay, tokens: d.Tokens, secrets: d.Secrets, mails: d.Mails, store: d.Store, clock: d.Clock, site: d.Site, log: d.Log, takeBack: d.TakeBack, probe: d.Probe, web: d.Web, keys: d.Keys,
		floodLimits: d.FloodLimits, room: d.Room, pace: d.Pace, wordsExpire: d.WordsExpire, compact: d.Compact, drops: d.Drops, deletions: d.Deletions, files: newFileCache()}
}

// Site returns the instance's addresses.
func (a *App) Site() desk.Site { return a.site }

// Store returns the store, for those who compose transactions of their own.
func (a *App) Store() store.Store { return a.store }

// WordsExpire is how long other people's words are kept after an issue was
// last touched.
func (a *App) WordsExpire() time.Duration { return a.wordsExpire }

// Now returns the time of the injected clock.
func (a *App) Now() time.Time { return a.clock.Now() }

// Tx is a transaction of a use case: the store's, with the time at which its function
// first ran, and ids that stay the same when it runs again.
type Tx struct {
	store.Tx
	Now  time.Time
	site desk.Site
	ids  *minter
	// floodLimits, room, heardWithin: see Deps.
	floodLimits bool
	room        desk.Room
	heardWithin time.Duration
	// only are the desks to which who asks is limited; nil: to none. See Within.
	only []desk.Handle
	// dropped is counted once it is on disk: see Deps.Drops.
	dropped []drop.Event
	// added are the entries that were added to timelines.
	added []desk.Event
}

// NewID returns a new UUIDv7.
func (t *Tx) NewID() string { return t.ids.next() }

// Update runs one use case. Its time is taken once it has waited for other writes: what
// it adds is newer than a list that was read meanwhile.
func (a *App) Update(ctx context.Context, f func(*Tx) error) error {
	var now time.Time
	var last *Tx
	ids := &minter{}
	err := a.store.Update(ctx, store.Op(id.New()), func(tx store.Tx) error {
		if ids.rewind(); last == nil {
			now = a.clock.Now()
		}
		last = &Tx{Tx: tx, Now: now, site: a.site, ids: ids, only: limitOf(ctx), floodLimits: a.floodLimits, room: a.room, heardWithin: a.heardWithin}
		return f(last)
	})
	if err != nil || last == nil {
		return err
	}
	for _, e := range last.dropped {
		a.drops.Add(e, now)
	}
	return nil
}

// View reads.
func (a *App) View(ctx context.Context, f func(*Tx) error) error {
	now := a.clock.Now()
	return a.store.View(ctx, func(tx store.Tx) error {
		return f(&Tx{Tx: tx, Now: now, site: a.site, ids: &minter{}, only: limitOf(ctx), floodLimits: a.floodLimits, room: a.room, heardWithin: a.heardWithin})
	})
}

// minter hands out the same ids on every run of a transaction's function.
type minter struct {
	ids []string
	n   int
}

func (m *minter) rewind() { m.n = 0 }

func (m *minter) next() string {
	if m.n == len(m.ids) {
		m.ids = append(m.ids, id.New())
	}
	m.n++
	return m.ids[m.n-1]
}

// resultsRemembered is how long a repeated request gets its first answer.
const resultsRemembered = 24 * time.Hour

// result is the first answer to a request with a key.
type result struct {
	Content string          `json:"content,omitempty"` // By.Content
	Answer  json.RawMessage `json:"answer"`
}

// firstResult reads the answer to an earlier request with the same key. One that
// said something else is a mistake of the client: neither is it done, nor is it
// answered as if it were (draft-ietf-httpapi-idempotency-key-header §2.7).
func (t *Tx) firstResult(by By, out any) (again bool, err error) {
	kept, again, err := t.Once().Get(resultKey(by))
	if err != nil || !again {
		return false, err
	}
	var r result
	if err := json.Unmarshal(kept, &r); err != nil {
		return true, err
	}
	if r.Content != by.Content {
		return true, desk.Reused("key_reused", "this was sent once already, with other words, and those count: send it again under a new key if you mean both")
	}
	return true, json.Unmarshal(r.Answer, out)
}

func (t *Tx) keepResult(by By, out any) error {
	answer, err := json.Marshal(out)
	if err != nil {
		return err
	}
	b, err := json.Marshal(result{by.Content, answer})
	if err != nil {
		return err
	}
	_, _, err = t.Once().Put(resultKey(by), b, t.Now.Add(resultsRemembered))
	return err
}

func resultKey(by By) string { return "result:" + by.Key }

// audit makes an audit entry of a write: the action, and from its result the
// changed thing, as in an address, and a short note. One on nothing is not kept.
type audit[T any] struct {
	action string
	on     func(T) (on, note string)
}

// once runs a write of a person or a program, and notes it in the audit log. A
// request that carries the key of an earlier one is answered with the first
// result and does nothing.
func once[T any](ctx context.Context, a *App, by By, d audit[T], f func(*Tx) (T, error)) (T, error) {
	var out T
	failpoint.Hit("app.asked")
	err := a.Update(ctx, func(tx *Tx) (err error) {
		do := func() error {
			if out, err = f(tx); err != nil {
				return err
			}
			if err := tx.draftSent(by); err != nil {
				return err
			}
			if by.bulk != nil {
				if err := tx.keepBulk(by); err != nil {
					return err
				}
			}
			on, note := d.on(out)
			if on == "" {
				return nil
			}
			return tx.Audit(by, d.action, on, note)
		}
		if by.Key == "" {
			return do()
		}
		if again, err := tx.firstResult(by, &out); again || err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
		return tx.keepResult(by, out)
	})
	failpoint.Hit("app.written")
	return out, err
}

// By says who does something: an agent's e-mail address, or "" for the admin
// on this machine; through which door, "" for this machine; and the request's
// idempotency key.
type By struct {
	Agent desk.Email
	Via   store.Via
	Token string // the name of the API token that was used
	Key   string
	// Content is a digest of what the request says: two with one Key and other
	// contents are not the same request.
	Content string
	// Seen is the newest entry of the issue that was seen when this was decided,
	// SeenAt the time of a list of issues; the zero values: not said. See checkSeen.
	Seen   desk.EventID
	SeenAt time.Time
	// Meant: the agent was asked about the words, and means them. See desk.CheckWords.
	Meant bool
	// Draft is the form whose text this sends, as store.Draft.On names it: its draft is gone
	// in the same moment. "": no form.
	Draft string
	// MayPublish: to followers. On this machine everybody may.
	MayPublish bool
	// bulk is the change of many issues that this is a step of.
	bulk *bulkStep
	// undoesMany: a change of many issues is taken back.
	undoesMany bool
}

// mayChange says whether a caller may edit or take back a post of ours. A
// broadcast may be changed by those who may write one.
func (b By) mayChange(p desk.Post) error {
	if p.Role != desk.RoleBroadcast || b.MayPublish || b.Via == "" || b.Via == store.ViaMachine {
		return nil
	}
	return desk.Forbidden("broadcast_scope", "this is a broadcast: only a person who may publish broadcasts may change it or take it back")
}

// Ack is the answer of a use case that has nothing else to say.
type Ack struct{}

func (t *Tx) issue(id desk.IssueID) (desk.Issue, error) {
	i, ok, err := t.Issues().Get(id)
	if err == nil && !ok {
		err = desk.NotFound("issue_not_found", "there is no issue %s", id)
	}
	return i, err
}

// event appends to an issue's timeline, and tells those who follow along; id
// and time are filled in. An event with an id replaces the earlier one.
func (t *Tx) event(e desk.Event) error {
	c, err := t.addEvent(e)
	if err != nil {
		return err
	}
	return t.changed(c)
}

// eventIn is event for an issue at hand, which is no part of another.
func (t *Tx) eventIn(i desk.Issue, e desk.Event) error {
	c, err := t.addEvent(e)
	if err != nil {
		return err
	}
	return t.changedIn(i, c)
}

func (t *Tx) addEvent(e desk.Event) (store.Change, error) {
	if e.ID == "" {
		e.ID = desk.EventID(t.NewID())
	}
	if e.At.IsZero() {
		e.At = t.Now
	}
	if err := t.Events().Add(e); err != nil {
		return store.Change{}, err
	}
	t.added = append(t.added, e)
	kind := store.ChangeIssue
	if e.Kind == desk.KindReport {
		kind = store.ChangeOpened
	}
	return store.Change{Kind: kind, Issue: e.Issue, Entry: e.Kind, Event: e.ID, Post: e.Post, Agent: e.Agent}, nil
}
