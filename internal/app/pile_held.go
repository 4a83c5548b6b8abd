package app

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
	"earshot/store"
)

// heldUndo is how long what was dropped with a pile can be taken back at least: then
// the next upkeep forgets it.
const heldUndo = time.Hour

// heldPiles are the piles of held-back reports, one a reason.
func (t *Tx) heldPiles() (out []desk.Pile, err error) {
	for _, f := range desk.Floods() {
		p, err := t.heldPile(desk.HeldPile(f))
		if err != nil {
			return nil, err
		}
		if p.People > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

// heldPile sums the reports that are held back for a reason.
func (t *Tx) heldPile(id desk.PileID) (desk.Pile, error) {
	p, _, err := t.Piles().Get(id)
	if err != nil {
		return p, err
	}
	p.ID = id
	sum, err := t.Quarantine().HeldBack(p.Held())
	if err != nil {
		return p, err
	}
	p.Since, p.Last, p.People, p.Languages = sum.Since, sum.Last, sum.People, sum.Languages
	p.Servers, p.Further = map[desk.Host]int{}, sum.People
	most := slices.SortedFunc(maps.Keys(sum.Servers), func(a, b desk.Host) int {
		return cmp.Or(cmp.Compare(sum.Servers[b], sum.Servers[a]), cmp.Compare(a, b))
	})
	for _, h := range most[:min(len(most), desk.PileServers)] {
		p.Servers[h] = sum.Servers[h]
		p.Further -= sum.Servers[h]
	}
	return p, nil
}

// putPile stores a pile; of one that is held back, what was done with it.
func (t *Tx) putPile(p desk.Pile) error {
	if p.Held() != "" {
		p = desk.Pile{ID: p.ID, Since: t.Now, Last: t.Now, Act: p.Act}
	}
	return t.Piles().Put(p)
}

// narrowHeld narrows an act to one report that is held back, or to those like it.
func (t *Tx) narrowHeld(act *desk.PileAct, p desk.Pile, in PileInput) error {
	switch {
	case in.Like != "":
		return errOtherKind()
	case in.Object == "" && !in.Server && !in.Alike:
		return nil
	}
	q, ok, err := t.Quarantine().Get(in.Object)
	if err != nil {
		return err
	}
	if !ok || q.Dropped != nil || q.Reason() != p.Held() {
		return desk.Conflict("pile_not_held", "this report is not held back in this pile any more")
	}
	if !in.Server && !in.Alike {
		act.Object = in.Object
	}
	if in.Server {
		act.Server = q.Host().Domain()
	}
	if in.Alike {
		if act.Alike = saidBy(q.Post); act.Alike == "" {
			return errSaysNothing()
		}
		if act.Do == desk.PileSpam {
			return t.knowText(q.Post)
		}
	}
	return nil
}

// vouchFor makes a host's domain trusted: what was dropped of it before counts no more.
func (t *Tx) vouchFor(h desk.Host) error {
	return t.vouch(h, func(s *desk.Standing) { s.Vouched, s.Dropped = t.Now, 0 })
}

// heldPortion makes the next portion of an action on held-back reports.
func (t *Tx) heldPortion(p desk.Pile) (act desk.PileAct, next string, err error) {
	act = *p.Act
	f := store.QuarantineFilter{Flood: p.Held()}
	if act.Undoing {
		f = store.QuarantineFilter{Dropped: p.Held()}
	} else if err := t.forgetDropped(p.Held(), act.ID); err != nil {
		return act, "", err
	}
	posts, next, err := t.Quarantine().List(f, store.Page{After: act.After, Limit: pilePortionSize})
	if err != nil {
		return act, "", err
	}
	if act.Object != "" {
		next, posts = "", nil
		q, ok, err := t.Quarantine().Get(act.Object)
		if err != nil {
			return act, "", err
		}
		if ok && (q.Dropped != nil) == act.Undoing && q.Reason() == p.Held() {
			posts = []desk.Quarantined{q}
		}
	}
	linked, trusted := 0, desk.Host("")
	for _, q := range posts {
		did, err := t.actOnHeld(act, q)
		if err != nil { // whatever it is: half of a release would be a report that is lost
			return act, "", err
		}
		act.Done, act.Skipped = act.Done+did.done, act.Skipped+did.skipped
		linked += did.linked
		trusted = cmp.Or(did.trusted, trusted)
	}
	if trusted != "" { // not before: an act that leaves all as they are trusts nobody
		if err := t.vouchFor(trusted); err != nil {
			return act, "", err
		}
	}
	if linked > 0 {
		err = t.countLinked(act, linked)
	}
	return act, next, err
}

// heldDone counts what an act did to reports that are held back: to how many, how many
// were left as they are or are not for us any more, and how many issues were linked.
// trusted is the host of one that was released with all of its server.
type heldDone struct {
	done, skipped, linked int
	trusted               desk.Host
}

// actOnHeld applies an action to a report that is held back, or takes it back.
func (t *Tx) actOnHeld(act desk.PileAct, q desk.Quarantined) (did heldDone, err error) {
	if act.Undoing {
		if q.Dropped == nil || q.Dropped.Act != act.ID {
			return did, nil
		}
		q.Dropped = nil
		if err := t.Quarantine().Put(q); err != nil {
			return did, err
		}
		return heldDone{done: 1}, t.vouch(q.Host(), func(s *desk.Standing) { s.Dropped = max(0, s.Dropped-1) })
	}
	if !act.MeansHeld(q, saidBy(q.Post)) {
		return did, nil
	}
	if act.Do == desk.PileSpam {
		q.Dropped = &desk.HeldDrop{Act: act.ID, At: t.Now}
		if err := t.Quarantine().Put(q); err != nil {
			return did, err
		}
		return heldDone{done: 1}, t.vouch(q.Host(), func(s *desk.Standing) { s.Dropped++ })
	}
	if _, held, err := t.Quarantine().Get(q.Object); err != nil || !held { // it went with another of its thread
		return did, err
	}
	thread, err := t.heldThread(q)
	if err != nil {
		return did, err
	}
	if may, err := t.mayBecome(act, thread[0]); err != nil || !may {
		return heldDone{skipped: 1}, err
	}
	for _, part := range thread {
		r, err := t.release(part, released{amongMany: act.Object == "", letIn: act.LetsIn()})
		if err != nil {
			return did, err
		}
		if r.Outcome == Dropped {
			did.skipped++
			continue
		}
		did.done++
		if act.Trusts(part.Host()) {
			did.trusted = part.Host()
		}
		if r.Outcome == Opened && act.Do != desk.PileRelease {
			linked, err := t.actOnOpened(act, r.Issue)
			if err != nil {
				return did, err
			}
			did.linked += linked
		}
	}
	return did, nil
}

// mayBecome says whether a report would open an issue to which an act can be done. One
// of another desk than the incident stays held back.
func (t *Tx) mayBecome(act desk.PileAct, q desk.Quarantined) (bool, error) {
	if act.Do != desk.PileLink {
		return true, nil
	}
	p, err := t.place(heardOf(q))
	if err != nil || p.issue != "" || !p.decision.OK() {
		return true, err
	}
	of, err := t.incident(act.Incident)
	if err != nil {
		return false, err
	}
	return of.MayLink(desk.Issue{Desk: p.decision.Desk, Also: p.decision.Also}) == nil, nil
}

// actOnOpened does to the issue that a released report opened what an act does.
func (t *Tx) actOnOpened(act desk.PileAct, id desk.IssueID) (linked int, err error) {
	i, err := t.issue(id)
	if err != nil {
		return 0, err
	}
	if act.Do == desk.PileLink {
		of, err := t.incident(act.Incident)
		if err != nil || i.Incident != "" || of.MayLink(i) != nil { // one that answers an incident belongs there
			return 0, err
		}
	}
	did, err := t.doTo(By{Agent: act.Agent}, &act, i)
	if did && act.Do == desk.PileLink {
		linked = 1
	}
	return linked, err
}

// forgetDropped forgets all that an earlier act dropped, at most a whole quarantine: only
// the last one is taken back.
func (t *Tx) forgetDropped(f desk.Flood, but string) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		posts, next, err := t.Quarantine().List(store.QuarantineFilter{Dropped: f}, p)
		for _, q := range posts {
			if err == nil && q.Dropped.Act != but {
				_, err = t.Quarantine().Delete(q.Object)
			}
		}
		return next, err
	})
}

// errSaysNothing refuses to narrow an act by the words of a report that has none: it would
// mean all of the pile.
func errSaysNothing() error {
	return desk.Conflict("pile_says_nothing", "this report has no words by which others could be like it")
}

// saidBy is what a report says, as it is compared: its print, or the words of a short one.
func saidBy(p desk.Post) string {
	r := alike.Report{Text: p.Text}
	if print := r.Print(); print != "" {
		return print
	}
	return r.Spoken()
}
