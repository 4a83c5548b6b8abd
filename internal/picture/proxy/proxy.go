package proxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/picture"
	"earshot/internal/ratelimit"
	"earshot/internal/safehttp"
)

// The bounds of fetching.
const (
	fetchTimeout = 10 * time.Second // of one, with its decoding, once it has a place
	waitTimeout  = 15 * time.Second // for a place, or for another request that has one
	maxFetches   = 12               // at a time
	maxOfOne     = 3                // of one author, and of one server, at a time
	maxInLine    = 24               // that are under way or wait for a place
	maxOfAgent   = maxInLine / 2    // of them for one agent
	maxBeyond    = 12               // that wait until they may stand in line
	maxFailures  = 1024             // that are remembered
	failedFor    = 5 * time.Minute  // nothing is asked for again that cannot be shown
	lateFor      = 30 * time.Second // or that could not be fetched now
	sweepEvery   = 30 * time.Second
	sweepAtOnce  = 100 // copies that are checked in one transaction
)

// fetchRate is how many pictures one agent has fetched.
var fetchRate = ratelimit.Rate{Burst: 120, Every: time.Second}

// Why a picture is not shown, besides the errors of Clean.
var (
	// ErrGone: no such picture is to be shown, or not any more.
	ErrGone = errors.New("there is no such picture")
	// ErrBusy: too many are fetched at this moment.
	ErrBusy = errors.New("too many pictures are being fetched")
	// ErrStatus: its server answered with an error.
	ErrStatus = errors.New("its server does not give it out")
	// ErrOurs: its server leads to this instance, or to one that is blocked.
	ErrOurs = errors.New("it leads to this instance, or to a blocked server")
	// ErrStore: the store does not say whether it is to be shown.
	ErrStore = errors.New("the store was not read")
)

// Where knows where a picture is: see app.App.Pictures.
type Where interface {
	Pictures(ctx context.Context, of ...app.PictureOf) ([]app.Shown, error)
	MayAsk(ctx context.Context, h desk.Host) (bool, error)
}

// Options are the parts of a proxy.
type Options struct {
	Where  Where
	Client *safehttp.Client // reads MaxBytes
	Clock  clock.Clock
	Log    *slog.Logger
	Dir    string // the folder of the copies, which is emptied
	Faces  bool   // the pictures of people are shown too
	// Observe is told how each request ended, in one of a few words; nil: nobody is.
	Observe func(outcome string)
	// MaxCached is how many bytes the copies have; 0 means the constant of that name.
	MaxCached int64
	// Timeout is how long fetching one takes at most, and Wait how long one waits to be
	// fetched; 0 means the constants.
	Timeout, Wait time.Duration
}

// Proxy gives agents the pictures of other people.
type Proxy struct {
	o     Options
	cache *cache
	rates *ratelimit.Limits[desk.Email]
	all   chan struct{} // places for fetches

	mu       sync.Mutex
	inLine   int
	ofAgent  map[desk.Email]int // of them
	beyond   int                // that are not in line yet
	moved    chan struct{}      // closed when one leaves the line
	places   map[string]*place
	flights  map[copyOf]chan struct{} // closed when the fetch has ended
	failures *simplelru.LRU[copyOf, failure]
}

// place is where those wait who want something of one author, or of one server.
type place struct {
	free chan struct{}
	used int // by those who are in it, or wait for it
}

// failure is a picture that was not shown.
type failure struct {
	err   error
	until time.Time
}

// New returns a proxy with no copy.
func New(o Options) (*Proxy, error) {
	if o.MaxCached == 0 {
		o.MaxCached = MaxCached
	}
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	o.Timeout, o.Wait = cmp.Or(o.Timeout, fetchTimeout), cmp.Or(o.Wait, waitTimeout)
	c, err := newCache(o.Dir, o.MaxCached, maxFiles)
	if err != nil {
		o.Log.Warn("pictures are shown and not kept", "err", err)
	}
	failures, err := simplelru.NewLRU[copyOf, failure](maxFailures, nil)
	if err != nil {
		return nil, err
	}
	return &Proxy{o: o, cache: c, rates: ratelimit.New[desk.Email](1000), all: make(chan struct{}, maxFetches),
		ofAgent: map[desk.Email]int{}, moved: make(chan struct{}), places: map[string]*place{}, flights: map[copyOf]chan struct{}{}, failures: failures}, nil
}

