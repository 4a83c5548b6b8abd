package console

import (
	"net/http"

	"earshot/internal/desk"
)

// savedLink is a saved view beside the list.
type savedLink struct {
	desk.SavedView
	Address string
	Current bool
	Count   string
	Changes bool // this agent may rename and remove it
}

// Key names it among the counts.
func (s savedLink) Key() view { return savedKey(s.SavedView) }

func savedKey(s desk.SavedView) view { return view("saved-" + string(s.ID)) }

// queryOfSaved is the list that a saved view is.
func queryOfSaved(s desk.SavedView) query {
	return query{View: view(s.List), Desk: s.At, Status: s.Status, Search: s.Search}
}

// Saves says whether the list can be saved: a saved view has no days and no pages.
func (q query) Saves() bool { return q.Since == "" && q.Until == "" }

// saved lists the views that an agent sees beside a list.
func saved(v *visit, q query, n counts) (out []savedLink) {
	here := query{View: q.View, Desk: q.Desk, Status: q.Status, Search: q.Search}
	for _, s := range n.saved {
		at := queryOfSaved(s)
		same := at == here || at.Search != "" && at.Search == here.Search && at.Desk == here.Desk && at.Status == here.Status
		out = append(out, savedLink{s, at.List(), same && q.Saves(), n.Views[savedKey(s)], s.Owner.Desk() == "" || v.agent.May(desk.ScopePublish)})
	}
	return out
}

// saveView saves the list that the form carries.
func (c *Console) saveView(v *visit) error {
	q := queryOf(v.PostForm)
	s := desk.SavedView{Owner: v.viewOwner(), Name: v.PostFormValue("name"), List: string(q.View), At: q.Desk, Status: q.Status, Search: q.Search}
	if s.Search != "" {
		s.List = string(viewAll) // it finds in all lists
	}
	if err := v.mayChange(s.Owner); err != nil {
		return err
	}
	if _, err := c.app.AddView(v.Context(), v.by(), s); err != nil {
		return err
	}
	return v.toList("view_saved")
}

// changeView renames or removes a saved view.
func (c *Console) changeView(v *visit) error {
	of, id := v.viewOwner(), desk.SavedViewID(v.PostFormValue("id"))
	if err := v.mayChange(of); err != nil {
		return err
	}
	if v.PostFormValue("do") == "remove" {
		if err := c.app.RemoveView(v.Context(), v.by(), of, id); err != nil {
			return err
		}
		return v.toList("removed")
	}
	if _, err := c.app.RenameView(v.Context(), v.by(), of, id, v.PostFormValue("name")); err != nil {
		return err
	}
	return v.toList("saved")
}

// NewName is the name that is offered for the list, as far as a name may go.
func (d *desktop) NewName() string {
	name := []rune(d.Query.Search)
	return string(name[:min(len(name), desk.MaxViewName)])
}

// viewOwner is whose view a form is about: the named desk's, else the agent's own.
func (v *visit) viewOwner() desk.ViewOwner {
	if h := v.PostFormValue("for"); h != "" {
		return desk.ViewsOfDesk(desk.Handle(h))
	}
	return desk.ViewsOfAgent(v.agent.Email)
}

// mayChange: the views of a desk are changed by those who publish.
func (v *visit) mayChange(of desk.ViewOwner) error {
	if of.Desk() != "" && !v.agent.May(desk.ScopePublish) {
		return desk.Forbidden("role_too_weak", "your role is %q, and this needs the right %q: ask an admin", v.agent.Role, desk.ScopePublish)
	}
	return nil
}

// toList leads back to the list that a form carries.
func (v *visit) toList(said string) error {
	q := queryOf(v.PostForm)
	q.said = said
	http.Redirect(v.w, v.Request, q.List(), http.StatusSeeOther)
	return nil
}
