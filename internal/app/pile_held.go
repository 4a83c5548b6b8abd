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

// checkHeldAct refuses what cannot be done with reports that are held back.
func (t *Tx) checkHeldAct(p desk.Pile, act desk.PileAct) error {
	if p.People == 0 {
		return desk.Conflict("pile_empty", "no report stands in this pile any more")
	}
	if act.Do != desk.PileRelease && act.Do != desk.PileSpam {
		return desk.Invalid("pile_held", "reports that are held back are released or dropped first")
	}
	return nil
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
		if act.Server = q.Host().Domain(); act.Do == desk.PileRelease {
			if err := t.vouchFor(q.Host()); err != nil {
				return err
			}
		}
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
	for _, q := range posts {
		done, skipped, err := t.actOnHeld(act, q)
		if err != nil { // whatever it is: half of a release would be a report that is lost
			return act, "", err
		}
		act.Done, act.Skipped = act.Done+done, act.Skipped+skipped
	}
	return act, next, nil
}

// actOnHeld applies an action to a report that is held back, or takes it back. It says to
// how many, and how many of those that are released are not for us any more.
func (t *Tx) actOnHeld(act desk.PileAct, q desk.Quarantined) (done, skipped int, err error) {
	if act.Undoing {
		if q.Dropped == nil || q.Dropped.Act != act.ID {
			return 0, 0, nil
		}
		q.Dropped = nil
		if err := t.Quarantine().Put(q); err != nil {
			return 0, 0, err
		}
		return 1, 0, t.vouch(q.Host(), func(s *desk.Standing) { s.Dropped = max(0, s.Dropped-1) })
	}
	if !act.MeansHeld(q, saidBy(q.Post)) {
		return 0, 0, nil
	}
	if act.Do == desk.PileSpam {
		q.Dropped = &desk.HeldDrop{Act: act.ID, At: t.Now}
		if err := t.Quarantine().Put(q); err != nil {
			return 0, 0, err
		}
		return 1, 0, t.vouch(q.Host(), func(s *desk.Standing) { s.Dropped++ })
	}
	if _, held, err := t.Quarantine().Get(q.Object); err != nil || !held { // it went with another of its thread
		return 0, 0, err
	}
	thread, err := t.heldThread(q)
	if err != nil {
		return 0, 0, err
	}
	for _, part := range thread {
		r, err := t.release(part, act.Object == "")
		if err != nil {
			return 0, 0, err
		}
		if r.Outcome == Dropped {
			skipped++
		} else {
			done++
		}
	}
	return done, skipped, nil
}

// forgetDropped forgets what an earlier act dropped: only the last one is taken back.
func (t *Tx) forgetDropped(f desk.Flood, but string) error {
	posts, _, err := t.Quarantine().List(store.QuarantineFilter{Dropped: f}, store.Page{Limit: 2 * pilePortionSize})
	for _, q := range posts {
		if err != nil {
			break
		}
		if q.Dropped.Act != but {
			_, err = t.Quarantine().Delete(q.Object)
		}
	}
	return err
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
