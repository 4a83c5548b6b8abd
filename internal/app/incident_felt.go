package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

const (
	// feltRemembered is how long it is remembered who reacted to an incident.
	feltRemembered = 90 * 24 * time.Hour
	// maxFelt is how many people are counted: the pages say "hundreds" long before.
	maxFelt = 1000
	// maxFeltBy is how many reactions of one person are told apart.
	maxFeltBy = 5
	// maxFeltOf is to how many incidents the reactions of a person count: all that count
	// are forgotten with the person, in one transaction.
	maxFeltOf = 200
)

func feltKey(i desk.IncidentID) string { return "felt:" + string(i) }

// feltByKey and feltOfKey name a person by a keyed digest: nobody reads from the store who
// liked an incident.
func (t *Tx) feltByKey(i desk.IncidentID, who desk.ActorID) (string, error) {
	digest, err := t.feltDigest(who)
	return feltKeyOf(i, digest), err
}

func feltKeyOf(i desk.IncidentID, digest string) string { return fmt.Sprintf("felt:%s:%s", i, digest) }

func (t *Tx) feltOfKey(who desk.ActorID) (string, error) {
	digest, err := t.feltDigest(who)
	return "felt of:" + digest, err
}

func (t *Tx) feltDigest(who desk.ActorID) (string, error) {
	key, err := t.deletionKey(true)
	return deletionHash(key, "felt\n"+string(who)), err
}

// feltOf are the incidents to which a person reacted, the newest last.
func (t *Tx) feltOf(who desk.ActorID) (of []desk.IncidentID, err error) {
	key, err := t.feltOfKey(who)
	if err != nil {
		return nil, err
	}
	raw, ok, err := t.Once().Get(key)
	if err != nil || !ok {
		return nil, err
	}
	return of, json.Unmarshal(raw, &of)
}

func (t *Tx) putFeltOf(who desk.ActorID, of []desk.IncidentID) error {
	key, err := t.feltOfKey(who)
	if err != nil {
		return err
	}
	if len(of) == 0 {
		_, err := t.Once().Delete(key)
		return err
	}
	raw, err := json.Marshal(of)
	if err != nil {
		return err
	}
	return t.rememberAs(key, raw, feltRemembered)
}

// feltStill are those of them of which the reaction is remembered yet.
func (t *Tx) feltStill(who desk.ActorID) (still []desk.IncidentID, err error) {
	of, err := t.feltOf(who)
	for _, i := range of {
		if err != nil {
			return nil, err
		}
		var had []string
		if had, err = t.feltBy(i, who); len(had) > 0 {
			still = append(still, i)
		}
	}
	return still, err
}

// feels remembers to which incidents a person reacted, as long as the last reaction;
// false: to too many.
func (t *Tx) feels(i desk.IncidentID, who desk.ActorID) (bool, error) {
	of, err := t.feltOf(who)
	if err != nil {
		return false, err
	}
	if !slices.Contains(of, i) {
		if len(of) >= maxFeltOf {
			if of, err = t.feltStill(who); err != nil || len(of) >= maxFeltOf {
				return false, err
			}
		}
		of = append(of, i)
	}
	return true, t.putFeltOf(who, of)
}

// forgetFelt forgets what a person reacted to: they count no more.
func (t *Tx) forgetFelt(who desk.ActorID) error {
	of, err := t.feltOf(who)
	for _, i := range of {
		var gone bool
		if err == nil {
			gone, err = t.dropFeltBy(i, who)
		}
		if err == nil && gone {
			err = t.countFelt(i, -1)
		}
	}
	if err == nil {
		err = t.forgetPlainFelt(who)
	}
	if err != nil {
		return err
	}
	return t.putFeltOf(who, nil)
}

// forgetFeltOf forgets what a blocked account, or the people of a blocked server, reacted
// to. People of a server who were counted before servers were noted stay in the number.
func (t *Tx) forgetFeltOf(b desk.Block) error {
	if !strings.Contains(b.Target, "://") {
		return t.forgetFeltAt(b.Target)
	}
	return t.forgetFelt(desk.ActorID(b.Target))
}

// plainFeltKey named a person by their address once: such keys are read until they expire.
func plainFeltKey(i desk.IncidentID, who desk.ActorID) string {
	return fmt.Sprintf("felt:%s:%s", i, who)
}

// dropFeltBy forgets the reactions of a person to an incident; false: there were none.
func (t *Tx) dropFeltBy(i desk.IncidentID, who desk.ActorID) (bool, error) {
	key, err := t.feltByKey(i, who)
	if err != nil {
		return false, err
	}
	gone, err := t.Once().Delete(key)
	if err != nil {
		return false, err
	}
	plain, err := t.Once().Delete(plainFeltKey(i, who))
	if err == nil && gone {
		err = t.removeFeltAt(i, who)
	}
	return gone || plain, err
}

// feltIncident finds the incident whose first post a reaction is about; false: it is
// about something else.
func (t *Tx) feltIncident(r Reaction) (i desk.Incident, ok bool, err error) {
	p, ok, err := t.Posts().ByObject(r.Object)
	if err != nil || !ok || p.Deleted || p.Incident == "" {
		return i, false, err
	}
	i, ok, err = t.Incidents().Get(p.Incident)
	return i, ok && i.Root == p.ID, err
}

