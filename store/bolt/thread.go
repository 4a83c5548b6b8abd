package bolt

import (
	"bytes"
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
)

// eventsInThread has the parts of timelines: see store.ThreadPart. An entry leads
// to the account of a third person, so that accounts are counted without reading
// records; the event's key is the end of its own.
var eventsInThread = &index[desk.Event]{name: "events.thread", keys: func(e *desk.Event) []key {
	var ks []key
	for _, part := range partsOf(e) {
		ks = append(ks, inPart(e.Issue, part, e))
	}
	return ks
}, value: func(e *desk.Event) []byte {
	if !e.Third {
		return []byte{0}
	}
	return key(nil).text(string(e.Actor))
}}

func partsOf(e *desk.Event) []store.ThreadPart {
	switch {
	case e.Third:
		return []store.ThreadPart{store.ThreadThird}
	case e.Kind == desk.KindReply:
		return []store.ThreadPart{store.ThreadMain, store.ThreadReplies}
	}
	return []store.ThreadPart{store.ThreadMain}
}

// inPart is where an event stands in a part of a timeline; nil: after all.
func inPart(i desk.IssueID, part store.ThreadPart, e *desk.Event) key {
	k := issueKey(i).text(string(part))
	if e == nil {
		return k
	}
	return k.time(e.At).raw(eventKey(e.ID))
}

func (s events) Thread(q store.ThreadQuery) (out []store.ThreadEntry, older bool, err error) {
	size, most := 0, store.Page{Limit: q.Limit}.Size()
	err = s.newestFirst(q, func(event, _ []byte) (bool, error) {
		if older = len(out) == most; older {
			return false, nil
		}
		e, cost, err := s.threadEntry(event, q.Bare)
		if err != nil {
			return false, err
		}
		if older = q.Bytes > 0 && len(out) > 0 && size+cost > q.Bytes; older {
			return false, nil
		}
		out, size = append(out, e), size+cost
		return true, nil
	})
	return out, older, err
}

// threadEntry reads an event with its post, and how long the two are.
func (s events) threadEntry(event []byte, bare bool) (e store.ThreadEntry, cost int, err error) {
	raw, err := s.get(eventsTable.name, event)
	if err != nil {
		return e, 0, err
	}
	if raw == nil {
		return e, 0, fmt.Errorf("bolt: %q leads to no event", eventsInThread.name)
	}
	cost = longSize(raw)
	if e.Event, err = eventsTable.decode(raw); err != nil || bare || e.Event.Post == "" {
		return e, cost, err
	}
	raw, err = s.get(postsTable.name, postKey(e.Event.Post))
	if err != nil || raw == nil {
		return e, cost, err
	}
	p, err := postsTable.decode(raw)
	e.Post = &p
	return e, cost + longSize(raw), err
}

func (s events) CountThread(q store.ThreadQuery) (n store.ThreadCount, err error) {
	accounts := map[string]bool{}
	err = s.newestFirst(q, func(_, account []byte) (bool, error) {
		n.Entries++
		if q.Part == store.ThreadThird {
			accounts[string(account)] = true
		}
		return n.Entries < store.MaxCounted, nil
	})
	n.Accounts = len(accounts)
	return n, err
}

// newestFirst walks over a part of a timeline, from the event before which the
// query asks, until f says false. f gets the keys of events, and their accounts.
func (s events) newestFirst(q store.ThreadQuery, f func(event, account []byte) (bool, error)) error {
	b, err := s.bucket(eventsInThread.name)
	if err != nil {
		return err
	}
	prefix := inPart(q.Issue, q.Part, nil)
	end := append(bytes.Clone(prefix), 0xff) // no time begins so
	if q.Before != "" {
		before, ok, err := s.Get(q.Before)
		if err != nil {
			return err
		}
		if !ok {
			return store.ErrCursor
		}
		end = inPart(q.Issue, q.Part, &before)
	}
	c := b.Cursor()
	k, v := c.Seek(end)
	if k == nil {
		k, v = c.Last()
	} else {
		k, v = c.Prev()
	}
	for ; bytes.HasPrefix(k, prefix); k, v = c.Prev() {
		s.walked++
		more, err := f(k[len(prefix)+timeLength:], v)
		if err != nil || !more {
			return err
		}
	}
	return nil
}
