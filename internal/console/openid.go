package console

import (
	"net/http"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// toProvider leads to the provider of identities.
func (c *Console) toProvider(w http.ResponseWriter, r *http.Request) {
	to := inside(r.URL.Query().Get("to"))
	address, err := c.accounts.BeginOpenID(r.Context(), w, to, c.accounts.Client(r))
	if err != nil {
		c.notIdentified(w, r, to, err)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// fromProvider signs in who comes back from it.
func (c *Console) fromProvider(w http.ResponseWriter, r *http.Request) {
	secret, to, err := c.accounts.FinishOpenID(r.Context(), w, r)
	if err != nil {
		c.notIdentified(w, r, inside(to), err)
		return
	}
	c.welcomeIn(w, r, secret, inside(to))
}

// notIdentified shows the sign-in page again, with the reason.
func (c *Console) notIdentified(w http.ResponseWriter, r *http.Request, to string, err error) {
	v := c.visit(w, r)
	if desk.ErrorID(err) == "" {
		c.log.Error("signing in at the provider failed", "err", err)
	}
	c.entrance(v, api.ProblemOf(err).Status, entrance{To: to, Wrong: mistakeIn(v.speech, err)})
}
