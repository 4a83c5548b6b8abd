package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
)

const (
	// crowdsFresh is how long the crowds that were found are not looked for again,
	// and crowdsShown how long the list of issues shows them.
	crowdsFresh, crowdsShown = 20 * time.Second, 2 * time.Minute
	maxSuggestions           = 3 // on one page
	crowdRead                = 3 // reports of a crowd that are shown
	crowdWords               = 5
)

// crowds are those that were found lately, by desk. A list of issues shows what was found
// here, and never waits: a request of its own looks for them, and at most one a desk.
type crowds struct {
	mu  sync.Mutex
	of  map[desk.Handle]found
	age int // counts what was forgotten
}

type found struct {
	crowds []alike.Crowd
	at     time.Time // zero: never
	busy   bool      // a request looks for them
}

// lately returns the known crowds of a desk.
func (s *crowds) lately(h desk.Handle, now time.Time) []alike.Crowd {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.of[h]; now.Sub(f.at) < crowdsShown {
		return f.crowds
	}
	return nil
}

// forget makes the next request look again: an agent has decided about a crowd.
func (s *crowds) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of = nil
	s.age++
}

// look returns the known crowds of a desk if it is fresh or being looked for, and looks
// otherwise.
func (s *crowds) look(h desk.Handle, now time.Time, suggest func() ([]alike.Crowd, error)) ([]alike.Crowd, error) {
	s.mu.Lock()
	f, age := s.of[h], s.age
	if f.busy || now.Sub(f.at) < crowdsFresh {
		s.mu.Unlock()
		return f.crowds, nil
	}
	if s.of == nil {
		s.of = map[desk.Handle]found{}
	}
	f.busy = true
	s.of[h] = f
	s.mu.Unlock()

	done := found{} // as it stands if suggest fails or panics
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.age == age {
			s.of[h] = done
		}
	}()
	got, err := suggest()
	if err == nil {
		done = found{crowds: got, at: now}
	}
	return got, err
}

// suggestion is a crowd as the pages show it.
type suggestion struct {
	Desk   desk.Handle
	First  desk.IssueID // one of its issues, which names it
	People int
	Since  time.Time
	Words  string
	Read   []candidate
	New    string // the address of the form of a new incident
	Link   string // and that of choosing one
}

// suggesting is the page of the suggestions.
type suggesting struct {
	Suggestions []suggestion
	Alerts      []incidentLine
	Query       query
}

// Suggestions is the address of the suggestions for the list.
func (q query) Suggestions() string {
	q.said = ""
	return Root + "/incidents/suggestions?" + q.encode()
}

// foundLately are the crowds that the list of issues shows.
func (c *Console) foundLately(v *visit, desks []desk.Desk, only desk.Handle) (out []suggestion, err error) {
	for _, d := range desks {
		if only == "" || d.Handle == only {
			more, err := c.suggestionsOf(v, d.Handle, c.crowds.lately(d.Handle, c.app.Now()))
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	return out[:min(len(out), maxSuggestions)], nil
}

// suggestions looks for crowds, and shows them.
func (c *Console) suggestions(v *visit) error {
	q := queryOf(v.URL.Query())
	only := q.Desk
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	for _, d := range desks {
		if only == "" || d.Handle == only {
			if _, err := c.look(v.Context(), d.Handle); err != nil {
				return err
			}
		}
	}
	p := suggesting{Query: q}
	if p.Suggestions, err = c.foundLately(v, desks, only); err != nil {
		return err
	}
	if p.Alerts, err = c.alerting(v, only); err != nil {
		return err
	}
	return c.send(v, http.StatusOK, "suggestions", frame{Title: v.speech.T("console_suggestion.name"), Data: p})
}

func (c *Console) look(ctx context.Context, h desk.Handle) ([]alike.Crowd, error) {
	return c.crowds.look(h, c.app.Now(), func() ([]alike.Crowd, error) { return c.app.SuggestIncidents(ctx, h) })
}

func (c *Console) suggestionsOf(v *visit, h desk.Handle, crowds []alike.Crowd) (out []suggestion, err error) {
	for _, crowd := range crowds[:min(len(crowds), maxSuggestions)] {
		s := suggestion{Desk: h, First: crowd.Issues[0], People: crowd.People, Since: crowd.Since, Words: wordsOf(crowd)}
		at := url.Values{"desk": {string(h)}, "crowd": {string(s.First)}}.Encode()
		s.New, s.Link = Root+"/incidents/new?"+at, Root+"/incidents/choose?"+at
		last := max(0, len(crowd.Issues)-crowdRead) // the newest say most
		if s.Read, err = c.candidates(v, crowd.Issues[last:], nil); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// wordsOf are what the people of a crowd say, in their own words.
func wordsOf(crowd alike.Crowd) string {
	var words []string
	for _, w := range slices.Concat(crowd.Services, crowd.Words) {
		if len(words) < crowdWords && !slices.Contains(words, w.Text) {
			words = append(words, w.Text)
		}
	}
	return strings.Join(words, ", ")
}

// crowdWith finds the crowd of which an issue is one.
func (c *Console) crowdWith(v *visit, h desk.Handle, issue desk.IssueID) (alike.Crowd, error) {
	for _, find := range []func() ([]alike.Crowd, error){
		func() ([]alike.Crowd, error) { return c.crowds.lately(h, c.app.Now()), nil },
		func() ([]alike.Crowd, error) { return c.app.SuggestIncidents(v.Context(), h) },
	} {
		crowds, err := find()
		if err != nil {
			return alike.Crowd{}, err
		}
		for _, crowd := range crowds {
			if slices.Contains(crowd.Issues, issue) {
				return crowd, nil
			}
		}
	}
	return alike.Crowd{}, desk.NotFound("suggestion_gone", "these reports are no longer suggested: they were linked or closed meanwhile, or a colleague said no")
}

// dismissSuggestion says that a crowd is no incident.
func (c *Console) dismissSuggestion(v *visit) error {
	of := desk.Handle(v.PostFormValue("crowd_of"))
	crowd, err := c.crowdWith(v, of, desk.IssueID(v.PostFormValue("crowd")))
	if err == nil {
		err = c.app.DismissSuggestion(v.Context(), v.by(), of, crowd.Issues)
	}
	if err != nil && desk.ErrorCode(err) != desk.CodeNotFound {
		return err
	}
	c.crowds.forget()
	q := queryOf(v.PostForm)
	q.said = "suggestion_no"
	http.Redirect(v.w, v.Request, q.List(), http.StatusSeeOther)
	return nil
}
