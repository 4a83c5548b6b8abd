package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type postCmd struct {
	Edit    postEdit    `cmd:"" help:"Change the text of a reply or broadcast on every server that has it."`
	Retract postRetract `cmd:"" help:"Delete a reply or broadcast on every server that has it."`
	Waiting postWaiting `cmd:"" help:"List the replies that wait for a colleague of their agent."`
	Release postRelease `cmd:"" help:"Release a reply that waits: it goes out after the take-back time."`
	Return  postReturn  `cmd:"" help:"Send a reply that waits back to its agent, with a word."`
}

type postEdit struct {
	ID   string   `arg:"" help:"The post's id; issue show and broadcast list show it."`
	Text string   `arg:"" help:"The new text; - reads standard input."`
	Keep []string `help:"A picture that it has and keeps, by its id (issue show names it); repeat it for each. Without --keep, --file and --no-files it keeps all." placeholder:"ID"`
	None bool     `name:"no-files" help:"Take all its pictures away."`
	Seen string   `help:"The newest entry of its issue you have seen (issue show prints it), or the version of a broadcast (broadcast list prints it): refused if there is something newer." placeholder:"ENTRY"`
	meant
	pictured
}

func (postEdit) Help() string {
	return `Of the descriptions the first are those of the pictures that it keeps, then come those of the new ones.

Examples:

	earshot post edit 0192… "Which light is red?"
	earshot post edit 0192… "Which light is red?" --keep 7hdow… --alt "The box from the front."
`
}

// refiles says whether the post is to have other pictures than it has.
func (p postEdit) refiles() bool { return len(p.Keep) > 0 || len(p.File) > 0 || p.None }

// files are those that the post is to have, with the added ones; nil: those that it has.
func (p postEdit) files(added []api.NewFile) *[]api.NewFile {
	if !p.refiles() {
		return nil
	}
	out := []api.NewFile{}
	for _, id := range p.Keep {
		out = append(out, api.NewFile{ID: desk.FileID(id)})
	}
	out = append(out, added...)
	for n := range out {
		out[n].Alt = p.Alt[n]
	}
	return &out
}

func (p postEdit) Run(c *command) error {
	text, err := c.text(p.Text)
	if err != nil {
		return err
	}
	if p.refiles() && len(p.Alt) != len(p.Keep)+len(p.File) {
		return usage("say what each picture shows: one --alt for each --keep, then one for each --file; --alt \"\" says nothing")
	}
	return c.with(func(s *session) error {
		var out api.Post
		err := p.sent(c, s, func(added []api.NewFile) (err error) {
			out, err = s.Seeing(desk.EventID(p.Seen)).EditPost(c.ctx, desk.PostID(p.ID), api.NewEdit{Text: text, Meant: p.Meant, Files: p.files(added)})
			return err
		})
		if err != nil {
			return err
		}
		if out.State == desk.PostPublished {
			s.queued()
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Changed. Servers that have the old text get an update.") })
	})
}

type postWaiting struct{}

func (postWaiting) Run(c *command) error {
	return c.with(func(s *session) error {
		list, err := s.Unchecked(c.ctx)
		if err != nil {
			return err
		}
		return c.show(list, func(w io.Writer) {
			rows := make([][]string, len(list))
			for n, p := range list {
				rows[n] = []string{string(p.ID), string(p.Issue), string(p.Agent), when(p.WrittenAt), p.Text}
			}
			c.table(w, "No reply waits for a colleague.", []string{"ID", "ISSUE", "AGENT", "WRITTEN", "TEXT"}, rows)
		})
	})
}

type postRelease struct {
	ID   string `arg:"" help:"The reply's id; post waiting shows it."`
	Seen string `help:"The newest entry of its issue you have seen (issue show prints it): refused if there is something newer." placeholder:"ENTRY"`
}

func (p postRelease) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.Seeing(desk.EventID(p.Seen)).ReleaseReply(c.ctx, desk.PostID(p.ID))
		if err != nil {
			return err
		}
		s.queued()
		return c.show(out, func(w io.Writer) {
			fmt.Fprintf(w, "Released. It goes out %s; `earshot issue undo %s` undoes it.\n", when(out.DueAt), out.ID)
		})
	})
}

type postReturn struct {
	ID   string `arg:"" help:"The reply's id; post waiting shows it."`
	Text string `arg:"" help:"The word to them, which becomes a comment; - reads standard input."`
}

func (p postReturn) Run(c *command) error {
	text, err := c.text(p.Text)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.ReturnReply(c.ctx, desk.PostID(p.ID), text)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintf(w, "Sent back to %s, who has the words in their form.\n", out.Agent) })
	})
}

type postRetract struct {
	ID   string `arg:"" help:"The post's id; issue show and broadcast list show it."`
	Seen string `help:"The newest entry of its issue you have seen (issue show prints it), or the version of a broadcast (broadcast list prints it): refused if a colleague changed its words since." placeholder:"ENTRY"`
}

func (p postRetract) Run(c *command) error {
	return c.with(func(s *session) error {
		out, err := s.Seeing(desk.EventID(p.Seen)).RetractPost(c.ctx, desk.PostID(p.ID))
		if err != nil {
			return err
		}
		if out.State == desk.PostPublished {
			s.queued()
		}
		return c.show(out, func(w io.Writer) { fmt.Fprintln(w, "Deleted here. Servers that have it are asked to delete it too.") })
	})
}
