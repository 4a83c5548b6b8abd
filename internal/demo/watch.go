package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// welcome prints the addresses to open and the things to try.
func (s *stage) welcome() {
	handle := "@" + s.provider.Site.Acct(acme.Handle)
	fmt.Fprintf(s.o.Out, `
  The console   %s
                answer as one of the provider's agents: choose a name and a password, once
  The town      %s/    write a post as one of its people
  The harbour   %s/    a second town, which knows nobody of the first; the
                provider asks it for #%s once a minute
  The provider  %s/    what everybody sees; it is %s

  Try this:
    1. Open the console and the town side by side.
    2. In the town, post:    Nothing works since nine #%s #%s
       or mention the desk:  %s hello?
       It appears in the console by itself.
    3. Answer it there, and read the answer in the thread, in the town.

  From another terminal the same:
    %s --data %s issue list
    %s --data %s issue reply ID "Sorry to hear that. Which street?" --status waiting

  Ctrl-C ends the demo.

`, s.provider.Console, s.townURL, s.harbour, acme.Names[0], s.provider.Site.URL, handle, acme.Names[0], acme.Calls[0], handle, s.o.Command, s.data, s.o.Command, s.data)
}

// watch prints the posts that the desk hears until ctx ends.
func (s *stage) watch(ctx context.Context) {
	told := map[desk.IssueID]time.Time{}
	t := time.NewTicker(300 * time.Millisecond)
	defer t.Stop()
	for {
		issues, _, err := s.provider.App.ListIssues(ctx, app.ListInput{})
		if err == nil {
			s.tellNew(issues, told)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (s *stage) tellNew(issues []app.IssueView, told map[desk.IssueID]time.Time) {
	for _, v := range issues {
		i := v.Issue
		if told[i.ID].Equal(i.UpdatedAt) {
			continue
		}
		what := "changed: "
		if _, known := told[i.ID]; !known {
			what = "heard (" + i.Why + ", through " + strings.Join(v.Sources, ", ") + "): "
		}
		told[i.ID] = i.UpdatedAt
		answered := ""
		if i.NeedsUs {
			answered = ", answered"
		}
		fmt.Fprintf(s.o.Out, "%s  %sissue %s [%s%s] %s: %s\n", i.UpdatedAt.Local().Format("15:04:05"), what, i.ID, i.Status, answered, v.Reporter.Acct, i.Excerpt)
	}
}
