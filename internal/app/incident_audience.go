package app

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// TellInput is what an agent decides about telling the voices of an incident.
type TellInput struct {
	// Tags: whether those are told who were only heard by tags; nil: while no server has
	// more than desk.MaxByTags of them.
	Tags *bool
	// Skip are voices to leave out, Take those to tell that are left out by default.
	Skip, Take []desk.IssueID
	// Versions are the text in other languages, by their tags.
	Versions map[string]string
	// Count is how many are told, typed by the agent: needed above desk.MaxUncounted.
	Count int
}

// Audience is which voices a word about an incident would reach.
type Audience struct {
	Voices  int // threads of the linked issues
	Replies int
	Servers int // to which replies go
	// ByTags is how many were only heard by tags and would be told if those are, MostByTags
	// how many of them are of one server; Tags says whether they are.
	ByTags, MostByTags int
	Tags               bool
	Left               map[desk.VoiceWhy]int // those that are not told, by reason
	List               []desk.RoundVoice     // the first of them
	Takes              time.Duration         // from the first to the last, at the pace of the instance
	Seen               string                // the incident's revision on which this was decided
}

// shownLeft is how many voices an audience names that are not told.
const shownLeft = 200

// Audience says which voices would be told that an incident has a status, without
// writing to a person: "" is its present one.
func (a *App) Audience(ctx context.Context, id desk.IncidentID, to desk.IncidentStatus, in TellInput) (Audience, error) {
	return a.audience(ctx, id, to, in, a.audiences.get)
}

// audienceNow is Audience without what was remembered: an agent decides on it.
func (a *App) audienceNow(ctx context.Context, id desk.IncidentID, to desk.IncidentStatus, in TellInput) (Audience, error) {
	return a.audience(ctx, id, to, in, func(audienceKey, time.Time) *judged { return nil })
}

func (a *App) audience(ctx context.Context, id desk.IncidentID, to desk.IncidentStatus, in TellInput, before func(audienceKey, time.Time) *judged) (out Audience, err error) {
	var now *judged
	err = a.View(ctx, func(tx *Tx) error {
		i, err := tx.incident(id)
		if err != nil {
			return err
		}
		tx.only = nil // its voices are told whatever desk they spoke to
		if to != "" && !slices.Contains(desk.IncidentStatuses(), to) {
			return desk.Invalid("incident_status_unknown", "there is no status %q of an incident; there are %v", to, desk.IncidentStatuses())
		}
		r := roundToJudge(i, to)
		if now, err = tx.judgedFor(r, i, before(audienceKey{i.ID, i.Revision, r.Status}, tx.Now)); err != nil {
			return err
		}
		out = audienceOf(i, now.voices, in, a.pace)
		return nil
	})
	if err == nil {
		a.audiences.put(now)
	}
	return out, err
}

func audienceOf(i desk.Incident, before []desk.RoundVoice, in TellInput, pace desk.Pace) Audience {
	voices, skip, take := make([]desk.RoundVoice, 0, len(before)), setOf(in.Skip), setOf(in.Take)
	for _, v := range before {
		voices = append(voices, chosen(v, skip, take))
	}
	out := Audience{Voices: len(voices), Left: map[desk.VoiceWhy]int{}, Seen: strconv.Itoa(i.Revision)}
	byTags := map[desk.Host]int{}
	for _, v := range voices {
		if v.Why == "" && !v.Invited {
			byTags[v.Host]++
			out.ByTags++
			out.MostByTags = max(out.MostByTags, byTags[v.Host])
		}
	}
	out.Tags = out.MostByTags <= desk.MaxByTags
	if in.Tags != nil {
		out.Tags = *in.Tags
	}
	reached := map[desk.Host]bool{}
	for _, v := range voices {
		if v.Why == "" && !v.Invited && !out.Tags {
			v.Why = desk.VoiceByTags
		}
		if v.Why == "" {
			out.Replies++
			reached[v.Host] = true
			continue
		}
		if out.Left[v.Why]++; len(out.List) < shownLeft {
			out.List = append(out.List, v)
		}
	}
	out.Servers = len(reached)
	if out.Tags {
		out.Takes = takes(pace, byTags, out.ByTags)
	}
	return out
}

// takes is how long it takes to tell those who were only heard by tags.
func takes(pace desk.Pace, byTags map[desk.Host]int, all int) time.Duration {
	if all <= pace.First {
		return 0
	}
	last := 0
	for _, n := range byTags {
		last = max(last, pace.Slot(n-1))
	}
	return pace.Look + time.Duration(last)*time.Second
}

