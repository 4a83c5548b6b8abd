package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// FullPerson is a reporter as agents see them.
type FullPerson struct {
	ID      desk.ActorID   `json:"id"`
	Acct    string         `json:"acct"`
	Name    string         `json:"name"`
	URL     string         `json:"url"`
	Bio     string         `json:"bio"` // plain text
	MovedTo desk.ActorID   `json:"moved_to"`
	Since   Time           `json:"since"`  // of their first issue
	Issues  []PersonsIssue `json:"issues"` // the newest ones
	More    bool           `json:"more"`   // there are older ones
	OptOut  *OptOut        `json:"optout"` // in force; null: none
	Block   *Block         `json:"block"`  // in force; null: none
	Remarks []Remark       `json:"remarks"`
}

// PersonsIssue is one of a person's issues.
type PersonsIssue struct {
	ID       desk.IssueID `json:"id"`
	Desk     desk.Handle  `json:"desk"`
	Status   desk.Status  `json:"status"`
	Excerpt  string       `json:"excerpt"`
	OpenedAt Time         `json:"opened_at"`
}

// Remark is what an agent noted about a person.
type Remark struct {
	ID    desk.RemarkID `json:"id"`
	Text  string        `json:"text"`
	Agent desk.Email    `json:"agent"`
	At    Time          `json:"at"`
}

// NewRemark is the body of a remark about a person.
type NewRemark struct {
	Actor desk.ActorID `json:"actor"`
	Text  string       `json:"text"`
}

func remarkOf(r desk.Remark) Remark {
	return Remark{ID: r.ID, Text: r.Text, Agent: r.Agent, At: Time{r.At}}
}

func fullPersonOf(p app.Person) FullPerson {
	a := p.Actor
	out := FullPerson{ID: a.ID, Acct: a.Acct, Name: a.Name, URL: a.URL, Bio: a.Bio, MovedTo: a.MovedTo, Since: Time{p.Since}, More: p.More,
		Issues: each(p.Issues, func(i desk.Issue) PersonsIssue {
			return PersonsIssue{ID: i.ID, Desk: i.Desk, Status: i.Status, Excerpt: i.Excerpt, OpenedAt: Time{i.OpenedAt}}
		}), Remarks: each(p.Remarks, remarkOf)}
	if p.OptOut != nil {
		out.OptOut = new(optOutOf(*p.OptOut))
	}
	if p.Block != nil {
		out.Block = new(blockOf(*p.Block))
	}
	return out
}

// showPerson takes the account as a parameter: it is an address with slashes.
func (h *handler) showPerson(r *request) (response, error) {
	p, err := h.app.Person(r.Context(), desk.ActorID(r.query("actor")))
	return response{body: fullPersonOf(p)}, err
}

func (h *handler) addRemark(r *request) (response, error) {
	var in NewRemark
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	n, err := h.app.AddRemark(r.Context(), r.by, desk.Remark{About: in.Actor, Text: in.Text})
	return response{body: remarkOf(n)}, err
}

func (h *handler) removeRemark(r *request) (response, error) {
	return response{}, h.app.RemoveRemark(r.Context(), r.by, desk.ActorID(r.query("actor")), desk.RemarkID(mux.Vars(r.Request)["remark"]))
}

// Person shows a person.
func (c *Client) Person(ctx context.Context, who desk.ActorID) (out FullPerson, err error) {
	_, err = c.call(ctx, http.MethodGet, "/people", url.Values{"actor": {string(who)}}, nil, &out)
	return out, err
}

// AddRemark notes something about a person.
func (c *Client) AddRemark(ctx context.Context, in NewRemark) (out Remark, err error) {
	return out, c.write(ctx, http.MethodPost, "/people/remarks", in, &out)
}

// RemoveRemark removes a remark about a person.
func (c *Client) RemoveRemark(ctx context.Context, about desk.ActorID, id desk.RemarkID) error {
	_, err := c.call(ctx, http.MethodDelete, "/people/remarks/"+segment(id), url.Values{"actor": {string(about)}}, nil, nil)
	return err
}
