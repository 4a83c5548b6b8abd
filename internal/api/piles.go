package api

import (
	"cmp"
	"maps"
	"slices"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Pile is many reports that came at once. `GET /issues?pile=ID` lists those that stand in it,
// and `GET /quarantine?pile=ID` those of one that is held back.
type Pile struct {
	ID        desk.PileID     `json:"id"`
	Desk      desk.Handle     `json:"desk"`
	Held      desk.Flood      `json:"held"`    // why its reports are held back; "": they are issues
	Others    bool            `json:"others"`  // they are unlike all others, or say nothing but that something is wrong
	People    int             `json:"people"`  // who stand in it now, each with one report
	Servers   []PileServer    `json:"servers"` // those with the most people first, at most 100
	Further   int             `json:"further"` // people on servers beside those
	Languages []string        `json:"languages"`
	Since     Time            `json:"since"`   // the first report
	Last      Time            `json:"last"`    // the newest
	Words     []string        `json:"words"`   // that they share, the most telling first
	Read      []Issue         `json:"read"`    // three of them
	Reports   []Quarantined   `json:"reports"` // three of those that are held back
	Incident  desk.IncidentID `json:"incident"`
	Act       *PileAct        `json:"act"` // what was done last with all of it; null: nothing
}

// PileServer is how many people of a pile are on a server.
type PileServer struct {
	Host   desk.Host `json:"host"`
	People int       `json:"people"`
}

// PileAct is what was done with all reports of a pile, portion by portion.
type PileAct struct {
	Do      desk.PileDo     `json:"do"` // link, assign, status, spam or release
	Agent   desk.Email      `json:"agent"`
	At      Time            `json:"at"` // reports that came later are not meant
	Status  desk.Status     `json:"status"`
	Assign  desk.Email      `json:"assignee"`
	To      desk.IncidentID `json:"incident"`
	Server  desk.Domain     `json:"server"`  // only those of this domain
	Done    int             `json:"done"`    // so many until now
	Skipped int             `json:"skipped"` // of which it was refused: they have changed meanwhile
	Over    bool            `json:"over"`
	Undoing bool            `json:"undoing"` // it is taken back, or was
}

// NewTaking is the body of taking reports out of a pile, and of putting them back.
type NewTaking struct {
	Issues []desk.IssueID `json:"issues"`
}

// Narrowed narrows an action on a pile to the reports like that of one issue of it.
type Narrowed struct {
	Like   desk.IssueID `json:"like,omitempty"`
	Server bool         `json:"server,omitempty"` // those of its server's registrable domain
	Alike  bool         `json:"alike,omitempty"`  // those that say the same
	// Object is such a report that is held back; without the two above it is meant alone.
	Object desk.ObjectID `json:"object,omitempty"`
	// SeenAt is when the pile was read, of spam: what came later, or has something newer, stays.
	SeenAt Time `json:"seen_at,omitzero"`
}

// PileStatus is the body of a silent change of status of a pile.
type PileStatus struct {
	Status desk.Status  `json:"status"`
	Reason desk.Reason  `json:"reason,omitempty"`
	Next   string       `json:"next,omitempty"`
	Like   desk.IssueID `json:"like,omitempty"` // as in Narrowed, and so the others below
	Server bool         `json:"server,omitempty"`
	Alike  bool         `json:"alike,omitempty"`

	Object desk.ObjectID `json:"object,omitempty"`
	SeenAt Time          `json:"seen_at,omitzero"`
}

// PileAssignee is the body of an assignment of a pile; "" is nobody.
type PileAssignee struct {
	Assignee desk.Email   `json:"assignee"`
	Like     desk.IssueID `json:"like,omitempty"` // as in Narrowed, and so the others below
	Server   bool         `json:"server,omitempty"`
	Alike    bool         `json:"alike,omitempty"`

	Object desk.ObjectID `json:"object,omitempty"`
}

// PileLink is the body of linking a pile to an incident.
type PileLink struct {
	Incident desk.IncidentID `json:"incident"`
	Like     desk.IssueID    `json:"like,omitempty"` // as in Narrowed, and so the others below
	Server   bool            `json:"server,omitempty"`
	Alike    bool            `json:"alike,omitempty"`

	Object desk.ObjectID `json:"object,omitempty"`
}

func pileOf(s desk.Site, v app.PileView) Pile {
	out := Pile{ID: v.ID, Desk: v.Desk, Held: v.Pile.Held(), Reports: each(v.Held, quarantinedOf), Others: v.Others, People: v.People, Servers: []PileServer{}, Further: v.Further, Languages: list(v.Spoken()),
		Since: Time{v.Since}, Last: Time{v.Last}, Words: list(v.Words), Incident: v.Incident,
		Read: each(v.Read, func(i app.IssueView) Issue { return issueOf(s, i) })}
	for _, h := range slices.SortedFunc(maps.Keys(v.Servers), func(a, b desk.Host) int {
		return cmp.Or(cmp.Compare(v.Servers[b], v.Servers[a]), cmp.Compare(a, b))
	}) {
		out.Servers = append(out.Servers, PileServer{h, v.Servers[h]})
	}
	if a := v.Act; a != nil {
		out.Act = &PileAct{Do: a.Do, Agent: a.Agent, At: Time{a.At}, Status: a.Change.To, Assign: a.Assignee, To: a.Incident,
			Server: a.Server, Done: a.Done, Skipped: a.Skipped, Over: a.Over, Undoing: a.Undoing}
	}
	return out
}

func (r *request) pile() desk.PileID { return desk.PileID(r.id()) }

func (h *handler) listPiles(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	of := desk.Handle(r.query("desk"))
	piles, next, err := h.app.Piles(r.Context(), of, page)
	if err == nil && next == "" && of == "" {
		var held []app.PileView
		held, err = h.app.HeldPiles(r.Context())
		piles = append(piles, held...)
	}
	return response{body: each(piles, func(v app.PileView) Pile { return pileOf(h.app.Site(), v) }), next: next}, err
}

func (h *handler) showPile(r *request) (response, error) { return h.pileNow(r, nil) }

// pileNow answers with the pile as it stands after a change.
func (h *handler) pileNow(r *request, err error) (response, error) {
	if err != nil {
		return response{}, err
	}
	v, err := h.app.ShowPile(r.Context(), r.pile())
	return response{body: pileOf(h.app.Site(), v)}, err
}

func (h *handler) takeFromPile(r *request) (response, error) {
	var in NewTaking
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	_, err := h.app.TakeFromPile(r.Context(), r.by, r.pile(), in.Issues)
	return h.pileNow(r, err)
}

func (h *handler) putBackInPile(r *request) (response, error) {
	var in NewTaking
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	_, err := h.app.PutBackInPile(r.Context(), r.by, r.pile(), in.Issues)
	return h.pileNow(r, err)
}

func (h *handler) actOnPile(r *request, n Narrowed, in app.PileInput) (response, error) {
	in.Pile, in.Like, in.Server, in.Alike, in.Object = r.pile(), n.Like, n.Server, n.Alike, n.Object
	r.by.SeenAt = n.SeenAt.Time
	_, err := h.app.ActOnPile(r.Context(), r.by, in)
	return h.pileNow(r, err)
}

func (h *handler) linkPile(r *request) (response, error) {
	var in PileLink
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return h.actOnPile(r, Narrowed{Like: in.Like, Server: in.Server, Alike: in.Alike, Object: in.Object}, app.PileInput{Do: desk.PileLink, Incident: in.Incident})
}

func (h *handler) assignPile(r *request) (response, error) {
	var in PileAssignee
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return h.actOnPile(r, Narrowed{Like: in.Like, Server: in.Server, Alike: in.Alike, Object: in.Object}, app.PileInput{Do: desk.PileAssign, Assignee: in.Assignee})
}

func (h *handler) setPileStatus(r *request) (response, error) {
	var in PileStatus
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return h.actOnPile(r, Narrowed{Like: in.Like, Server: in.Server, Alike: in.Alike, Object: in.Object, SeenAt: in.SeenAt}, app.PileInput{Do: desk.PileStatus, Change: desk.StatusChange{To: in.Status, Reason: in.Reason, Next: in.Next}})
}

func (h *handler) spamPile(r *request) (response, error) {
	var in Narrowed
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return h.actOnPile(r, in, app.PileInput{Do: desk.PileSpam})
}

func (h *handler) releasePile(r *request) (response, error) {
	var in Narrowed
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return h.actOnPile(r, in, app.PileInput{Do: desk.PileRelease})
}

func (h *handler) undoPile(r *request) (response, error) {
	_, err := h.app.UndoPile(r.Context(), r.by, r.pile())
	return h.pileNow(r, err)
}
