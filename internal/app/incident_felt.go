package app

import (
	"encoding/json"
	"fmt"
	"slices"
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
)

func feltKey(i desk.IncidentID) string { return "felt:" + string(i) }

func feltByKey(i desk.IncidentID, who desk.ActorID) string {
	return fmt.Sprintf("felt:%s:%s", i, who)
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
	raw, ok, err := t.Once().Get(feltByKey(i, who))
	if err != nil || !ok {
		return nil, err
	}
	return had, json.Unmarshal(raw, &had)
}

// mayFeel says whether a reaction to an incident counts.
func (t *Tx) mayFeel(r Reaction) (drop.Reason, error) {
	blocked, err := t.blocked(r.Actor)
	if blocked {
		return drop.Blocked, err
	}
	return drop.Kept, err
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
		if err := t.countFelt(i.ID, 1); err != nil {
			return "", err
		}
	}
	raw, err := json.Marshal(append(had, r.name()))
	if err != nil {
		return "", err
	}
	return drop.Kept, t.rememberAs(feltByKey(i.ID, r.Actor), raw, feltRemembered)
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
	raw, err := json.Marshal(had)
	if err != nil {
		return err
	}
	return t.rememberAs(feltByKey(i.ID, r.Actor), raw, feltRemembered)
}

// speaks notes that a person is not counted by a reaction: they have an issue now, or
// took it back.
func (t *Tx) speaks(i desk.IncidentID, who desk.ActorID) error {
	if gone, err := t.Once().Delete(feltByKey(i, who)); err != nil || !gone {
		return err
	}
	return t.countFelt(i, -1)
}

// isVoice says whether one of the newest issues of a person is linked to an incident.
func (t *Tx) isVoice(i desk.IncidentID, who desk.ActorID) (bool, error) {
	theirs, _, err := t.Issues().ByReporter(who, store.Page{Limit: earlierRead})
	return slices.ContainsFunc(theirs, func(one desk.Issue) bool { return one.Incident == i }), err
}
