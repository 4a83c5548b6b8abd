package main

import (
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type viewCmd struct {
	List   viewList   `cmd:"" help:"List saved views."`
	Add    viewAdd    `cmd:"" help:"Save a view."`
	Rename viewRename `cmd:"" help:"Give a saved view another name."`
	Remove viewRemove `cmd:"" help:"Remove a saved view."`
}

// viewsOf says whose views are meant: an agent's own, with --as, or a desk's.
type viewsOf struct {
	Shared string `help:"Those of this desk, which all agents see. Without it, those of the agent that --as names." placeholder:"DESK"`
}

func (o viewsOf) handle() (desk.Handle, error) {
	if o.Shared == "" {
		return "", nil
	}
	return handle(o.Shared)
}

type viewList struct{ viewsOf }

func (l viewList) Run(c *command) error {
	h, err := l.handle()
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		views, err := s.SavedViews(c.ctx, h)
		if err != nil {
			return err
		}
		return c.show(views, func(w io.Writer) { c.printViews(w, views...) })
	})
}

type viewAdd struct {
	viewsOf
	Name   string `arg:"" help:"A short name."`
	List   string `help:"The list: new, mine, mentioned, needs_us, open, waiting, snoozed, done or all." default:"all" placeholder:"LIST"`
	Desk   string `help:"Only issues of this desk." placeholder:"DESK"`
	Status string `help:"Only issues with this status." placeholder:"STATUS"`
	Search string `help:"Only issues that this search finds, in all lists: not with --list." placeholder:"WORDS"`
}

func (viewAdd) Help() string {
	return `In the console, saved views are beside the list of issues. An agent has at most 20, and a desk as many.

Examples:

	earshot view add "Bills" --shared help --search "#bill"
	earshot --as bo@acme.example view add "My router cases" --list mine
`
}

func (a viewAdd) Run(c *command) error {
	h, err := a.handle()
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.AddView(c.ctx, h, api.NewSavedView{Name: a.Name, List: a.List, Desk: desk.Handle(a.Desk), Status: desk.Status(a.Status), Search: a.Search})
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printViews(w, out) })
	})
}

type viewRename struct {
	viewsOf
	ID   string `arg:"" help:"The id, as view list shows it."`
	Name string `arg:"" help:"The other name."`
}

func (r viewRename) Run(c *command) error {
	h, err := r.handle()
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.RenameView(c.ctx, h, desk.SavedViewID(r.ID), r.Name)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { c.printViews(w, out) })
	})
}

type viewRemove struct {
	viewsOf
	ID string `arg:"" help:"The id, as view list shows it."`
}

func (r viewRemove) Run(c *command) error {
	h, err := r.handle()
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		if err := s.RemoveView(c.ctx, h, desk.SavedViewID(r.ID)); err != nil {
			return err
		}
		return c.done("The view is removed.")
	})
}

func (c *command) printViews(w io.Writer, views ...api.SavedView) {
	rows := make([][]string, len(views))
	for n, v := range views {
		rows[n] = []string{string(v.ID), v.Name, v.List, string(v.Desk), string(v.Status), v.Search}
	}
	c.table(w, "No view is saved.", []string{"ID", "NAME", "LIST", "DESK", "STATUS", "SEARCH"}, rows)
}
