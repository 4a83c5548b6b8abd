package main

import (
	"fmt"
	"io"
	"strings"

	"earshot/internal/api"
)

type incidentCmd struct {
	Suggest incidentSuggest `cmd:"" help:"Say which open issues of a desk may have one cause."`
}

type incidentSuggest struct {
	Desk string `arg:"" help:"The desk's handle."`
}

func (incidentSuggest) Help() string {
	return `It compares the reports of the last day: the words that different people use within an hour and did not use
before. It only suggests; nothing is changed and nobody is written to.

Example:

	earshot incident suggest help
`
}

func (i incidentSuggest) Run(c *command) error {
	h, err := handle(i.Desk)
	if err != nil {
		return err
	}
	return c.with(func(s *session) error {
		out, err := s.Suggestions(c.ctx, h)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) {
			if len(out) == 0 {
				fmt.Fprintln(w, "No reports of the last day look like one incident.")
			}
			for _, one := range out {
				fmt.Fprintf(w, "Maybe one incident: %s.\n", suggested(one))
				for _, id := range one.Issues[:min(len(one.Issues), 5)] {
					fmt.Fprintln(w, "  issue", short(id))
				}
				if more := len(one.Issues) - 5; more > 0 {
					fmt.Fprintf(w, "  and %d more; --json lists them\n", more)
				}
			}
		})
	})
}

// suggested says in a sentence why reports may be one incident.
func suggested(s api.Suggestion) string {
	var words []string
	for _, w := range append(s.Services, s.Words...) {
		words = append(words, clean(w.Text))
	}
	return fmt.Sprintf("%d people since %s: %s", s.People, when(s.Since), strings.Join(words, ", "))
}
