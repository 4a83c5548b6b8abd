package console

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// staff are those who work here, by e-mail address.
type staff struct {
	all    []desk.Agent
	byMail map[desk.Email]desk.Agent
}

func (c *Console) staff(ctx context.Context) (staff, error) {
	s := staff{byMail: map[desk.Email]desk.Agent{}}
	for a, err := range store.EachOf(c.app.Agents, ctx) {
		if err != nil {
			return s, err
		}
		s.byMail[a.Email] = a
		s.all = append(s.all, a)
	}
	return s, nil
}

// name returns an agent's name, or the given text if it is no agent's address.
func (s staff) name(email desk.Email) string {
	if a, ok := s.byMail[email]; ok {
		return a.Name
	}
	return string(email)
}

// active returns the agents who can get an issue.
func (s staff) active() (out []desk.Agent) {
	for _, a := range s.all {
		if a.Active() {
			out = append(out, a)
		}
	}
	return out
}
