package app

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// noticesAtOnce bounds the notifications of a destination that wait. More events
	// stay in the log of changes until there is room.
	noticesAtOnce = 20
	// feedPortion is how many changes are read at once.
	feedPortion = 200
	// feedTogether is how many destinations one transaction feeds.
	feedTogether = 50
	// feedStored is how often the place in the log is stored if nothing is sent.
	feedStored = time.Hour
	// feedEvery is how often the log is read if nothing is heard of it.
	feedEvery = time.Second
)

// Feeder turns changes into notifications: it reads the log of changes for each
// destination, and adds a notification and its job in the transaction that moves the
// destination's place in the log. So an event is sent to a destination under one id,
// also if the process ends in between, and however many nodes read.
type Feeder struct {
	app  *App
	mu   sync.Mutex
	seen map[desk.DestinationID]place // as many as there are destinations
}

// place is how far a destination has been read without anything to send.
type place struct {
	after string // as stored
	at    store.Position
}

// Feeder returns what feeds the destinations. It must be run.
func (a *App) Feeder() *Feeder { return &Feeder{app: a, seen: map[desk.DestinationID]place{}} }

// Run feeds until ctx ends.
func (f *Feeder) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	defer f.app.store.Watch(func(q store.Queue) {
		if q == store.Changed {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	})()
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	for {
		more, err := f.RunOnce(ctx)
		if err != nil && ctx.Err() == nil {
			f.app.log.Warn("reading changes for the destinations failed; trying again", "err", err)
		}
		if more && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-tick.C:
		}
	}
}

