package console

import (
	"cmp"
	"net/http"
	"net/url"
	"path"
	"strings"

	"earshot/internal/api"
	"earshot/internal/auth"
)

// entrance is the page where one signs in.
type entrance struct {
	Email string
	To    string
	Wrong sentence
	Typed map[string]string // see carried
	// Provider is where one may sign in too, "" for nowhere.
	Provider string
}

func (c *Console) entrance(v *visit, status int, e entrance) {
	e.Provider = c.accounts.OpenIDName()
	c.outside(v.w, v.Request, status, "signin", v.speech.T("console_signin.name"), e)
}

// signIn shows the form; a page that was asked for is returned to.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	c.entrance(c.visit(w, r), http.StatusOK, entrance{To: inside(r.URL.Query().Get("to"))})
}

// enter signs in.
func (c *Console) enter(w http.ResponseWriter, r *http.Request) {
	v := c.visit(w, r)
	if err := v.readForm(); err != nil {
		c.entrance(v, http.StatusBadRequest, entrance{Wrong: mistakeIn(v.speech, err)})
		return
	}
	e := entrance{Email: v.PostFormValue("email"), To: inside(cmp.Or(v.PostFormValue("back"), v.PostFormValue("to"))), Typed: carried(v.PostForm)}
	secret, agent, err := c.accounts.SignIn(r.Context(), e.Email, v.PostFormValue("password"), c.accounts.Client(r))
	if err != nil {
		e.Wrong = mistakeIn(v.speech, err)
		c.entrance(v, api.ProblemOf(err).Status, e)
		return
	}
	if v.who.Agent, v.agent = agent, agent; e.Typed != nil {
		err := c.keep(v, v.PostFormValue("on"), draftOf(v))
		if err == nil {
			_, err = c.described(v)
		}
		if err != nil {
			c.log.Error("what was typed before signing in could not be kept", "agent", agent.Email, "err", err)
		}
	}
	c.welcomeIn(w, r, secret, e.To)
}

// welcomeIn sets the cookie and leads to the page that was asked for.
func (c *Console) welcomeIn(w http.ResponseWriter, r *http.Request, secret auth.Secret, to string) {
	c.accounts.SetCookie(w, secret)
	if to == "" {
		to = Root + "/"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// inside is an address within the console, "" for any other: nobody is led
// elsewhere from here (CWE-601).
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, Root+"/") || strings.TrimSuffix(path.Clean(u.Path), "/") != strings.TrimSuffix(u.Path, "/") || strings.Contains(u.Path, "\\") {
		return ""
	}
	return u.RequestURI()
}

// signOut signs out.
func (c *Console) signOut(v *visit) error {
	if err := c.accounts.SignOut(v.Context(), c.accounts.Session(v.Request)); err != nil {
		return err
	}
	c.accounts.ClearCookie(v.w)
	http.Redirect(v.w, v.Request, Root+"/sign-in", http.StatusSeeOther)
	return nil
}
