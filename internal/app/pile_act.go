package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
)

// pilePortionSize is how many reports of a pile one transaction changes.
const pilePortionSize = 50

// PileInput is an action on a pile as it stands.
type PileInput struct {
	Pile     desk.PileID
	Do       desk.PileDo
	Change   desk.StatusChange // with PileStatus
	Assignee desk.Email        // with PileAssign; "" is nobody
	Incident desk.IncidentID   // with PileLink
	// Like narrows it to reports like that of an issue of the pile: of its server's
	// registrable domain, or that say the same. Of both, what either means.
	Like desk.IssueID
	// Object is such a report of a pile that is held back; alone it means only that.
	Object desk.ObjectID
	Server bool
	Alike  bool
}

// ActOnPile does something with all reports that stand in a pile now: a first portion
// before it returns, the others soon after. The pile's Act says how far it is.
func (a *App) ActOnPile(ctx context.Context, by By, in PileInput) (desk.Pile, error) {
	return a.actOnPile(ctx, by, "pile."+string(in.Do), in.Pile, func(tx *Tx, p *desk.Pile) error {
		act := desk.PileAct{ID: tx.NewID(), Do: in.Do, Agent: by.Agent, At: tx.Now, Change: in.Change, Assignee: in.Assignee, Incident: in.Incident}
		if err := tx.checkPileAct(by, *p, act); err != nil {
			return err
		}
		if act.Decides() {
			seen, _, err := tx.seenAt(By{SeenAt: by.SeenAt})
			if err != nil {
				return err
			}
			act.ReadAt = seen.At
		}
		narrow := tx.narrow
		if p.Held() != "" {
			narrow = func(act *desk.PileAct, in PileInput) error { return tx.narrowHeld(act, *p, in) }
		}
		if err := narrow(&act, in); err != nil {
			return err
		}
		if in.Do == desk.PileLink {
			p.Incident = in.Incident
		}
		p.Act = &act
		return nil
	})
}

// UndoPile takes back what was done last with a pile, as far as it has not changed since.
func (a *App) UndoPile(ctx context.Context, by By, id desk.PileID) (desk.Pile, error) {
	return a.actOnPile(ctx, by, "pile.undo", id, func(tx *Tx, p *desk.Pile) error {
		switch {
		case p.Act == nil || p.Act.Undoing:
			return desk.Conflict("undo_nothing", "there is nothing to take back")
		case !p.Act.Undoable(*p):
			return desk.Conflict("pile_released", "what was released is heard: change its issues one by one")
		case p.Act.Agent != by.Agent:
			return desk.Conflict("pile_act_of_other", "%s did that: they can take it back", cmp.Or(string(p.Act.Agent), onMachine))
		}
		act := *p.Act
		act.Undoing, act.Over, act.After, act.Portion, act.Done, act.Skipped = true, false, "", act.Portion+1, 0, 0
		if act.Do == desk.PileLink {
			p.Incident = ""
		}
		p.Act = &act
		return nil
	})
}

// actOnPile begins something with a pile.
func (a *App) actOnPile(ctx context.Context, by By, what string, id desk.PileID, begin func(*Tx, *desk.Pile) error) (out desk.Pile, err error) {
	d := audit[desk.PileID]{what, func(desk.PileID) (string, string) {
		return "piles/" + string(id), fmt.Sprint(out.Act.Done, " issues so far")
	}}
	if _, err = once(ctx, a, by, d, func(tx *Tx) (desk.PileID, error) {
		p, err := tx.pile(id)
		if err != nil {
			return "", err
		}
		if p.Act != nil && !p.Act.Over {
			return "", desk.Conflict("pile_busy", "something is being done with this pile already: wait until it is over")
		}
		if err := begin(tx, &p); err != nil {
			return "", err
		}
		if err := tx.putPile(p); err != nil {
			return "", err
		}
		if err := tx.pilePortion(p); err != nil {
			return "", err
		}
		out, err = tx.pile(id)
		return id, err
	}); err != nil {
		return desk.Pile{}, err
	}
	v, err := a.ShowPile(ctx, id)
	return v.Pile, err
}

