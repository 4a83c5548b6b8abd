package console

import (
	"net/http"

	"earshot/internal/api"
	"earshot/internal/auth"
	"earshot/internal/desk"
)

// newcomer is the page to which one-time links lead.
type newcomer struct {
	Invitation *auth.Invitation // nil: the link is of no use
	Email      desk.Email
	Name       string
	Wrong      sentence
	// CanPasskeys: the instance's address can have them.
	CanPasskeys bool
}

// welcome shows what a link is for. The code moves from the address to a
// cookie first, so that it is in no history and no Referer.
func (c *Console) welcome(w http.ResponseWriter, r *http.Request) {
	if c.accounts.StoreCode(w, r) {
		return
	}
	c.invite(w, r, http.StatusOK, newcomer{})
}

func (c *Console) invite(w http.ResponseWriter, r *http.Request, status int, n newcomer) {
	in, err := c.accounts.Invitation(r.Context(), c.accounts.Code(r), c.accounts.Client(r))
	n.CanPasskeys = c.accounts.Passkeys()
	if err != nil {
		status, n.Wrong = api.ProblemOf(err).Status, mistakeIn(c.speaks(r), err)
	} else {
		n.Invitation = &in
		if n.Email == "" {
			n.Email = in.Email
		}
	}
	c.outside(w, r, status, "welcome", c.speaks(r).T("console_welcome.name"), n)
}

// settle uses the link up.
func (c *Console) settle(w http.ResponseWriter, r *http.Request) {
	v := c.visit(w, r)
	if err := v.readForm(); err != nil {
		c.invite(w, r, http.StatusBadRequest, newcomer{Wrong: mistakeIn(v.speech, err)})
		return
	}
	n := newcomer{Email: desk.EmailOf(v.PostFormValue("email")), Name: v.PostFormValue("name")}
	secret, _, err := c.accounts.Welcome(r.Context(), auth.Newcomer{Code: c.accounts.Code(r), Email: n.Email, Name: n.Name, Password: v.PostFormValue("password")}, c.accounts.Client(r))
	if err != nil {
		n.Wrong = mistakeIn(v.speech, err)
		c.invite(w, r, api.ProblemOf(err).Status, n)
		return
	}
	c.accounts.ClearCode(w)
	c.welcomeIn(w, r, secret, "")
}