// Faces says whether the pictures of people are shown.
func (p *Proxy) Faces() bool { return p.o.Faces }

// Show returns a picture for an agent: its copy, or what its server gives out.
func (p *Proxy) Show(ctx context.Context, agent desk.Email, of app.PictureOf) (picture.Picture, error) {
	shown, outcome, err := p.show(ctx, agent, of)
	if err != nil {
		outcome = outcomeOf(err)
	}
	p.o.Observe(outcome)
	return shown, err
}

func (p *Proxy) show(ctx context.Context, agent desk.Email, of app.PictureOf) (picture.Picture, string, error) {
	if of.Post == "" && !p.o.Faces {
		return picture.Picture{}, "", ErrGone
	}
	where, err := p.o.Where.Pictures(ctx, of)
	if err != nil {
		return picture.Picture{}, "", ofStore(ctx, err)
	}
	if where[0] == (app.Shown{}) {
		return picture.Picture{}, "", ErrGone
	}
	this := copyOf{of, where[0].URL, picture.Side}
	if of.Post == "" {
		this.side = picture.FaceSide
	}
	if shown, ok := p.cache.get(this); ok {
		return shown, "cached", nil
	}
	waiting, cancel := context.WithTimeout(ctx, p.o.Wait)
	defer cancel()
	leaveLine, err := p.standInLine(waiting, agent)
	if err != nil {
		return picture.Picture{}, "", err
	}
	defer leaveLine()
	for {
		leave, ahead, err := p.enter(this)
		if err != nil {
			return picture.Picture{}, "", err
		}
		if ahead != nil { // another request fetches it
			select {
			case <-ahead:
			case <-waiting.Done():
				return picture.Picture{}, "", waited(waiting)
			}
			if shown, ok := p.cache.get(this); ok {
				return shown, "cached", nil
			}
			continue
		}
		defer leave()
		if !p.rates.Allow(agent, fetchRate, p.o.Clock.Now()) {
			return picture.Picture{}, "", ErrBusy
		}
		shown, err := p.fetch(ctx, waiting, this, where[0].Author)
		if err != nil {
			p.failed(this, err)
			return shown, "", err
		}
		if err := p.cache.put(this, shown); err != nil {
			p.o.Log.Warn("a picture is shown and not kept", "err", err)
		}
		return shown, "fetched", nil
	}
}

// ofStore marks an error of the store; an agent who left is none.
func ofStore(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", ErrStore, err)
}

// waited is the error of a wait that has ended: that says nothing of the picture.
func waited(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return ErrBusy
}

// standInLine counts the requests that have no copy: those that one slow server holds up
// leave room for the pages of the console, and those of one agent leave room for others.
func (p *Proxy) standInLine(ctx context.Context, agent desk.Email) (leave func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	full := func() bool { return p.inLine >= maxInLine || p.ofAgent[agent] >= maxOfAgent }
	if full() {
		if p.beyond >= maxBeyond {
			return nil, ErrBusy
		}
		p.beyond++
		defer func() { p.beyond-- }()
	}
	for full() {
		moved := p.moved
		p.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if ctx.Err() != nil {
			return nil, waited(ctx)
		}
	}
	p.inLine++
	p.ofAgent[agent]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.inLine--
		if p.ofAgent[agent]--; p.ofAgent[agent] == 0 {
			delete(p.ofAgent, agent)
		}
		close(p.moved)
		p.moved = make(chan struct{})
	}, nil
}

// enter makes a request the one that fetches a picture, until it leaves; or returns what
// to wait for where another one does; or how it failed a short while ago.
func (p *Proxy) enter(this copyOf) (leave func(), ahead <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f, ok := p.failures.Get(this); ok {
		if p.o.Clock.Now().Before(f.until) {
			return nil, nil, f.err
		}
		p.failures.Remove(this)
	}
	if flight, ok := p.flights[this]; ok {
		return nil, flight, nil
	}
	flight := make(chan struct{})
	p.flights[this] = flight
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.flights, this)
		close(flight)
	}, nil, nil
}