// checkPileAct refuses what could be done with no report of the pile.
func (t *Tx) checkPileAct(by By, p desk.Pile, a desk.PileAct) error {
	if p.People == 0 {
		return desk.Conflict("pile_empty", "no report stands in this pile any more")
	}
	switch a.Do {
	case desk.PileAssign:
		return t.canHave(a.Assignee)
	case desk.PileLink:
		i, err := t.incidentToChange(by, a.Incident)
		if err != nil {
			return err
		}
		if p.Held() != "" { // of no desk: each report is looked at
			p.Desk = i.Desk
		}
		return i.MayLink(desk.Issue{Desk: p.Desk})
	case desk.PileStatus:
		if a.Change.To == "" {
			return desk.Invalid("status_missing", "choose a status: one of %v", desk.Statuses())
		}
		return desk.Issue{Status: desk.StatusNew}.CheckStatus(a.Change)
	case desk.PileSpam:
		return nil
	case desk.PileRelease:
		if p.Held() != "" {
			return nil
		}
	}
	return desk.Invalid("bulk_action_missing", "what shall be done to them?")
}

// narrow narrows an act to the reports like that of an issue.
func (t *Tx) narrow(a *desk.PileAct, in PileInput) error {
	switch {
	case in.Object != "":
		return errOtherKind()
	case in.Like == "" && !in.Server && !in.Alike:
		return nil
	}
	like, err := t.issue(in.Like)
	if err != nil {
		return err
	}
	if like.Pile != in.Pile {
		return desk.Conflict("pile_not_in", "issue %s does not stand in this pile", like.ID)
	}
	// Its author may have made other words of it since, which others say in earnest.
	if err := t.checkSeen(By{Agent: a.Agent, SeenAt: a.ReadAt}, like); err != nil {
		return err
	}
	if in.Server || !in.Alike {
		a.Server = like.Reporter.Host().Domain()
	}
	if in.Alike {
		if a.Alike, err = t.said(like); err != nil {
			return err
		}
		if a.Alike == "" {
			return errSaysNothing()
		}
		if a.Do == desk.PileSpam {
			return t.knowAsSpam(like)
		}
	}
	return nil
}

// errOtherKind refuses to narrow an act by a report of the other kind of pile. Without it
// the act would mean all of the pile.
func errOtherKind() error {
	return desk.Invalid("pile_other_kind", "an issue narrows an action on a pile of issues, and an object an action on one that is held back")
}

// pilePortion is the job of a further portion; one that was made is not made again.
func (a *App) pilePortion(ctx context.Context, id desk.PileID, act string, portion int) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.Piles().Get(id)
		if err != nil || !ok || p.Act == nil || p.Act.ID != act || p.Act.Portion != portion || p.Act.Over {
			return err
		}
		return tx.pilePortion(p)
	})
}

// pilePortion makes the next portion of an action on a pile. A report of which it
// is refused is skipped.
func (t *Tx) pilePortion(p desk.Pile) error {
	portion := t.issuesPortion
	if p.Held() != "" {
		portion = t.heldPortion
	}
	act, next, err := portion(p)
	if err != nil {
		return err
	}
	act.After, act.Over = next, next == ""
	act.Portion++
	if act.Over { // what a report said is stored no longer than it is needed
		act.Alike, act.Object = "", ""
	}
	if p, err = t.pile(p.ID); err != nil { // its counts have changed
		return err
	}
	p.Act = &act
	if err := t.putPile(p); err != nil || act.Over {
		return err
	}
	return t.addJob(store.QueueTimer, fmt.Sprintf("pile:%s:%d", act.ID, act.Portion), "", t.Now,
		Timer{Kind: TimerPile, Pile: p.ID, Tag: act.ID, N: act.Portion})
}

