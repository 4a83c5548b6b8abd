package app

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// audienceFor is how long the servers of voices are believed to be as they were found:
	// each voice is judged again before it is told.
	audienceFor = time.Minute
	// audienceChanges is how many changes since then are looked through for voices.
	audienceChanges = 500
	// audiencesMost and audienceVoices bound what we remember, in audiences and in voices
	// of them all.
	audiencesMost  = 4
	audienceVoices = 100_000
)

// audiences remembers which voices of an incident may be told, so that an agent who looks
// at them again, or ticks one, does not wait for all to be judged again.
type audiences struct {
	mu sync.Mutex
	of []*judged // the one that was used last at the end; each is replaced, never changed
}

type audienceKey struct {
	incident desk.IncidentID
	revision int
	status   desk.Status
}

// judged are the voices of an incident, by issue, as they were at a position of the log of
// changes, without what an agent chose.
type judged struct {
	key    audienceKey
	at     time.Time // when the servers were looked at
	after  store.Position
	voices []desk.RoundVoice
}

func (a *audiences) get(k audienceKey, now time.Time) *judged {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := slices.IndexFunc(a.of, func(j *judged) bool { return j.key == k && now.Sub(j.at) < audienceFor && !now.Before(j.at) })
	if n < 0 {
		return nil
	}
	j := a.of[n]
	a.of = append(slices.Delete(a.of, n, n+1), j)
	return j
}

func (a *audiences) put(j *judged) {
	if len(j.voices) > audienceVoices {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of = append(slices.DeleteFunc(a.of, func(old *judged) bool { return old.key == j.key }), j)
	all := 0
	for _, one := range a.of {
		all += len(one.voices)
	}
	for len(a.of) > audiencesMost || all > audienceVoices {
		all -= len(a.of[0].voices)
		a.of = slices.Delete(a.of, 0, 1)
	}
}

// judgedFor judges the voices of an incident for a round in which an agent has chosen
// nothing, or brings up to date what was judged before, which may be nil.
func (t *Tx) judgedFor(r desk.Round, i desk.Incident, was *judged) (*judged, error) {
	if was != nil {
		j, ok, err := t.judgedSince(r, i, *was)
		if err != nil || ok {
			return j, err
		}
	}
	j := &judged{key: audienceKey{i.ID, i.Revision, r.Status}, at: t.Now}
	last, _, err := t.Changes().Last()
	if err != nil {
		return nil, err
	}
	j.after = last.Position
	j.voices, err = t.judgeVoices(r, i)
	return j, err
}

// judgedSince judges again the voices that have changed; false: so much has that all are
// to be judged.
func (t *Tx) judgedSince(r desk.Round, i desk.Incident, was judged) (*judged, bool, error) {
	changes, err := t.Changes().After(was.after, audienceChanges)
	if err != nil || len(changes) == audienceChanges {
		return nil, false, err
	}
	if len(changes) == 0 {
		return &was, true, nil
	}
	was.after = changes[len(changes)-1].Position
	voices, known, looked := slices.Clone(was.voices), servers{}, map[desk.IssueID]bool{"": true}
	for _, c := range changes {
		if looked[c.Issue] {
			continue
		}
		looked[c.Issue] = true
		one, ok, err := t.Issues().Get(c.Issue)
		if err != nil || !ok || one.MergedInto != "" || len(one.Merged) > 0 {
			return nil, false, err
		}
		n, there := slices.BinarySearchFunc(voices, one.ID, func(v desk.RoundVoice, id desk.IssueID) int { return strings.Compare(string(v.Issue), string(id)) })
		if there {
			voices = slices.Delete(voices, n, n+1)
		}
		if one.Incident != i.ID {
			continue
		}
		v, err := t.judge(r, i, one, known)
		if err != nil {
			return nil, false, err
		}
		voices = slices.Insert(voices, n, v)
	}
	was.voices = voices
	return &was, true, nil
}

// chosen is what becomes of a voice by what an agent chose: see judgeVoice.
func chosen(v desk.RoundVoice, skip, take map[desk.IssueID]bool) desk.RoundVoice {
	switch {
	case skip[v.Issue]:
		v.Why, v.Error = desk.VoiceSkipped, ""
	case take[v.Issue] && slices.Contains([]desk.VoiceWhy{desk.VoiceOld, desk.VoiceLetIn, desk.VoiceThird}, v.Why):
		v.Why, v.Error = "", ""
	}
	return v
}

func setOf(issues []desk.IssueID) map[desk.IssueID]bool {
	set := make(map[desk.IssueID]bool, len(issues))
	for _, i := range issues {
		set[i] = true
	}
	return set
}

func roundToJudge(i desk.Incident, to desk.IncidentStatus) desk.Round {
	return desk.Round{Incident: i.ID, Status: desk.VoiceStatus(cmp.Or(to, i.Status)), Tags: true}
}
