package main

import (
	"fmt"
	"io"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type pileCmd struct {
	List    pileList    `cmd:"" help:"List the piles in which reports stand, newest first."`
	Show    pileShow    `cmd:"" help:"Show a pile and its reports."`
	Take    pileTake    `cmd:"" help:"Take reports out of a pile: they stand in the list by themselves."`
	Link    pileLink    `cmd:"" help:"Link all reports of a pile to an incident."`
	Assign  pileAssign  `cmd:"" help:"Assign all reports of a pile to an agent."`
	Close   pileClose   `cmd:"" help:"Close all reports of a pile, silently."`
	Spam    pileSpam    `cmd:"" help:"Close reports of a pile as spam, silently; drop those that are held back."`
	Release pileRelease `cmd:"" help:"Release reports of a pile that are held back."`
	Undo    pileUndo    `cmd:"" help:"Take back what was done last with a pile."`
}

func (pileCmd) Help() string {
	return `When more reports come than a desk can look at, new ones stand in piles: those that are alike in one, all others together.
Reports that are held back stand in piles too, one for each reason. They are released or dropped; link, assign and close release them first.
An action on a pile changes every report that stands in it at that moment. Later ones stay.

Examples:

	earshot pile list
	earshot pile show 0192…
	earshot pile link 0192… 77b1e3d2
	earshot pile close 0192… --reason cannot
	earshot pile release held-copies --object https://m.example/notes/1 --server
	earshot pile link held-copies 77b1e3d2 --object https://m.example/notes/1 --alike
`
}

type pileList struct {
	Desk  string `help:"Only piles of this desk." placeholder:"HANDLE"`
	Limit int    `help:"At most this many." default:"50" placeholder:"N"`
}

// Validate implements kong's Validatable.
func (l pileList) Validate() error {
	if l.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return nil
}

func (l pileList) Run(c *command) error {
	return c.with(func(s *session) error {
		piles, err := s.Piles(c.ctx, desk.Handle(l.Desk), l.Limit)
		if err != nil {
			return err
		}
		return c.show(piles, func(w io.Writer) {
			rows := make([][]string, len(piles))
			for n, p := range piles {
				rows[n] = []string{string(p.ID), fmt.Sprint(p.People), serversOf(p), strings.Join(p.Languages, " "), when(p.Since), wordsOf(p)}
			}
			c.table(w, "No reports stand in piles.", []string{"ID", "PEOPLE", "SERVERS", "LANGUAGES", "SINCE", "WORDS"}, rows)
			c.more(len(piles), l.Limit)
		})
	})
}

func serversOf(p api.Pile) string {
	if p.Further > 0 {
		return fmt.Sprintf("over %d", len(p.Servers))
	}
	return fmt.Sprint(len(p.Servers))
}

func wordsOf(p api.Pile) string {
	switch {
	case p.Held != "":
		return "(held back: " + p.Held.Words() + ")"
	case p.Others:
		return "(others)"
	}
	return cell(strings.Join(p.Words, ", "))
}

// ofPile names a pile.
type ofPile struct {
	ID string `arg:"" help:"The pile's id, as pile list shows it."`
}

type pileShow struct {
	ofPile
	Limit int `help:"At most this many reports." default:"50" placeholder:"N"`
}

// Validate implements kong's Validatable.
func (p pileShow) Validate() error {
	if p.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return nil
}

func (p pileShow) Run(c *command) error {
	return c.with(func(s *session) error {
		id := desk.PileID(p.ID)
		one, err := s.Pile(c.ctx, id)
		if err != nil {
			return err
		}
		if one.Held != "" {
			return showHeld(c, s, one, p.Limit)
		}
		issues, err := s.Issues(c.ctx, api.IssueQuery{Pile: id, Limit: p.Limit})
		if err != nil {
			return err
		}
		return c.show(struct {
			api.Pile
			Issues []api.Issue `json:"issues"`
		}{one, issues}, func(w io.Writer) {
			tellPile(w, one)
			rows := make([][]string, len(issues))
			for n, i := range issues {
				rows[n] = []string{short(i.ID), i.Reporter.Acct, cell(desk.Said(i.Excerpt))}
			}
			c.table(w, "No report stands in it any more.", []string{"ISSUE", "REPORTER", "REPORT"}, rows)
			c.more(len(issues), p.Limit)
		})
	})
}

// showHeld shows a pile of reports that are held back.
func showHeld(c *command, s *session, p api.Pile, limit int) error {
	reports, err := s.Quarantine(c.ctx, "", "", p.ID, limit)
	if err != nil {
		return err
	}
	p.Reports = reports
	return c.show(p, func(w io.Writer) {
		tellPile(w, p)
		rows := make([][]string, len(reports))
		for n, q := range reports {
			rows[n] = []string{q.Author.Acct, cell(desk.Said(q.Excerpt)), string(q.Object)}
		}
		c.table(w, "No report stands in it any more.", []string{"AUTHOR", "POST", "ID"}, rows)
		c.more(len(reports), limit)
	})
}

// tellPile says in a sentence how a pile stands, and how far the last action on it is.
func tellPile(w io.Writer, p api.Pile) {
	fmt.Fprintf(w, "Pile %s: %d people on %s servers since %s: %s\n", p.ID, p.People, serversOf(p), when(p.Since), wordsOf(p))
	if a := p.Act; a != nil {
		what, how := string(a.Do), "done"
		if a.Undoing {
			what += ", taken back"
		}
		if !a.Over {
			how = "done until now; more follow"
		}
		fmt.Fprintf(w, "Last: %s, %d reports %s.\n", what, a.Done, how)
		if a.Skipped > 0 {
			fmt.Fprintf(w, "%d had changed meanwhile and were left as they are.\n", a.Skipped)
		}
	}
}

// change does something with the pile, and shows how it stands then.
func (p ofPile) change(c *command, what string, in any) error {
	return c.with(func(s *session) error { return pileChanged(c, s, p.ID, what, in) })
}

func pileChanged(c *command, s *session, pile, what string, in any) error {
	out, err := s.ChangePile(c.ctx, desk.PileID(pile), what, in)
	if err != nil {
		return err
	}
	s.queued()
	return c.show(out, func(w io.Writer) { tellPile(w, out) })
}

type pileTake struct {
	ofPile
	Issues []string `arg:"" help:"The issues: their ids, or the ends of them."`
	Back   bool     `help:"Put them back."`
}

func (p pileTake) Run(c *command) error {
	return c.with(func(s *session) error {
		var in api.NewTaking
		for _, typed := range p.Issues {
			id, err := s.issueID(typed)
			if err != nil {
				return err
			}
			in.Issues = append(in.Issues, id)
		}
		what := "take"
		if p.Back {
			what = "take/undo"
		}
		return pileChanged(c, s, p.ID, what, in)
	})
}

// ofHeld narrows an act on a pile that is held back.
type ofHeld struct {
	Object string `help:"Only this report of a pile that is held back." placeholder:"ID"`
	Server bool   `help:"With --object: those of its server."`
	Alike  bool   `help:"With --object: those that say the same."`
}

// Validate implements kong's Validatable.
func (o ofHeld) Validate() error {
	if o.Object == "" && (o.Server || o.Alike) {
		return usage("--server and --alike go with --object")
	}
	return nil
}

type pileLink struct {
	ofPile
	Incident string `arg:"" help:"The incident's id."`
	ofHeld
}

func (p pileLink) Run(c *command) error {
	return linkPile(c, p.ID, p.Incident, p.ofHeld)
}

func linkPile(c *command, pile, incident string, of ofHeld) error {
	return c.with(func(s *session) error {
		id, err := s.incidentID(incident)
		if err != nil {
			return err
		}
		return pileChanged(c, s, pile, "link", api.PileLink{Incident: id, Object: desk.ObjectID(of.Object), Server: of.Server, Alike: of.Alike})
	})
}

type pileAssign struct {
	ofPile
	Agent string `arg:"" optional:"" help:"The agent's e-mail address; nobody, if left out." placeholder:"EMAIL"`
	ofHeld
}

func (p pileAssign) Run(c *command) error {
	return p.change(c, "assign", api.PileAssignee{Assignee: desk.EmailOf(p.Agent), Object: desk.ObjectID(p.Object), Server: p.Server, Alike: p.Alike})
}

type pileClose struct {
	ofPile
	Reason string `help:"Why: not_ours, cannot, will_not, duplicate, no_answer or not_a_call." required:"" placeholder:"REASON"`
	Next   string `help:"Where to turn to instead, with not_ours." placeholder:"TEXT"`
	ofHeld
	decidedOnList
}

func (p pileClose) Run(c *command) error {
	at, err := p.read()
	if err != nil {
		return err
	}
	return p.change(c, "status", api.PileStatus{Status: desk.StatusClosed, Reason: desk.Reason(p.Reason), Next: p.Next, Object: desk.ObjectID(p.Object), Server: p.Server, Alike: p.Alike, SeenAt: at})
}

type pileSpam struct {
	ofPile
	Like   string `help:"Only reports like that of this issue of the pile." placeholder:"ISSUE"`
	Object string `help:"Only this report of a pile that is held back." placeholder:"ID"`
	Server bool   `help:"With --like or --object: those of its server."`
	Alike  bool   `help:"With --like or --object: those that say the same."`
	decidedOnList
}

// Validate implements kong's Validatable.
func (p pileSpam) Validate() error {
	switch narrows := p.Server || p.Alike; {
	case p.Like != "" && p.Object != "":
		return usage("--like is of an issue, --object of a report that is held back")
	case p.Object == "" && (p.Like != "") != narrows:
		return usage("--like goes with --server or --alike")
	}
	return nil
}

func (p pileSpam) Run(c *command) error {
	at, err := p.read()
	if err != nil {
		return err
	}
	in := api.Narrowed{Server: p.Server, Alike: p.Alike, Object: desk.ObjectID(p.Object), SeenAt: at}
	if p.Like == "" {
		return p.change(c, "spam", in)
	}
	return c.with(func(s *session) (err error) {
		if in.Like, err = s.issueID(p.Like); err != nil {
			return err
		}
		return pileChanged(c, s, p.ID, "spam", in)
	})
}

type pileRelease struct {
	ofPile
	Object string `help:"Only this report." placeholder:"ID"`
	Server bool   `help:"With --object: those of its server, which is trusted from then on."`
	Alike  bool   `help:"With --object: those that say the same."`
}

// Validate implements kong's Validatable.
func (p pileRelease) Validate() error {
	if p.Object == "" && (p.Server || p.Alike) {
		return usage("--server and --alike go with --object")
	}
	return nil
}

func (p pileRelease) Run(c *command) error {
	return p.change(c, "release", api.Narrowed{Object: desk.ObjectID(p.Object), Server: p.Server, Alike: p.Alike})
}

type pileUndo struct{ ofPile }

func (p pileUndo) Run(c *command) error { return p.change(c, "undo", nil) }