// issuesPortion is the portion of a pile of issues.
func (t *Tx) issuesPortion(p desk.Pile) (act desk.PileAct, next string, err error) {
	act = *p.Act
	f := store.IssueFilter{Pile: p.ID}
	if act.Undoing {
		f = store.IssueFilter{LeftPile: p.ID}
	}
	issues, next, err := t.Issues().List(f, store.Page{After: act.After, Limit: pilePortionSize})
	if err != nil {
		return act, "", err
	}
	done := 0
	for _, i := range issues {
		did, err := t.actOn(&act, i)
		if refused := (*desk.Error)(nil); errors.As(err, &refused) {
			act.Skipped++
			continue
		}
		if err != nil {
			return act, "", err
		}
		if did {
			act.Done++
			done++
		}
	}
	if act.Do == desk.PileLink && done > 0 {
		err = t.countLinked(act, done)
	}
	return act, next, err
}

// actOn applies an action on a pile to one issue, or takes it back.
func (t *Tx) actOn(act *desk.PileAct, i desk.Issue) (did bool, err error) {
	by := By{Agent: act.Agent}
	if act.Undoing {
		if i.LastAct() != act.ID {
			return false, nil
		}
		return true, t.undoPileAct(by, act, i)
	}
	said := ""
	if act.Alike != "" {
		if said, err = t.said(i); err != nil {
			return false, err
		}
	}
	if !act.Means(i, said) {
		return false, nil
	}
	if err := t.checkSeen(By{Agent: act.Agent, SeenAt: act.ReadAt}, i); err != nil {
		return false, err
	}
	i.ActedOn(act.ID)
	return t.doTo(by, act, i)
}

// doTo does to one issue what an act does.
func (t *Tx) doTo(by By, act *desk.PileAct, i desk.Issue) (did bool, err error) {
	before := i.Snapshot()
	switch act.Do {
	case desk.PileSpam:
		return true, t.closeAsSpam(by, i)
	case desk.PileAssign:
		if i.Assignee == act.Assignee {
			return false, nil
		}
		if err := t.assign(by, &i, act.Assignee); err != nil {
			return false, err
		}
		return true, t.Issues().Put(i)
	case desk.PileLink:
		i.Incident = act.Incident
		if err := t.Issues().Put(i); err != nil {
			return false, err
		}
		if err := t.speaks(i.Incident, i.Reporter); err != nil {
			return false, err
		}
		return true, t.noteLink(act, i, desk.NoteVoice)
	}
	if err := i.CheckStatus(act.Change); err != nil {
		return false, err
	}
	i.ApplyStatus(act.Change, t.Now)
	if err := t.Issues().Put(i); err != nil {
		return false, err
	}
	return true, t.statusChanged(i, before.Status, desk.Event{Agent: by.Agent, Was: before})
}

// undoPileAct takes back what was done to one issue, if nothing else was since.
func (t *Tx) undoPileAct(by By, act *desk.PileAct, i desk.Issue) error {
	if act.Do == desk.PileLink {
		if i.Incident != act.Incident {
			return desk.Conflict("incident_not_linked", "issue %s is not linked to this incident", i.ID)
		}
		i.Incident = ""
		i.ActedOn("")
		if err := t.Issues().Put(i); err != nil {
			return err
		}
		return t.noteLink(act, i, desk.NoteNoVoice)
	}
	kind := desk.KindStatus
	if act.Do == desk.PileAssign {
		kind = desk.KindAssign
	}
	e, done, err := t.undoableChange(by, UndoInput{Issue: i.ID, Kind: kind})
	if err != nil || done {
		return err
	}
	if err := i.CheckUndo(e); err != nil {
		return err
	}
	before := i
	i.Undo(e, t.Now)
	i.ActedOn("")
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	return t.event(undone(before, i, e, by))
}

func (t *Tx) noteLink(act *desk.PileAct, i desk.Issue, note desk.Note) error {
	of, err := t.incident(act.Incident)
	if err != nil {
		return err
	}
	return t.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Agent: act.Agent}.Says(note, of.Title))
}

// countLinked counts voices that a portion linked, or whose links it ended.
func (t *Tx) countLinked(act desk.PileAct, n int) error {
	i, err := t.incident(act.Incident)
	if err != nil {
		return err
	}
	if act.Undoing {
		n = -n
	}
	i.Voices = max(0, i.Voices+n)
	i.Revision++
	if err := t.Incidents().Put(i); err != nil || act.Undoing {
		return err
	}
	return t.linkedLater(i)
}
