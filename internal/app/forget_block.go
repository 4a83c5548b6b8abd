package app

import (
	"context"
	"strings"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/store"
)

// optOut records that a person is to be left alone, and silences their issues.
// A lasting opt-out is not replaced by one that ends; a block replaces all.
func (t *Tx) optOut(o desk.OptOut) error {
	old, ok, err := t.OptOuts().Get(o.Actor)
	if err != nil {
		return err
	}
	replaces := o.Cause == desk.OptOutBlock || (old.Cause == desk.OptOutStop && o.Until.IsZero())
	if ok && old.Active(t.Now) && old.Until.IsZero() && !replaces {
		return nil
	}
	if err := t.OptOuts().Put(o); err != nil {
		return err
	}
	if o.Cause != desk.OptOutRefused { // that ends, and was not said by the person
		if err := t.eraseRemarks(o.Actor); err != nil {
			return err
		}
		if err := t.forgetFelt(o.Actor); err != nil {
			return err
		}
		if err := t.forgetViews(o.Actor); err != nil {
			return err
		}
	}
	return t.eachIssueOf(o.Actor, func(i *desk.Issue) (bool, error) {
		if said := objectionOf(o.Cause); said != "" {
			if err := t.objects(i.Round, i.ID, said, ""); err != nil {
				return false, err
			}
		}
		before := i.Silenced
		i.Silence(o.Silence())
		if i.Silenced == before {
			return false, nil
		}
		return true, t.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Actor: o.Actor}.Says(desk.NoteSilenced, i.Silenced.Words()))
	})
}

// speakAgain lifts what an opt-out silenced.
func (t *Tx) speakAgain(who desk.ActorID, s desk.Silence) error {
	if _, err := t.OptOuts().Delete(who); err != nil {
		return err
	}
	return t.eachIssueOf(who, func(i *desk.Issue) (bool, error) {
		if i.Silenced != s {
			return false, nil
		}
		i.Silenced = ""
		return true, nil
	})
}

// BlockedUs records that a person blocked one of our actors: they are left
// alone, and no longer count as a follower.
func (a *App) BlockedUs(ctx context.Context, who desk.ActorID, local desk.Handle) error {
	return a.Update(ctx, func(tx *Tx) error {
		if _, err := tx.Follows().Delete(local, who); err != nil {
			return err
		}
		return tx.optOut(desk.OptOut{Actor: who, Cause: desk.OptOutBlock, Since: tx.Now})
	})
}

// UnblockedUs takes a block back, named by its id or "".
func (a *App) UnblockedUs(ctx context.Context, who desk.ActorID, undone desk.ActivityID) error {
	return a.Update(ctx, func(tx *Tx) error {
		out, ok, err := tx.OptOuts().Get(who)
		if err != nil {
			return err
		}
		if !ok || out.Cause != desk.OptOutBlock {
			return tx.nothingToUndo(undone, who)
		}
		return tx.speakAgain(who, desk.SilenceBlock)
	})
}

// Refused takes in that an author's server does not show us a post (403): the
// author is left alone for 30 days.
func (a *App) Refused(ctx context.Context, who desk.ActorID) error {
	return a.Update(ctx, func(tx *Tx) error {
		return tx.optOut(desk.OptOut{Actor: who, Cause: desk.OptOutRefused, Since: tx.Now, Until: tx.Now.Add(desk.RefusedFor)})
	})
}

// AddOptOut records an agent's decision to leave a person alone, or not to be the
// first to speak to people of a server: who is its name then.
func (a *App) AddOptOut(ctx context.Context, by By, who desk.ActorID, remark string) (desk.OptOut, error) {
	who, err := optOutTarget(who)
	if err != nil {
		return desk.OptOut{}, err
	}
	remark, err = checkRemark(remark)
	if err != nil {
		return desk.OptOut{}, err
	}
	return once(ctx, a, by, audit[desk.OptOut]{"optout.add", func(o desk.OptOut) (string, string) { return "optouts/" + string(o.Actor), o.Remark }}, func(tx *Tx) (desk.OptOut, error) {
		o := desk.OptOut{Actor: who, Cause: desk.OptOutAdmin, Since: tx.Now, Remark: remark}
		return o, tx.optOut(o)
	})
}

// optOutTarget brings what a person typed into the form opt-outs are kept in: an
// actor id, or a host.
func optOutTarget(who desk.ActorID) (desk.ActorID, error) {
	if strings.Contains(string(who), "://") {
		_, err := desk.HostOf(string(who))
		return who, err
	}
	h, err := desk.CanonicalHost(string(who), "https")
	if err == nil && strings.ContainsAny(string(who), "@/ ") {
		err = desk.Invalid("host_invalid", "that is not the name of a server: %.300q", who)
	}
	return desk.ActorID(h), err
}

// serverOptedOut says whether people of a server, or of the domain that it belongs
// to, are not to be spoken to first.
func (t *Tx) serverOptedOut(h desk.Host) (bool, error) {
	out, err := t.activeOptOut(desk.ActorID(h), desk.ActorID(h.Domain()))
	return out != nil, err
}