// failed remembers that a picture cannot be shown. That we were busy, that the store was
// not read, or that the agent went away, says nothing of it.
func (p *Proxy) failed(this copyOf, err error) {
	if errors.Is(err, ErrBusy) || errors.Is(err, ErrStore) || errors.Is(err, context.Canceled) {
		return
	}
	lasts := lateFor
	if safehttp.Permanent(err) || slices.ContainsFunc([]error{picture.ErrKind, picture.ErrPixels, picture.ErrBytes, picture.ErrBroken, ErrOurs}, func(e error) bool { return errors.Is(err, e) }) {
		lasts = failedFor
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures.Add(this, failure{err, p.o.Clock.Now().Add(lasts)})
}

// fetch waits for a place among those of its author, of its server and of all, and asks.
// The time of asking begins when it has one.
func (p *Proxy) fetch(ctx, waiting context.Context, this copyOf, author desk.ActorID) (shown picture.Picture, err error) {
	host, err := desk.HostOf(this.url)
	if err != nil {
		return shown, fmt.Errorf("%w: %w", safehttp.ErrBadURL, err)
	}
	for _, key := range []string{"of " + string(author), "at " + string(host)} {
		leave, err := p.wait(waiting, key)
		if err != nil {
			return shown, err
		}
		defer leave()
	}
	select {
	case p.all <- struct{}{}:
		defer func() { <-p.all }()
	case <-waiting.Done():
		return shown, waited(waiting)
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	answer, err := p.o.Client.Get(ctx, this.url, func(r *http.Request) error {
		at, err := desk.HostOf(r.URL.String())
		if err != nil {
			return ErrOurs
		}
		if may, err := p.o.Where.MayAsk(ctx, at); err != nil {
			return ofStore(ctx, err)
		} else if !may {
			return ErrOurs
		}
		r.Header.Set("Accept", "image/webp,image/png,image/jpeg,image/gif")
		return nil
	})
	if err != nil {
		return shown, err
	}
	if answer.Status != http.StatusOK {
		return shown, fmt.Errorf("%w: %d", ErrStatus, answer.Status)
	}
	if shown, err = picture.Clean(ctx, answer.Body, this.side); errors.Is(err, picture.ErrBusy) {
		return shown, waited(ctx)
	}
	return shown, err
}

// wait takes one of the places of a key.
func (p *Proxy) wait(ctx context.Context, key string) (leave func(), err error) {
	p.mu.Lock()
	here, ok := p.places[key]
	if !ok {
		here = &place{free: make(chan struct{}, maxOfOne)}
		p.places[key] = here
	}
	here.used++
	p.mu.Unlock()
	left := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if here.used--; here.used == 0 {
			delete(p.places, key)
		}
	}
	select {
	case here.free <- struct{}{}:
		return func() { <-here.free; left() }, nil
	case <-ctx.Done():
		left()
		return nil, waited(ctx)
	}
}

// Run deletes copies that are not to be shown any more, until ctx ends. It implements
// server.Worker.
func (p *Proxy) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := p.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.o.Log.Warn("copies of pictures were not checked; trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Sweep deletes the copies that are not to be shown any more: whatever took the words
// away, here or on another node.
func (p *Proxy) Sweep(ctx context.Context) error {
	for some := range slices.Chunk(p.cache.all(), sweepAtOnce) {
		of := make([]app.PictureOf, len(some))
		for n, c := range some {
			of[n] = c.PictureOf
		}
		where, err := p.o.Where.Pictures(ctx, of...)
		if err != nil {
			return err
		}
		var gone []copyOf
		for n, c := range some {
			if where[n].URL != c.url {
				gone = append(gone, c)
			}
		}
		if err := p.cache.remove(gone...); err != nil {
			return err
		}
	}
	return nil
}

// outcomes are the words for errors, the more exact ones first.
var outcomes = []struct {
	err  error
	word string
}{
	{ErrGone, "gone"}, {ErrStore, "store"}, {ErrBusy, "busy"}, {picture.ErrKind, "kind"}, {picture.ErrPixels, "too_large"}, {picture.ErrBytes, "too_large"}, {safehttp.ErrTooLarge, "too_large"}, {picture.ErrBroken, "broken"}, {ErrOurs, "refused"},
	{safehttp.ErrForbiddenAddress, "refused"}, {safehttp.ErrRedirect, "refused"}, {safehttp.ErrBadURL, "refused"}, {safehttp.ErrEncoding, "broken"},
	{ErrStatus, "status"}, {context.DeadlineExceeded, "late"}, {context.Canceled, "left"},
}

func outcomeOf(err error) string {
	for _, o := range outcomes {
		if errors.Is(err, o.err) {
			return o.word
		}
	}
	return "unreachable"
}
