package app

import "earshot/internal/desk"

// foldWord counts a word of a voice on its incident, while that is open, instead of
// putting the issue in "needs us"; after the end a known "yes" resolves the issue,
// and any other word takes it out of the crowd. It reports whether the word is dealt
// with.
func (t *Tx) foldWord(i *desk.Issue, words string) (folded bool, err error) {
	if i.Incident == "" || i.Apart || desk.StopWord(words) || i.MergedInto != "" || len(i.Merged) > 0 || i.Status == desk.StatusWaiting || i.Status == desk.StatusClosed {
		return false, nil
	}
	incident, ok, err := t.Incidents().Get(i.Incident)
	if err != nil || !ok {
		return false, err
	}
	switch incident.State() {
	case desk.IncidentOpen:
		i.LastWord, i.UpdatedAt, i.Folded, i.Snooze = t.Now, t.Now, true, desk.Snooze{}
		if incident.Answers++; desk.Asks(words) {
			incident.Asking++
		}
		return true, t.Incidents().Put(incident)
	case desk.IncidentOver:
		if i.Status != desk.StatusFixed && i.Status != desk.StatusResolved {
			return false, nil
		}
		if !desk.Affirms(words) {
			i.Apart, i.Folded = true, false
			return false, nil
		}
		return true, t.resolvedByWord(i)
	}
	return false, nil
}

// resolvedByWord resolves a fixed issue by its reporter's own word.
func (t *Tx) resolvedByWord(i *desk.Issue) error {
	before := i.Status
	i.LastWord, i.UpdatedAt = t.Now, t.Now
	if before != desk.StatusFixed || i.NeedsUs {
		return nil
	}
	i.ApplyStatus(desk.StatusChange{To: desk.StatusResolved}, t.Now)
	return t.statusChanged(*i, before, desk.Event{Actor: i.Reporter})
}