// maySpeakFirst refuses a reply to a person who was only heard by tags, and whose
// server wants no first words.
func (t *Tx) maySpeakFirst(i desk.Issue) error {
	if i.Invited {
		return nil
	}
	out, err := t.serverOptedOut(i.Reporter.Host())
	if err == nil && out {
		err = desk.NotSent("server_no_first_words")
	}
	return err
}

// maxRemark is the longest remark on a block or an opt-out, in characters.
const maxRemark = 500

// checkRemark checks a remark, which is kept with the thing and in the audit log.
func checkRemark(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxRemark {
		return "", desk.Invalid("remark_too_long", "a remark has at most %d characters", maxRemark)
	}
	return s, nil
}

// RemoveOptOut ends an opt-out. If the person blocked us, only they can end it.
func (a *App) RemoveOptOut(ctx context.Context, by By, who desk.ActorID) error {
	who, err := optOutTarget(who)
	if err != nil {
		return err
	}
	_, err = once(ctx, a, by, audit[Ack]{"optout.remove", auditOn("optouts/" + string(who))}, func(tx *Tx) (Ack, error) {
		out, ok, err := tx.OptOuts().Get(who)
		if err != nil {
			return Ack{}, err
		}
		if !ok {
			return Ack{}, desk.NotFound("optout_not_found", "%s has not opted out", who)
		}
		if out.Cause == desk.OptOutBlock {
			return Ack{}, desk.Forbidden("optout_theirs", "%s blocked this instance; only they can take that back", who)
		}
		return Ack{}, tx.speakAgain(who, out.Silence())
	})
	return err
}

// OptOuts lists who is left alone.
func (a *App) OptOuts(ctx context.Context, p store.Page) (out []desk.OptOut, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.OptOuts().List(p); return err })
	return out, next, err
}

// AddBlock blocks an actor or a server: we neither hear it nor talk to it any
// more. Its complaints are erased.
func (a *App) AddBlock(ctx context.Context, by By, target, reason string) (desk.Block, error) {
	wanted, err := a.checkBlock(target, reason)
	if err != nil {
		return desk.Block{}, err
	}
	return once(ctx, a, by, audit[desk.Block]{blockAdded, func(b desk.Block) (string, string) { return "blocks/" + b.Target, b.Reason }}, func(tx *Tx) (desk.Block, error) {
		b := wanted
		b.Since, b.Agent = tx.Now, by.Agent
		if err := tx.Blocks().Put(b); err != nil {
			return b, err
		}
		if err := tx.forgetFeltOf(b); err != nil {
			return b, err
		}
		return b, tx.eraseBlockedFlags()
	})
}

const blockAdded = "block.add" // in the audit log

func (a *App) checkBlock(target, reason string) (b desk.Block, err error) {
	if b.Target, err = blockTarget(target); err != nil {
		return b, err
	}
	if a.site.Owns(b.Target) || b.Target == string(a.site.Host()) {
		return b, desk.Invalid("block_itself", "%s is this instance itself", b.Target)
	}
	b.Reason, err = checkRemark(reason)
	return b, err
}

// RemoveBlock lifts a block.
func (a *App) RemoveBlock(ctx context.Context, by By, target string) error {
	target, err := blockTarget(target)
	if err != nil {
		return err
	}
	_, err = once(ctx, a, by, audit[Ack]{"block.remove", auditOn("blocks/" + target)}, func(tx *Tx) (Ack, error) {
		ok, err := tx.Blocks().Delete(target)
		if err == nil && !ok {
			err = desk.NotFound("block_not_found", "%s is not blocked", target)
		}
		return Ack{}, err
	})
	return err
}

// Blocks lists who is blocked.
func (a *App) Blocks(ctx context.Context, p store.Page) (out []desk.Block, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.Blocks().List(p); return err })
	return out, next, err
}

// Blocked says whether an actor or a server is blocked; who may be "".
func (t *Tx) Blocked(who desk.ActorID, h desk.Host) (bool, error) {
	if who != "" {
		if blocked, err := t.blocked(who); err != nil || blocked {
			return blocked, err
		}
	}
	return t.BlockedHost(h)
}

// Blocked says whether one of these actors or their servers is blocked.
func (a *App) Blocked(ctx context.Context, who ...desk.ActorID) (blocked bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		for _, w := range who {
			if blocked, err = tx.blocked(w); err != nil || blocked {
				return err
			}
		}
		return nil
	})
	return blocked, err
}

// blockTarget brings what a person typed into the form blocks are kept in: an
// actor id, or a host.
func blockTarget(s string) (string, error) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "://") {
		_, err := desk.HostOf(s)
		return s, err
	}
	if strings.ContainsAny(s, "@/ ") || s == "" {
		return "", desk.Invalid("block_target_invalid", "block the address of an account (https://…) or the name of a server, not %q", s)
	}
	h, err := desk.CanonicalHost(s, "https")
	return string(h), err
}

// domains lists a host and those it is below: a block of example.org covers
// a.example.org. The port counts for the exact host only.
func domains(h desk.Host) []string {
	out := []string{string(h)}
	name := string(h)
	if i := strings.LastIndexByte(name, ':'); i > 0 && !strings.HasSuffix(name, "]") {
		name = name[:i]
		out = append(out, name)
	}
	for {
		_, rest, ok := strings.Cut(name, ".")
		if !ok || !strings.Contains(rest, ".") {
			return out
		}
		name = rest
		out = append(out, name)
	}
}