// judgeVoices lists the voices of an incident by issue, those to be told without
// Why. Of a merged issue each reporter is a voice.
func (t *Tx) judgeVoices(r desk.Round, i desk.Incident) ([]desk.RoundVoice, error) {
	var out []desk.RoundVoice
	known := servers{}
	f := store.IssueFilter{Incident: i.ID}
	for home, err := range store.EachOf(t.Issues().List, f) {
		if err != nil {
			return nil, err
		}
		threads := []desk.Issue{home}
		if len(home.Merged) > 0 {
			if threads, err = t.addressees(home, ""); err != nil {
				return nil, err
			}
		}
		for _, one := range threads {
			v, err := t.judge(r, i, one, known)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b desk.RoundVoice) int { return strings.Compare(string(a.Issue), string(b.Issue)) })
	return out, nil
}

func (t *Tx) judge(r desk.Round, i desk.Incident, one desk.Issue, known servers) (v desk.RoundVoice, err error) {
	v = desk.RoundVoice{Round: r.Post, Issue: one.ID, Host: one.Reporter.Host(), Invited: one.Invited, State: desk.VoiceWaiting, At: t.Now}
	v.Why, v.Error, err = t.judgeVoice(r, i, one, known)
	return v, err
}

// linkedBefore is how long before its incident a report may be that is of it.
const linkedBefore = 24 * time.Hour

// judgeVoice says why a voice is not told, "" if it is.
func (t *Tx) judgeVoice(r desk.Round, i desk.Incident, one desk.Issue, known servers) (why desk.VoiceWhy, said string, err error) {
	h := one.Reporter.Host()
	server, ok := known[h]
	if !ok {
		if server, err = t.judgeServer(h); err != nil {
			return "", "", err
		}
		known[h] = server
	}
	may := one.MayReply(r.Status)
	switch {
	case slices.Contains(r.Skip, one.ID):
		return desk.VoiceSkipped, "", nil
	case one.Apart:
		return desk.VoiceApart, "", nil
	case one.Status.Category() == desk.CategoryDone:
		return desk.VoiceDone, "", nil
	case one.Silenced != "":
		return desk.VoiceSilenced, desk.ErrorMessage(may), nil
	case server.gone:
		return desk.VoiceGone, "", nil
	case may != nil:
		return desk.VoiceHeard, desk.ErrorMessage(may), nil
	case !one.Invited && server.quiet:
		return desk.VoiceSilenced, desk.Recorded("server_no_first_words"), nil
	case !one.Invited && !r.Tags:
		return desk.VoiceByTags, "", nil
	case slices.Contains(r.Take, one.ID):
		return "", "", nil
	case one.OpenedAt.Before(i.OpenedAt.Add(-linkedBefore)):
		return desk.VoiceOld, "", nil
	case one.LetIn():
		return desk.VoiceLetIn, "", nil
	}
	third, err := t.mentionsThird(one)
	if third {
		why = desk.VoiceThird
	}
	return why, "", err
}

// servers are what was found out about the servers of voices.
type servers map[desk.Host]serverOfVoices

type serverOfVoices struct {
	gone  bool // it is blocked, or has been silent for a week
	quiet bool // it wants no first words
}

func (t *Tx) judgeServer(h desk.Host) (s serverOfVoices, err error) {
	if s.gone, err = t.BlockedHost(h); err == nil && !s.gone {
		s.gone, err = t.givenUp(h)
	}
	if err == nil {
		s.quiet, err = t.serverOptedOut(h)
	}
	return s, err
}

// mentionsThird says whether a report mentions a person beside our desks and its author.
func (t *Tx) mentionsThird(i desk.Issue) (bool, error) {
	p, ok, err := t.Posts().Get(i.Post)
	if err != nil || !ok {
		return false, err
	}
	return slices.ContainsFunc(p.Mentions, func(m desk.ActorID) bool {
		_, ours := t.site.HandleOf(m)
		return !ours && m != i.Reporter
	}), nil
}

// checkTell checks and cleans what an agent decided about telling the voices.
func (a *App) checkTell(by By, in *TellInput) error {
	switch {
	case in == nil:
		return nil
	case !by.publishes():
		return errIncidentScope()
	case len(in.Skip) > desk.MaxRoundChoices || len(in.Take) > desk.MaxRoundChoices:
		return desk.Invalid("round_choices", "at most %d voices are chosen one by one", desk.MaxRoundChoices)
	case len(in.Versions) > desk.MaxRoundVersions:
		return desk.Invalid("round_versions", "a text has at most %d versions in other languages", desk.MaxRoundVersions)
	}
	versions := map[string]string{}
	for _, tag := range slices.Sorted(maps.Keys(in.Versions)) {
		language, err := checkLanguage(tag)
		if err == nil && language == "" {
			err = desk.Invalid("language_invalid", "a language is a tag like de or pt-BR (BCP 47), not %.40q", tag)
		}
		if err != nil {
			return err
		}
		if versions[language], err = checkOutward(by, in.Versions[tag]); err != nil {
			return err
		}
	}
	in.Versions = versions
	return nil
}
