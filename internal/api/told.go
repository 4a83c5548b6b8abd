package api

import (
	"cmp"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// NewTelling is what an agent decides about telling the voices of an incident.
type NewTelling struct {
	Tags     *bool             `json:"tags,omitempty"`     // also those only heard by tags; left out: while no server has more than 50
	Skip     []desk.IssueID    `json:"skip,omitempty"`     // voices to leave out
	Take     []desk.IssueID    `json:"take,omitempty"`     // voices to tell that are left out by default
	Versions map[string]string `json:"versions,omitempty"` // the text in other languages, by their tags
	Count    int               `json:"count,omitempty"`    // how many are told: needed above 200
}

func (n *NewTelling) input() *app.TellInput {
	if n == nil {
		return nil
	}
	return &app.TellInput{Tags: n.Tags, Skip: n.Skip, Take: n.Take, Versions: n.Versions, Count: n.Count}
}

// Audience is which voices a word about an incident would reach.
type Audience struct {
	Voices     int                   `json:"voices"`  // linked threads
	Replies    int                   `json:"replies"` // that would be written
	Servers    int                   `json:"servers"` // to which they go
	ByTags     int                   `json:"by_tags"` // only heard by tags
	MostByTags int                   `json:"most_by_tags"`
	Tags       bool                  `json:"tags"`    // whether those are told
	Left       map[desk.VoiceWhy]int `json:"left"`    // not told, by reason
	List       []RoundVoice          `json:"list"`    // of those, at most 200
	Seconds    int                   `json:"seconds"` // from the first to the last
	Seen       string                `json:"seen"`    // the incident's revision
}

// Round is how the voices of an incident are told one of its posts.
type Round struct {
	Post       desk.PostID       `json:"post"`
	Incident   desk.IncidentID   `json:"incident"`
	State      desk.RoundState   `json:"state"` // ready, telling, paused, halted, stopped or done
	Text       string            `json:"text"`
	Language   string            `json:"language"`
	Versions   map[string]string `json:"versions"`
	Status     desk.Status       `json:"status"` // that the issues take
	Tags       bool              `json:"tags"`
	Voices     int               `json:"voices"`
	Sent       int               `json:"sent"`
	Waiting    int               `json:"waiting"` // not sent yet
	Left       int               `json:"left"`    // not told
	Objections int               `json:"objections"`
	FlaggedBy  []desk.Domain     `json:"flagged_by"` // domains whose servers complained
	Agent      desk.Email        `json:"agent"`
	At         Time              `json:"at"`
	EndAt      Time              `json:"end_at"`
}

// RoundVoice is one voice, and whether it was told.
type RoundVoice struct {
	Issue     desk.IssueID    `json:"issue"`
	Server    desk.Host       `json:"server"`
	Invited   bool            `json:"invited"`
	State     desk.VoiceState `json:"state"` // waiting, written, told, left or failed
	Why       desk.VoiceWhy   `json:"why"`   // left: by_tags, skipped, old, third, let_in, once, left_alone, gone, done, apart, unlinked or refused
	Error     string          `json:"error"`
	Post      desk.PostID     `json:"post"`      // the reply
	Objection desk.Objection  `json:"objection"` // block, stop, flag or refused
	At        Time            `json:"at"`
}

func roundOf(r desk.Round) Round {
	versions := r.Versions
	if versions == nil {
		versions = map[string]string{}
	}
	return Round{Post: r.Post, Incident: r.Incident, State: r.State, Text: r.Text, Language: r.Language, Versions: versions, Status: r.Status, Tags: r.Tags,
		Voices: r.Voices, Sent: r.Written, Waiting: r.Waiting(), Left: r.Left, Objections: r.Objections, FlaggedBy: list(r.FlaggedBy), Agent: r.Agent, At: Time{r.At}, EndAt: Time{r.EndAt}}
}

func roundVoiceOf(v desk.RoundVoice) RoundVoice {
	return RoundVoice{Issue: v.Issue, Server: v.Host, Invited: v.Invited, State: v.State, Why: v.Why, Error: v.Error, Post: v.Post, Objection: v.Objection, At: Time{v.At}}
}

func (h *handler) showAudience(r *request) (response, error) {
	var in app.TellInput
	switch tags := r.query("tags"); tags {
	case "":
	case "true", "false":
		yes := tags == "true"
		in.Tags = &yes
	default:
		return response{}, desk.Invalid("bool_invalid", "%s is true or false, not %q", "tags", tags)
	}
	a, err := h.app.Audience(r.Context(), r.incident(), desk.IncidentStatus(r.query("status")), in)
	return response{body: Audience{Voices: a.Voices, Replies: a.Replies, Servers: a.Servers, ByTags: a.ByTags, MostByTags: a.MostByTags, Tags: a.Tags, Left: a.Left,
		List: each(a.List, roundVoiceOf), Seconds: int(a.Takes / time.Second), Seen: a.Seen}}, err
}

func (h *handler) tellVoices(r *request) (response, error) {
	var in NewTelling
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	round, err := h.app.TellVoices(r.Context(), r.by, r.incident(), *in.input())
	return response{body: roundOf(round)}, err
}

func (h *handler) listTold(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	rounds, next, err := h.app.Told(r.Context(), r.incident(), page)
	return response{body: each(rounds, roundOf), next: next}, err
}

// listToldVoices lists the voices of the newest round, or of that of a post.
func (h *handler) listToldVoices(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	f := store.VoiceFilter{Round: desk.PostID(r.query("post")), State: desk.VoiceState(r.query("state"))}
	if f.State == store.Objecting {
		f.State, f.Objected = "", true
	} else if !slices.Contains([]desk.VoiceState{"", desk.VoiceWaiting, desk.VoiceWritten, desk.VoiceTold, desk.VoiceLeft, desk.VoiceFailed}, f.State) {
		return response{}, desk.Invalid("voice_state_unknown", "a voice is waiting, written, told, left, failed or objecting, not %q", f.State)
	}
	rounds, _, err := h.app.Told(r.Context(), r.incident(), store.Page{Limit: 1})
	if err != nil {
		return response{}, err
	}
	if len(rounds) > 0 { // or else the list is empty
		f.Round = cmp.Or(f.Round, rounds[0].Post)
	}
	voices, next, err := h.app.ToldVoices(r.Context(), f, page)
	return response{body: each(voices, roundVoiceOf), next: next}, err
}

func (h *handler) pauseTelling(r *request) (response, error) {
	round, err := h.app.HoldRound(r.Context(), r.by, r.incident(), desk.RoundPaused)
	return response{body: roundOf(round)}, err
}

func (h *handler) stopTelling(r *request) (response, error) {
	round, err := h.app.HoldRound(r.Context(), r.by, r.incident(), desk.RoundStopped)
	return response{body: roundOf(round)}, err
}

// retryTelling tells those again whose servers did not take it.
func (h *handler) retryTelling(r *request) (response, error) {
	round, err := h.app.RetryVoices(r.Context(), r.by, r.incident())
	return response{body: roundOf(round)}, err
}

func (h *handler) resumeTelling(r *request) (response, error) {
	round, err := h.app.ResumeRound(r.Context(), r.by, r.incident())
	return response{body: roundOf(round)}, err
}
