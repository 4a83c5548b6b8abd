package town

import (
	"context"
	"crypto/rsa"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// The bounds of the town's memory. Beyond them the oldest goes.
const (
	maxPosts    = 5000
	maxTags     = 500 // hashtag actors; beyond: not found
	maxNotes    = 200 // notifications a person
	maxArrivals = 500
	maxCached   = 2000 // remote actors, keys, activities seen
	maxLinks    = 5000 // followers, followings, blocks of one actor
)

// Config describes the town. Only BaseURL and Client are needed.
type Config struct {
	BaseURL string   // scheme://host[:port], e.g. http://127.0.0.1:8081
	Name    string   // of the town, for its pages; default "Little Town"
	People  []Person // default: DefaultPeople()
	Clock   clock.Clock
	Logger  *slog.Logger
	Client  *safehttp.Client
	Desk    string // handle of the desk the pages give as a hint: "@help@acme.example"
	// Tags are those the pages give as a hint, without #: acme, fail.
	Tags []string
	// NewKey makes an actor's key when it is first needed; default: RSA with
	// 2048 bits. Tests have prepared ones.
	NewKey func() *rsa.PrivateKey
	// SecureMode starts the town as after SetSecureMode(true).
	SecureMode bool
}

// Town is the server. Its methods may be called concurrently.
type Town struct {
	base     string // BaseURL without a slash at the end
	host     desk.Host
	name     string
	hintDesk string
	hintTags []string
	clock    clock.Clock
	log      *slog.Logger
	client   *safehttp.Client
	newKey   func() *rsa.PrivateKey
	verifier httpsig.Verifier

	instance *actor // signs our GETs; every client may fetch it
	remotes  *lru.Cache[desk.ActorID, *remote]
	handles  *lru.Cache[string, desk.ActorID] // "user@host" of accounts elsewhere that were found once
	keys     *lru.Cache[string, httpsig.Key]
	seen     *lru.Cache[desk.ActivityID, bool]

	mu       sync.Mutex // guards all below
	people   map[string]*actor
	names    []string // of people, in the order of Config
	tags     map[string]*actor
	posts    map[desk.ObjectID]*post
	order    []desk.ObjectID           // of posts, oldest first
	answers  map[desk.ObjectID][]*post // direct answers to a post, known or not
	requests map[desk.ObjectID]request // by the answer that waits
	stamps   map[string]doc            // authorizations given, by id
	queue    []*job
	arrivals []Arrival
	refused  map[string]int
	secure   bool

	wake   chan struct{} // the queue has something new; capacity 1
	events *events
}

// New makes a town. It does nothing on its own until Run or RunOnce.
func New(c Config) (*Town, error) {
	u, err := url.Parse(c.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
		return nil, desk.Invalid("town_url_invalid", "the town's URL must look like http://127.0.0.1:8081, not %q", c.BaseURL)
	}
	host, err := desk.HostOf(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if c.Client == nil {
		return nil, desk.Invalid("town_no_client", "the town needs an HTTP client")
	}
	t := &Town{
		base: u.Scheme + "://" + string(host), host: host,
		name: c.Name, hintDesk: c.Desk, hintTags: c.Tags,
		clock: c.Clock, log: c.Logger, client: c.Client, newKey: c.NewKey,
		people: map[string]*actor{}, tags: map[string]*actor{}, posts: map[desk.ObjectID]*post{}, answers: map[desk.ObjectID][]*post{},
		requests: map[desk.ObjectID]request{}, stamps: map[string]doc{},
		refused: map[string]int{}, secure: c.SecureMode,
		wake: make(chan struct{}, 1), events: newEvents(),
	}
	t.defaults()
	if t.remotes, err = lru.New[desk.ActorID, *remote](maxCached); err != nil {
		return nil, err
	}
	if t.handles, err = lru.New[string, desk.ActorID](maxCached); err != nil {
		return nil, err
	}
	if t.keys, err = lru.New[string, httpsig.Key](maxCached); err != nil {
		return nil, err
	}
	if t.seen, err = lru.New[desk.ActivityID, bool](maxCached); err != nil {
		return nil, err
	}
	t.verifier = t.newVerifier()
	t.instance = t.newActor(desk.ActorID(t.base+"/actor"), as.Application, "instance.actor")
	if err := t.populate(c.People); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Town) defaults() {
	if t.name == "" {
		t.name = "Little Town"
	}
	if t.clock == nil {
		t.clock = clock.System{}
	}
	if t.newKey == nil {
		t.newKey = newKey
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
}

// populate gives the people their accounts.
func (t *Town) populate(people []Person) error {
	if len(people) == 0 {
		people = DefaultPeople()
	}
	for _, p := range people {
		if err := p.check(); err != nil {
			return err
		}
		if t.people[p.Username] != nil {
			return desk.Invalid("town_person_twice", "two people are called %q", p.Username)
		}
		kind := as.Person
		if p.Bot {
			kind = as.Service
		}
		a := t.newActor(desk.ActorID(t.base+"/users/"+p.Username), kind, p.Username)
		a.person = p
		t.people[p.Username] = a
		t.names = append(t.names, p.Username)
	}
	return nil
}

// Run delivers and fetches until ctx ends.
func (t *Town) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		worked, err := t.RunOnce(ctx)
		if err != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
		if worked {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.wake:
		case <-tick.C: // something may have become due
		}
	}
}

// Close ends the open event streams of the pages, so that a server can shut
// down. Queued deliveries are forgotten.
func (t *Town) Close() error {
	t.events.close()
	return nil
}

// SetSecureMode switches Mastodon's AUTHORIZED_FETCH: every GET of an actor or
// object without a valid signature is answered with 401, except of the
// instance actor.
func (t *Town) SetSecureMode(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secure = on
}

// Refuse makes the town answer every request for one of its URLs (an object, an
// actor, an inbox) with status, for tests of consent and of retries. 0 lifts it.
func (t *Town) Refuse(rawURL string, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if status == 0 {
		delete(t.refused, rawURL)
		return
	}
	t.refused[rawURL] = status
}

func (t *Town) refusal(r *http.Request) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refused[t.base+r.URL.EscapedPath()]
}

// changed is called, with or without the lock, after something that pages show.
func (t *Town) changed() { t.events.publish() }