// Felt is how many people liked or boosted the first post of an incident who have no
// issue about it. Each counts as a voice, once.
func (t *Tx) Felt(i desk.IncidentID) (n int, err error) {
	raw, ok, err := t.Once().Get(feltKey(i))
	if err != nil || !ok {
		return 0, err
	}
	return n, json.Unmarshal(raw, &n)
}

func (t *Tx) countFelt(i desk.IncidentID, by int) error {
	n, err := t.Felt(i)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(max(0, n+by))
	if err != nil {
		return err
	}
	return t.rememberAs(feltKey(i), raw, feltRemembered)
}

// feltBy reads the reactions of a person to an incident.
func (t *Tx) feltBy(i desk.IncidentID, who desk.ActorID) (had []string, err error) {
	key, err := t.feltByKey(i, who)
	if err != nil {
		return nil, err
	}
	raw, ok, err := t.Once().Get(key)
	if err == nil && !ok {
		raw, ok, err = t.Once().Get(plainFeltKey(i, who))
	}
	if err != nil || !ok {
		return nil, err
	}
	return had, json.Unmarshal(raw, &had)
}

// mayFeel says whether a reaction to an incident counts: those of programs, as a relay or
// the actor of a hashtag that passes posts on, do not.
func (t *Tx) mayFeel(r Reaction) (drop.Reason, error) {
	if blocked, err := t.blocked(r.Actor); err != nil || blocked {
		return drop.Blocked, err
	}
	if out, ok, err := t.OptOuts().Get(r.Actor); err != nil || ok && out.Active(t.Now) {
		return drop.OptedOut, err
	}
	_, source, err := t.Sources().ByActor(r.Actor)
	if err != nil || source || r.Bot {
		return drop.Bot, err
	}
	who, _, err := t.Actors().Get(r.Actor)
	if err != nil || who.Bot {
		return drop.Bot, err
	}
	return drop.Kept, nil
}

// feel counts a person who reacts to an incident, unless they have an issue about it.
// What changes nothing is dropped, so that nothing is remembered of it.
func (t *Tx) feel(i desk.Incident, r Reaction) (drop.Reason, error) {
	had, err := t.feltBy(i.ID, r.Actor)
	switch {
	case err != nil:
		return "", err
	case slices.Contains(had, r.name()):
		return drop.Duplicate, nil
	case len(had) >= maxFeltBy:
		return drop.Limited, nil
	}
	if len(had) == 0 {
		if spoke, err := t.isVoice(i.ID, r.Actor); err != nil || spoke {
			return drop.Kept, err
		}
		if n, err := t.Felt(i.ID); err != nil || n >= maxFelt {
			return drop.Limited, err
		}
	}
	if few, err := t.feels(i.ID, r.Actor); err != nil || !few {
		return drop.Limited, err
	}
	if len(had) == 0 {
		if err := t.countFelt(i.ID, 1); err != nil {
			return "", err
		}
	}
	return drop.Kept, t.putFeltBy(i.ID, r.Actor, append(had, r.name()))
}

func (t *Tx) putFeltBy(i desk.IncidentID, who desk.ActorID, had []string) error {
	key, err := t.feltByKey(i, who)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(had)
	if err != nil {
		return err
	}
	if _, err := t.Once().Delete(plainFeltKey(i, who)); err != nil {
		return err
	}
	if err := t.addFeltAt(i, who); err != nil {
		return err
	}
	return t.rememberAs(key, raw, feltRemembered)
}

// unfeel takes a reaction back; with the last one the person is not counted any more.
func (t *Tx) unfeel(i desk.Incident, r Reaction) error {
	had, err := t.feltBy(i.ID, r.Actor)
	if err != nil || !slices.Contains(had, r.name()) {
		return err
	}
	if had = slices.DeleteFunc(had, func(one string) bool { return one == r.name() }); len(had) == 0 {
		return t.speaks(i.ID, r.Actor)
	}
	return t.putFeltBy(i.ID, r.Actor, had)
}

// speaks notes that a person is not counted by a reaction: they have an issue now, or
// took it back.
func (t *Tx) speaks(i desk.IncidentID, who desk.ActorID) error {
	if gone, err := t.dropFeltBy(i, who); err != nil || !gone {
		return err
	}
	of, err := t.feltOf(who)
	if err == nil {
		err = t.putFeltOf(who, slices.DeleteFunc(of, func(one desk.IncidentID) bool { return one == i }))
	}
	if err != nil {
		return err
	}
	return t.countFelt(i, -1)
}

// isVoice says whether one of the newest issues of a person is linked to an incident.
func (t *Tx) isVoice(i desk.IncidentID, who desk.ActorID) (bool, error) {
	theirs, _, err := t.Issues().ByReporter(who, store.Page{Limit: earlierRead})
	return slices.ContainsFunc(theirs, func(one desk.Issue) bool { return one.Incident == i }), err
}
