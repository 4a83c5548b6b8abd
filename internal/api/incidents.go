package api

import (
	"slices"
	"strconv"

	"earshot/internal/alike"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Crowd is a crowd of open issues that may have one cause, and why.
type Crowd struct {
	Issues    []desk.IssueID `json:"issues"` // by the time of their reports
	People    int            `json:"people"` // different ones; accounts that send one text are left out
	Servers   int            `json:"servers"`
	Since     Time           `json:"since"` // the first report
	Last      Time           `json:"last"`  // the newest
	Words     []SharedWord   `json:"words"` // that they share, the most telling first
	Services  []SharedWord   `json:"services"`
	Calls     []SharedWord   `json:"calls"`
	Languages []string       `json:"languages"` // the most frequent first; "" is unknown
	Passed    int            `json:"passed"`    // reports of that time that many accounts sent alike, or that shout at strangers
}

// SharedWord is a word, and how many of the people say it.
type SharedWord struct {
	Text   string `json:"text"`
	People int    `json:"people"`
}

func crowdOf(c alike.Crowd) Crowd {
	shared := func(w alike.Word) SharedWord { return SharedWord{Text: w.Text, People: w.People} }
	return Crowd{Issues: list(c.Issues), People: c.People, Servers: c.Servers, Since: Time{c.Since}, Last: Time{c.Last},
		Words: each(c.Words, shared), Services: each(c.Services, shared), Calls: each(c.Calls, shared), Languages: list(c.Languages), Passed: c.Passed}
}

// suggest says which open issues of a desk may be one incident.
func (h *handler) suggest(r *request) (response, error) {
	crowds, err := h.app.SuggestIncidents(r.Context(), r.desk())
	return response{body: each(crowds, crowdOf)}, err
}

// dismissSuggestion remembers that issues are no incident.
func (h *handler) dismissSuggestion(r *request) (response, error) {
	var in Voices
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return response{}, h.app.DismissSuggestion(r.Context(), r.by, r.desk(), in.Issues)
}

// Incident is one cause behind many issues, or planned work.
type Incident struct {
	ID           desk.IncidentID     `json:"id"`
	Desk         desk.Handle         `json:"desk"`
	Title        string              `json:"title"`
	Text         string              `json:"text"`
	Language     string              `json:"language"`
	Services     []string            `json:"services"`
	Impact       desk.Impact         `json:"impact"`
	Status       desk.IncidentStatus `json:"status"`
	State        desk.IncidentState  `json:"state"`   // draft, discarded, open or over
	Leaving      bool                `json:"leaving"` // a post of it is on its way, and can be taken back
	Root         desk.PostID         `json:"root"`    // its first post
	Voices       int                 `json:"voices"`  // linked issues
	Answers      int                 `json:"answers"` // words of voices while it was open, which are not in "needs us"
	Asking       int                 `json:"asking"`  // of those, how many ask something
	Surprised    string              `json:"surprised"`
	Changed      string              `json:"changed"`
	Postmortem   string              `json:"postmortem"` // what a postmortem would say; "": nothing was learned, or it was said
	Agent        desk.Email          `json:"agent"`
	From         Time                `json:"from"` // of planned work
	Until        Time                `json:"until"`
	NextUpdateAt Time                `json:"next_update_at"`
	OpenedAt     Time                `json:"opened_at"`
	PublishedAt  Time                `json:"published_at"`
	StatusAt     Time                `json:"status_at"`
	ClosedAt     Time                `json:"closed_at"`
	DiscardedAt  Time                `json:"discarded_at"` // of a draft that was put away
	Alert        *IncidentAlert      `json:"alert"`        // null: a person opened it
	Proposes     desk.IncidentStatus `json:"proposes"`     // the status that the alert proposes for an update, as it says that it is over
	AtBegin      string              `json:"at_begin"`     // of planned work: the update that goes out by itself when it begins
	AtEnd        string              `json:"at_end"`       // and when it ends
	// Seen is its revision. In If-Match of a change it says on what that was decided:
	// 412 if it has changed since.
	Seen string `json:"seen"`
}

// FullIncident is an incident with its posts.
type FullIncident struct {
	Incident
	First   *Post            `json:"first"`   // null: a draft
	Updates []IncidentUpdate `json:"updates"` // the newest first
	Felt    int              `json:"felt"`    // people who liked or boosted its first post, and have no issue about it
	More    []LaterPile      `json:"more"`    // piles that were linked to it, and the reports that came since
}

// LaterPile is a pile that was linked to an incident, with the reports that came later.
type LaterPile struct {
	Pile   desk.PileID `json:"pile"`
	People int         `json:"people"`
	Words  []string    `json:"words"`
}

// NewPostmortem is the body of making a postmortem of what was learned.
type NewPostmortem struct {
	Surprised *string `json:"surprised,omitempty"` // replaces what was learned, "" removes it; left out: it stays
	Changed   *string `json:"changed,omitempty"`
	Now       bool    `json:"now,omitempty"`
	Meant     bool    `json:"meant,omitempty"`
}

// IncidentUpdate is a later word about an incident.
type IncidentUpdate struct {
	Status       desk.IncidentStatus `json:"status"` // takes effect when the post goes out
	NextUpdateAt Time                `json:"next_update_at"`
	Post         Post                `json:"post"`
}

// postmortemOf is what a postmortem would say now.
func postmortemOf(i desk.Incident) string {
	if i.MayUpdate(desk.IncidentPostmortem) != nil || i.Status == desk.IncidentPostmortem {
		return ""
	}
	return i.PostmortemText()
}

func incidentOf(i desk.Incident) Incident {
	return Incident{ID: i.ID, Desk: i.Desk, Title: i.Title, Text: i.Text, Language: i.Language, Services: list(i.Services), Impact: i.Impact, Status: i.Status,
		DiscardedAt: Time{i.DiscardedAt}, Alert: alertOf(i.Alert), Proposes: i.Proposes(),
		AtBegin: i.PreparedText(desk.WorkInProgress), AtEnd: i.PreparedText(desk.WorkCompleted), State: i.State(), Leaving: i.Leaving(), Root: i.Root, Voices: i.Voices, Answers: i.Answers, Asking: i.Asking, Surprised: i.Surprised, Changed: i.Changed, Postmortem: postmortemOf(i), Agent: i.Agent,
		From: Time{i.From}, Until: Time{i.Until}, NextUpdateAt: Time{i.NextUpdate}, OpenedAt: Time{i.OpenedAt}, PublishedAt: Time{i.PublishedAt},
		StatusAt: Time{i.StatusAt}, ClosedAt: Time{i.ClosedAt}, Seen: strconv.Itoa(i.Revision)}
}

// NewIncident is the body of a new draft.
type NewIncident struct {
	Desk         desk.Handle         `json:"desk"`
	Title        string              `json:"title"`
	Text         string              `json:"text,omitempty"`
	Language     string              `json:"language,omitempty"`
	Services     []string            `json:"services,omitempty"`
	Impact       desk.Impact         `json:"impact,omitempty"` // minor, if left out
	Status       desk.IncidentStatus `json:"status,omitempty"`
	From         Time                `json:"from,omitzero"` // planned work has both
	Until        Time                `json:"until,omitzero"`
	NextUpdateAt Time                `json:"next_update_at,omitzero"`
	AtBegin      string              `json:"at_begin,omitempty"` // planned work: an update that goes out by itself when it begins; with the scope publish
	AtEnd        string              `json:"at_end,omitempty"`   // and when it ends
	Publish      bool                `json:"publish,omitempty"`  // at once, with the scope publish
	Now          bool                `json:"now,omitempty"`      // then: skip the take-back time
	Meant        bool                `json:"meant,omitempty"`    // as in NewReply
}

// IncidentEdit is the body of a change of an incident; fields that are left out stay.
type IncidentEdit struct {
	Title        *string      `json:"title,omitempty"`
	Text         *string      `json:"text,omitempty"`
	Services     *[]string    `json:"services,omitempty"`
	Impact       *desk.Impact `json:"impact,omitempty"`
	From         *Time        `json:"from,omitempty"`
	Until        *Time        `json:"until,omitempty"`
	NextUpdateAt *Time        `json:"next_update_at,omitempty"`
	AtBegin      *string      `json:"at_begin,omitempty"` // "" removes it
	AtEnd        *string      `json:"at_end,omitempty"`
	Surprised    *string      `json:"surprised,omitempty"` // "" removes it
	Changed      *string      `json:"changed,omitempty"`
	Meant        bool         `json:"meant,omitempty"`
}

// NewPublication is the body of publishing a draft.
type NewPublication struct {
	Now bool `json:"now,omitempty"` // skip the take-back time
}

// NewUpdate is the body of an update.
type NewUpdate struct {
	Text         string              `json:"text"`
	Status       desk.IncidentStatus `json:"status,omitempty"` // stays, if left out
	NextUpdateAt Time                `json:"next_update_at,omitzero"`
	Now          bool                `json:"now,omitempty"`
	Meant        bool                `json:"meant,omitempty"`
	Tell         *NewTelling         `json:"tell,omitempty"` // tell the linked voices too
}

// NewClose is the body of the last update, with what was learned.
type NewClose struct {
	Text      string      `json:"text"`
	Surprised string      `json:"surprised,omitempty"`
	Changed   string      `json:"changed,omitempty"`
	Now       bool        `json:"now,omitempty"`
	Meant     bool        `json:"meant,omitempty"`
	Tell      *NewTelling `json:"tell,omitempty"`
}

// Voices is the body of linking issues, and of ending links.
type Voices struct {
	Issues []desk.IssueID `json:"issues"`
}

func (r *request) incident() desk.IncidentID { return desk.IncidentID(r.id()) }

func (h *handler) listIncidents(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	f := store.IncidentFilter{Desk: desk.Handle(r.query("desk")), State: desk.IncidentState(r.query("state"))}
	if !slices.Contains([]desk.IncidentState{"", desk.IncidentDraft, desk.IncidentDiscarded, desk.IncidentOpen, desk.IncidentOver}, f.State) {
		return response{}, desk.Invalid("incident_state_unknown", "an incident is a draft, discarded, open or over, not %q", f.State)
	}
	incidents, next, err := h.app.Incidents(r.Context(), f, page)
	return response{body: each(incidents, incidentOf), next: next}, err
}

func (h *handler) showIncident(r *request) (response, error) {
	v, err := h.app.ShowIncident(r.Context(), r.incident())
	if err != nil {
		return response{}, err
	}
	out := FullIncident{Incident: incidentOf(v.Incident), Felt: v.Felt, Updates: make([]IncidentUpdate, len(v.Updates))}
	if v.Root != nil {
		first := broadcastOf(*v.Root)
		out.First = &first
	}
	for n, u := range v.Updates {
		out.Updates[n] = IncidentUpdate{Status: u.Status, NextUpdateAt: Time{u.NextUpdate}, Post: broadcastOf(u.BroadcastView)}
	}
	later, err := h.app.LaterInPiles(r.Context(), v.Incident)
	out.More = each(later, func(p desk.Pile) LaterPile { return LaterPile{Pile: p.ID, People: p.People, Words: list(p.Words)} })
	return response{body: out}, err
}

// lessons lists the incidents from which something was learned that a text is like.
func (h *handler) lessons(r *request) (response, error) {
	found, err := h.app.Lessons(r.Context(), r.desk(), r.query("like"))
	return response{body: each(found, incidentOf)}, err
}

func (h *handler) postmortem(r *request) (response, error) {
	var in NewPostmortem
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	i, err := h.app.Postmortem(r.Context(), r.by, app.PostmortemInput{Incident: r.incident(), Surprised: in.Surprised, Changed: in.Changed, Now: in.Now})
	return response{body: incidentOf(i)}, err
}

func (h *handler) openIncident(r *request) (response, error) {
	var in NewIncident
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	i, err := h.app.OpenIncident(r.Context(), r.by, app.IncidentInput{Desk: in.Desk, Title: in.Title, Text: in.Text, Language: in.Language, Services: in.Services,
		Impact: in.Impact, Status: in.Status, From: in.From.Time, Until: in.Until.Time, NextUpdate: in.NextUpdateAt.Time, AtBegin: in.AtBegin, AtEnd: in.AtEnd, Publish: in.Publish, Now: in.Now})
	return response{body: incidentOf(i)}, err
}

func (h *handler) editIncident(r *request) (response, error) {
	var in IncidentEdit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	edit := app.IncidentEdit{Title: in.Title, Text: in.Text, Services: in.Services, Impact: in.Impact, AtBegin: in.AtBegin, AtEnd: in.AtEnd, Surprised: in.Surprised, Changed: in.Changed}
	if in.From != nil {
		edit.From = &in.From.Time
	}
	if in.Until != nil {
		edit.Until = &in.Until.Time
	}
	if in.NextUpdateAt != nil {
		edit.NextUpdate = &in.NextUpdateAt.Time
	}
	i, err := h.app.EditIncident(r.Context(), r.by, r.incident(), edit)
	return response{body: incidentOf(i)}, err
}

func (h *handler) publishIncident(r *request) (response, error) {
	var in NewPublication
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.PublishIncident(r.Context(), r.by, r.incident(), in.Now)
	return response{body: incidentOf(i)}, err
}

func (h *handler) updateIncident(r *request) (response, error) {
	var in NewUpdate
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	i, err := h.app.UpdateIncident(r.Context(), r.by, app.UpdateInput{Incident: r.incident(), Status: in.Status, Text: in.Text, NextUpdate: in.NextUpdateAt.Time, Now: in.Now, Tell: in.Tell.input()})
	return response{body: incidentOf(i)}, err
}

func (h *handler) closeIncident(r *request) (response, error) {
	var in NewClose
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	r.by.Meant = in.Meant
	i, err := h.app.CloseIncident(r.Context(), r.by, app.CloseInput{Incident: r.incident(), Text: in.Text, Surprised: in.Surprised, Changed: in.Changed, Now: in.Now, Tell: in.Tell.input()})
	return response{body: incidentOf(i)}, err
}

func (h *handler) linkVoices(r *request) (response, error) {
	var in Voices
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.LinkVoices(r.Context(), r.by, r.incident(), in.Issues)
	return response{body: incidentOf(i)}, err
}

func (h *handler) unlinkVoices(r *request) (response, error) {
	var in Voices
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.UnlinkVoices(r.Context(), r.by, r.incident(), in.Issues)
	return response{body: incidentOf(i)}, err
}
