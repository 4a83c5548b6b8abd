package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type issueSeveral struct {
	Text     string   `arg:"" help:"The text; - reads standard input. {name} is what each reporter is called."`
	IDs      []string `arg:"" name:"id" help:"The issues' ids, or the ends of them."`
	Language string   `help:"The text's language, if not that of each reporter." placeholder:"TAG"`
	Status   string   `help:"The status that it sets (acknowledged, in_progress, waiting, fixed, closed)." enum:",acknowledged,in_progress,waiting,fixed,closed" default:"" placeholder:"STATUS"`
	Reason   string   `help:"With closed: the reason (not_ours, cannot, will_not, duplicate, no_answer, withdrawn, not_a_call)." enum:",not_ours,cannot,will_not,duplicate,no_answer,withdrawn,not_a_call" default:"" placeholder:"REASON"`
	Next     string   `help:"With not_ours: where to go instead." placeholder:"STEP"`
	Preview  bool     `help:"Show what each of them would get, and who would not; send nothing."`
	decidedOnList
	meant
}

func (issueSeveral) Help() string {
	return `Each reporter gets the reply in their own thread. Where it is refused, the others get it. The replies go out after ten seconds; of
those who were only heard by tags the first 20 get it then, and the rest five minutes later. Until then the act that is printed takes
them back with issue bulk-undo. More than 50 people with the same matter are an incident: earshot incident.

Examples:

	earshot issue bulk-reply "Hello {name}, we look into it. ^AB" 0192… 0193… --status in_progress --preview
	earshot issue bulk-reply - 0192… 0193… < answer.txt
`
}

func (i issueSeveral) Run(c *command) error {
	in := api.SeveralReply{Language: i.Language, Status: desk.Status(i.Status), Reason: desk.Reason(i.Reason), Next: i.Next, Meant: i.Meant}
	var err error
	if in.SeenAt, err = i.read(); err != nil {
		return err
	}
	if in.Text, err = c.text(i.Text); err != nil {
		return err
	}
	return c.with(func(s *session) error {
		for _, typed := range i.IDs {
			id, err := s.issueID(typed)
			if err != nil {
				return err
			}
			in.Issues = append(in.Issues, id)
		}
		if i.Preview {
			shown, err := s.PreviewSeveral(c.ctx, in)
			if err != nil {
				return err
			}
			return c.show(shown, func(w io.Writer) { printPreviews(w, shown) })
		}
		out, err := s.ReplyToSeveral(c.ctx, in)
		if err != nil {
			return err
		}
		s.queued()
		return c.show(out, func(w io.Writer) {
			printBulk(w, out)
			if len(out) > 0 && out[0].Act != "" {
				fmt.Fprintf(w, "What has not gone out is taken back with: earshot issue bulk-undo %s\n", out[0].Act)
			}
		})
	})
}

func printPreviews(w io.Writer, shown []api.SeveralPreview) {
	get := 0
	for _, p := range shown {
		if p.Error != "" {
			fmt.Fprintf(w, "%s: nothing: %s\n", short(p.Issue), p.Error)
			continue
		}
		get++
		for _, post := range p.Posts {
			later := ""
			if p.Later {
				later = ", a while later"
			}
			fmt.Fprintf(w, "%s (%s, %s%s):\n%s\n\n", short(p.Issue), post.Language, post.Visibility, later, post.Text)
		}
	}
	fmt.Fprintf(w, "%d of %d get it. Nothing is sent.\n", get, len(shown))
}