// RunOnce reads a portion of changes for each destination; more says that there are
// others to read now.
func (f *Feeder) RunOnce(ctx context.Context) (more bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	due, more, err := f.look(ctx)
	if err != nil {
		return false, err
	}
	for some := range slices.Chunk(due, feedTogether) {
		err := f.app.Update(ctx, func(tx *Tx) error {
			for _, d := range some {
				if err := tx.feed(d.id, d.place); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	return more || len(due) > 0, nil
}

type dueDestination struct {
	id    desk.DestinationID
	place place
}

// look finds the destinations for which there is something to send, or whose place
// must be stored.
func (f *Feeder) look(ctx context.Context) (due []dueDestination, more bool, err error) {
	seen := map[desk.DestinationID]place{}
	err = f.app.View(ctx, func(tx *Tx) error {
		due, more = nil, false
		portions := map[store.Position][]store.Change{}
		for d, err := range store.Each(tx.Destinations().List) {
			if err != nil {
				return err
			}
			if d.Paused() || d.Waiting >= noticesAtOnce {
				continue
			}
			p, known := f.seen[d.ID]
			if !known || p.after != d.After {
				at, _, err := tx.placeOf(d)
				if err != nil {
					return err
				}
				p = place{d.After, at}
			}
			changes, read := portions[p.at]
			if !read {
				if changes, err = tx.Changes().After(p.at, feedPortion); err != nil {
					return err
				}
				portions[p.at] = changes
			}
			wanted := tx.Now.Sub(d.Read) >= feedStored
			for _, c := range changes {
				kind, err := tx.wants(d, c)
				if err != nil {
					return err
				}
				if wanted = wanted || kind != ""; kind != "" {
					break
				}
				p.at = c.Position
			}
			seen[d.ID] = p
			switch {
			case wanted:
				due = append(due, dueDestination{d.ID, p})
			case len(changes) == feedPortion:
				more = true
			}
		}
		return nil
	})
	f.seen = seen
	return due, more, err
}

// afterOf names a change as a destination remembers it.
func afterOf(c store.Change) string { return string(c.Position) + " " + c.ID }

// placeOf returns the position that a destination was read to. A place that is not in
// the log any more, or is one of another log after a restore, is found by its time.
func (t *Tx) placeOf(d store.Destination) (at store.Position, lost bool, err error) {
	if d.After == "" {
		return "", false, nil
	}
	position, own, _ := strings.Cut(d.After, " ")
	c, ok, err := t.Changes().Get(store.Position(position))
	if err != nil || ok && c.ID == own {
		return store.Position(position), false, err
	}
	return "", true, nil
}

// feed adds the notifications of a portion of changes, and moves the destination's
// place in the log behind them. from is how far it was read before without any.
func (t *Tx) feed(id desk.DestinationID, from place) error {
	d, ok, err := t.Destinations().Get(id)
	if err != nil || !ok || d.Paused() || d.Waiting >= noticesAtOnce {
		return err
	}
	at, lost, err := t.placeOf(d)
	if err != nil {
		return err
	}
	since := time.Time{}
	if lost {
		since = d.Read
		if t.Now.Sub(d.Read) > changesExpire {
			d.Missed++
		}
	}
	if from.after == d.After {
		at = max(at, from.at)
	}
	changes, err := t.Changes().After(at, feedPortion)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if d.Waiting >= noticesAtOnce {
			break
		}
		if !c.At.Before(since) {
			if err := t.notify(&d, c); err != nil {
				return err
			}
		}
		d.After, d.Read = afterOf(c), c.At
	}
	if len(changes) == 0 || d.Waiting < noticesAtOnce && len(changes) < feedPortion { // all was read
		d.Read = t.Now
	}
	if len(changes) == 0 {
		if d.After, err = t.lastChange(); err != nil {
			return err
		}
	}
	return t.Destinations().Put(d)
}

// lastChange names the end of the log, "" where it is empty.
func (t *Tx) lastChange() (string, error) {
	last, ok, err := t.Changes().Last()
	if err != nil || !ok {
		return "", err
	}
	return afterOf(last), nil
}

// notify adds the notification of a change if the destination wants it.
func (t *Tx) notify(d *store.Destination, c store.Change) error {
	kind, err := t.wants(*d, c)
	if err != nil || kind == "" {
		return err
	}
	if _, there, err := t.Destinations().Notification(d.ID, c.ID); err != nil || there {
		return err
	}
	if d.Form == desk.FormMail {
		return t.gatherMail(d, kind, c)
	}
	if over := quietUntil(*d, t.Now); !over.IsZero() {
		return t.gatherQuiet(d, c, over)
	}
	body, err := json.Marshal(noticeOf(kind, c))
	if err != nil {
		return err
	}
	return t.addNotification(d, store.Notification{Destination: d.ID, ID: c.ID, Kind: kind, At: c.At, State: store.NotificationQueued, Body: body}, t.Now)
}

// quietUntil is when the quiet hours end that a destination is in, the zero time if it
// is in none.
func quietUntil(d store.Destination, now time.Time) time.Time {
	location, err := time.LoadLocation(d.Quiet.Zone)
	if err != nil { // this machine knows fewer time zones than the one before
		location = time.UTC
	}
	return d.Quiet.Over(now, location)
}

// kindQuiet is the kind of the one notification that comes after quiet hours, and says
// how many events there were.
const kindQuiet = "quiet"

// gatherQuiet counts an event of quiet hours. The first one makes the notification that is
// sent when they are over.
func (t *Tx) gatherQuiet(d *store.Destination, c store.Change, over time.Time) error {
	n, there, err := t.Destinations().Notification(d.ID, d.Gathering)
	if err != nil {
		return err
	}
	if !there || n.State != store.NotificationQueued || !d.GatheringUntil.Equal(over) {
		n = store.Notification{Destination: d.ID, ID: c.ID, Kind: kindQuiet, At: c.At, State: store.NotificationQueued}
		d.Gathering, d.GatheringUntil, d.Gathered = c.ID, over.UTC(), 0
		if err := t.addNotification(d, n, gatheredAt(*d)); err != nil {
			return err
		}
	}
	d.Gathered++
	body := noticeOf(kindQuiet, store.Change{At: n.At})
	body.Data.Count = d.Gathered
	if n.Body, err = json.Marshal(body); err != nil {
		return err
	}
	return t.Destinations().PutNotification(n)
}

// gatheredAt is when the notification is sent to which events are added: never before
// the last one is.
func gatheredAt(d store.Destination) time.Time {
	if d.Form == desk.FormMail {
		return d.GatheringUntil.Add(mailAfter)
	}
	return d.GatheringUntil
}

func (t *Tx) addNotification(d *store.Destination, n store.Notification, due time.Time) error {
	d.Waiting++
	if err := t.Destinations().PutNotification(n); err != nil {
		return err
	}
	if err := t.pruneNotifications(d.ID); err != nil {
		return err
	}
	return t.notifyAt(*d, n.ID, due)
}

// Notice is the payload of a job that sends a notification.
type Notice struct {
	Destination desk.DestinationID `json:"destination"`
	ID          string             `json:"id"`
}

// hostOf is the server that a destination shares with others: all mail has one.
func hostOf(d store.Destination) (desk.Host, error) {
	if d.Form == desk.FormMail {
		return "mail", nil
	}
	return desk.HostOf(d.URL)
}

// notifyAt has a notification sent at a time, and no more at the one before.
func (t *Tx) notifyAt(d store.Destination, id string, due time.Time) error {
	host, err := hostOf(d)
	if err != nil {
		return err
	}
	job := string(d.ID) + ":" + id
	if _, err := t.Jobs().Drop(string(store.QueueNotify)+":"+job, t.Now); err != nil {
		return err
	}
	return t.addJobOf(host, store.QueueNotify, job, "", due, Notice{d.ID, id})
}

const (
	// noticesKept is how many notifications of a destination stay in its log after
	// their end, pruneAbove how many there are when the oldest go.
	noticesKept = 100
	pruneAbove  = noticesKept + 2*noticesAtOnce
)

// pruneNotifications forgets the oldest that have ended.
func (t *Tx) pruneNotifications(d desk.DestinationID) error {
	all, _, err := t.Destinations().Notifications(d, store.Page{Limit: pruneAbove + noticesAtOnce})
	if err != nil || len(all) < pruneAbove {
		return err
	}
	for _, n := range all[noticesKept:] {
		if n.State == store.NotificationQueued {
			continue
		}
		if _, err := t.Destinations().DeleteNotification(d, n.ID); err != nil {
			return err
		}
	}
	return nil
}

// wants says as which kind of event a destination is notified of a change; "": it is
// not.
func (t *Tx) wants(d store.Destination, c store.Change) (kind string, err error) {
	if len(d.Desks) > 0 && !slices.ContainsFunc(c.Desks, func(h desk.Handle) bool { return slices.Contains(d.Desks, h) }) {
		return "", nil
	}
	if d.Agent != "" {
		return t.wantsAgent(d, c)
	}
	if c.Kind == store.ChangeTurn || len(d.Kinds) == 0 && c.Kind == store.ChangePresence || len(d.Kinds) > 0 && !slices.Contains(d.Kinds, c.Kind) {
		return "", nil
	}
	return string(c.Kind), nil
}

// wantsAgent says why an agent is notified of a change. Nobody is notified of what
// they did, nor a disabled agent of anything, nor one of the matters of desks that they do not see.
func (t *Tx) wantsAgent(d store.Destination, c store.Change) (string, error) {
	r, err := t.reasonFor(d.Agent, c)
	wants := func(r desk.NoticeReason) bool { return len(d.Reasons) == 0 || slices.Contains(d.Reasons, r) }
	if err != nil || r == "" || !wants(r) {
		return "", err
	}
	if r == desk.NoticeTurn && c.State == store.StateFirst && wants(desk.NoticeNew) { // they are told of it as a new one
		return "", nil
	}
	a, ok, err := t.Agents().Get(d.Agent)
	if err != nil || !ok || !a.Active() || !a.Sees(c.Desks) {
		return "", err
	}
	return string(r), nil
}

func (t *Tx) reasonFor(agent desk.Email, c store.Change) (desk.NoticeReason, error) {
	if c.Agent == agent {
		return "", nil
	}
	switch {
	case c.Kind == store.ChangeOpened:
		i, ok, err := t.Issues().Get(c.Issue)
		if err != nil || ok && i.InPile() != "" { // the surge was told
			return "", err
		}
		return desk.NoticeNew, nil
	case c.Kind == store.ChangeSurge:
		return desk.NoticeSurge, nil
	case c.Kind == store.ChangeTurn && c.To == agent:
		return desk.NoticeTurn, nil
	case c.Kind != store.ChangeIssue:
		return "", nil
	}
	switch c.Entry {
	case desk.KindPost, desk.KindComment, desk.KindAssign:
	case desk.KindEdit: // of a comment, which may name more agents
		if c.Agent == "" {
			return "", nil
		}
		e, ok, err := t.Events().Get(c.Event)
		if err != nil || !ok || !slices.Contains(e.With, string(agent)) {
			return "", err
		}
		return desk.NoticeMentioned, nil
	default:
		return "", nil
	}
	i, ok, err := t.Issues().Get(c.Issue)
	switch {
	case err != nil || !ok:
		return "", err
	case c.Entry == desk.KindPost && i.NeedsUs && (i.Assignee == "" || i.Assignee == agent):
		return desk.NoticeNeedsUs, nil
	case c.Entry == desk.KindComment && slices.Contains(i.Mentioned, agent):
		return desk.NoticeMentioned, nil
	case c.Entry == desk.KindAssign && i.Assignee == agent:
		return desk.NoticeAssigned, nil
	}
	return "", nil
}

// noticeBody is the body of a webhook, in the members that Standard Webhooks
// suggests. Its data are those of the stream of events; it never quotes a text.
type noticeBody struct {
	Type      string     `json:"type"`
	Timestamp time.Time  `json:"timestamp"`
	Data      noticeData `json:"data"`
}

type noticeData struct {
	Kind     store.ChangeKind `json:"kind"`
	At       time.Time        `json:"at"`
	Issue    desk.IssueID     `json:"issue"`
	Incident desk.IncidentID  `json:"incident"`
	Desks    []desk.Handle    `json:"desks"`
	Entry    desk.Kind        `json:"entry"`
	Event    desk.EventID     `json:"event"`
	Post     desk.PostID      `json:"post"`
	Agent    desk.Email       `json:"agent"`
	State    string           `json:"state"`
	Count    int              `json:"count,omitempty"` // of the kind quiet
}

func noticeOf(kind string, c store.Change) noticeBody {
	desks := c.Desks
	if desks == nil {
		desks = []desk.Handle{}
	}
	return noticeBody{cmp.Or(kind, string(c.Kind)), c.At, noticeData{Kind: c.Kind, At: c.At, Issue: c.Issue, Incident: c.Incident, Desks: desks, Entry: c.Entry, Event: c.Event, Post: c.Post, Agent: c.Agent, State: c.State}}
}
