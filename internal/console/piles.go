package console

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// pilesShown is how many piles a list shows: of one desk there are seldom more.
const pilesShown = 10

// pileLine is a pile in the list, and on its own page.
type pileLine struct {
	app.PileView
	Address string
	Hosts   int  // servers
	Over    bool // and there are more
	Ago     string
	Spoken  string
	Words   string
}

func pileAddress(p desk.PileID) string { return Root + "/piles/" + url.PathEscape(string(p)) }

func (c *Console) pileLine(v *visit, p app.PileView) pileLine {
	return pileLine{PileView: p, Address: pileAddress(p.ID), Hosts: len(p.Servers), Over: p.Further > 0,
		Ago: ago(v.speech, c.app.Now().Sub(p.Since)), Spoken: strings.Join(p.Spoken(), ", "), Words: strings.Join(p.Pile.Words, ", ")}
}

// pilesOf are the piles above a list that would have their reports.
func (c *Console) pilesOf(v *visit, q query) (out []pileLine, err error) {
	if !q.Piles() {
		return nil, nil
	}
	piles, _, err := c.app.Piles(v.Context(), q.Desk, store.Page{Limit: pilesShown})
	for _, p := range piles {
		out = append(out, c.pileLine(v, p))
	}
	return out, err
}

// pilePage is the page of a pile.
type pilePage struct {
	pileLine
	Lines  []line
	Back   []desk.Quarantined // of a pile of reports that are held back
	Older  string             // the address of the next page, "" at the end
	Key    string
	ReadAt string
	May    bool // it can be taken back what was done last
	List   string
	Wrong  sentence
}

// pile shows a pile and its reports.
func (c *Console) pile(v *visit) error { return c.showPile(v, http.StatusOK, sentence{}) }

func (c *Console) showPile(v *visit, status int, wrong sentence) error {
	now := c.app.Now() // before anything is read: what comes meanwhile was not seen
	p, err := c.app.ShowPile(v.Context(), v.pileID())
	if err != nil {
		return err
	}
	var list []app.IssueView
	var back []desk.Quarantined
	var next string
	if at := (store.Page{After: v.URL.Query().Get("after"), Limit: pageSize}); p.Pile.Held() != "" {
		back, next, err = c.app.Quarantine(v.Context(), store.QuarantineFilter{Flood: p.Pile.Held()}, at)
	} else {
		list, next, err = c.app.ListIssues(v.Context(), app.ListInput{IssueFilter: store.IssueFilter{Pile: p.ID}, Page: at})
	}
	if err != nil {
		return err
	}
	q := query{View: viewNew, Desk: p.Desk}
	page := pilePage{pileLine: c.pileLine(v, p), Key: id.New(), ReadAt: now.Format(timeOfList), List: q.List(), Wrong: wrong, Back: back}
	if p.Pile.Held() != "" {
		page.List = Root + "/quarantine"
	}
	page.May = p.Act != nil && p.Act.Undoable(p.Pile) && p.Act.Over && !p.Act.Undoing && p.Act.Agent == v.agent.Email && now.Sub(p.Act.At) < undoOffered
	if next != "" {
		page.Older = page.Address + "?" + url.Values{"after": {next}}.Encode()
	}
	for _, i := range list {
		page.Lines = append(page.Lines, line{IssueView: i, Address: q.Issue(i.Issue.ID), Waits: waits(v.speech, i.Issue, now), Updated: ago(v.speech, now.Sub(i.Issue.UpdatedAt))})
	}
	return c.send(v, status, "pile", frame{Title: v.speech.T("console_pile.name"), Said: v.saying(v.URL.Query().Get("said")), Data: page})
}

func (v *visit) pileID() desk.PileID { return desk.PileID(v.issueID()) }

// actOnPile does something with a pile as it stands, or with reports that are marked.
func (c *Console) actOnPile(v *visit) error {
	pile, do := v.pileID(), v.PostFormValue("do")
	var err error
	switch marked := issuesOf(v.PostForm); do {
	case "incident", "link":
		http.Redirect(v.w, v.Request, Root+leads[do]+"?"+meantIn(v.PostForm, pile).query().Encode(), http.StatusSeeOther)
		return nil
	case "link_more":
		_, err = c.app.ActOnPile(v.Context(), v.by(), app.PileInput{Pile: pile, Do: desk.PileLink, Incident: desk.IncidentID(v.PostFormValue("incident"))})
	case "take":
		_, err = c.app.TakeFromPile(v.Context(), v.by(), pile, marked)
	case "undo":
		_, err = c.app.UndoPile(v.Context(), v.by(), pile)
	case "spam_server", "spam_alike":
		if len(marked) != 1 {
			err = desk.Invalid("pile_mark_one", "mark one report: those like it are closed")
			break
		}
		_, err = c.app.ActOnPile(v.Context(), v.by(), app.PileInput{Pile: pile, Do: desk.PileSpam, Like: marked[0], Server: do == "spam_server", Alike: do == "spam_alike"})
	case "release":
		_, err = c.app.ActOnPile(v.Context(), v.by(), meantIn(v.PostForm, pile).input(app.PileInput{Do: desk.PileRelease}))
	default:
		change, ok := c.deed(v, do)
		in, fits := pileInput(change)
		if !ok || !fits {
			err = desk.Invalid("bulk_action_missing", "what shall be done to them?")
			break
		}
		_, err = c.app.ActOnPile(v.Context(), v.by(), meantIn(v.PostForm, pile).input(in))
	}
	switch desk.ErrorCode(err) {
	case "":
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeReused:
		return c.showPile(v, http.StatusUnprocessableEntity, mistakeIn(v.speech, err))
	default:
		return err
	}
	c.crowds.forget()
	http.Redirect(v.w, v.Request, pileAddress(pile)+"?said=pile", http.StatusSeeOther)
	return nil
}

// meant are the reports of a pile that are meant: all of it, or of one that is held back a report, by
// itself or with those like it.
type meant struct {
	Pile   desk.PileID
	Object desk.ObjectID
	With   string // "": all; or one, server, alike
}

func meantIn(form url.Values, p desk.PileID) meant {
	return meant{Pile: p, Object: desk.ObjectID(form.Get("object")), With: form.Get("with")}
}

// query names it in an address.
func (m meant) query() url.Values {
	out := url.Values{"pile": {string(m.Pile)}}
	if m.With != "" {
		out["object"], out["with"] = []string{string(m.Object)}, []string{m.With}
	}
	return out
}

// input is an action on it.
func (m meant) input(in app.PileInput) app.PileInput {
	if in.Pile = m.Pile; m.With != "" {
		in.Object, in.Server, in.Alike = cmp.Or(m.Object, "none"), m.With == "server", m.With == "alike"
	}
	return in
}

// some are the first held-back reports that are meant.
func (c *Console) some(v *visit, m meant) ([]desk.Quarantined, error) {
	p, err := c.app.ShowPile(v.Context(), m.Pile)
	if err != nil || m.With == "" {
		return p.Held, err
	}
	one, err := c.app.HeldBack(v.Context(), m.Object)
	return []desk.Quarantined{one}, err
}

// pileInput is a change of many issues as one of a pile. A pile cannot be snoozed or merged, and
// nobody has it yet.
func pileInput(in app.BulkInput) (app.PileInput, bool) {
	switch {
	case in.Spam:
		return app.PileInput{Do: desk.PileSpam}, true
	case in.Assignee != nil:
		return app.PileInput{Do: desk.PileAssign, Assignee: *in.Assignee}, *in.Assignee != ""
	}
	return app.PileInput{Do: desk.PileStatus, Change: in.Change}, in.Change.To != ""
}
