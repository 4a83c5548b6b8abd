package console

import (
	"encoding/json"
	"net/http"

	"earshot/internal/api"
	"earshot/internal/auth"
	"earshot/internal/desk"
)

// A passkey is made and used by the browser, so these answer its script and no
// form. Requests are JSON, which a form of another site cannot send.

// maxResponse is the largest answer of a browser, in bytes.
const maxResponse = 64 << 10

// question is the request to the browser.
type question struct {
	Secret  string          `json:"secret"`
	Options json.RawMessage `json:"options"`
}

// ceremony is the browser's answer.
type ceremony struct {
	Secret string          `json:"secret"`
	Name   string          `json:"name"`  // of a new passkey
	Email  desk.Email      `json:"email"` // of who comes by a link
	Answer json.RawMessage `json:"answer"`
}

// led names the page to which the browser goes then.
type led struct {
	To string `json:"to"`
}

func readCeremony(w http.ResponseWriter, r *http.Request) (in ceremony, err error) {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxResponse)).Decode(&in); err != nil {
		return in, desk.Invalid("passkey_unreadable", "the browser's answer could not be read")
	}
	return in, nil
}

// reply sends JSON, or the error.
func (c *Console) reply(w http.ResponseWriter, r *http.Request, body any, err error) {
	status := http.StatusOK
	if err != nil {
		p := api.ProblemOf(err)
		if status = p.Status; p.Code == desk.CodeInternal {
			c.log.Error("a passkey could not be handled", "path", r.URL.Path, "err", err)
		}
		p.Detail = mistakeIn(c.speaks(r), err).Words
		body = p
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func questionOf(c auth.Ceremony) question { return question{c.Secret.Reveal(), c.Options} }

func (c *Console) beginPasskeySignIn(w http.ResponseWriter, r *http.Request) {
	q, err := c.accounts.BeginPasskeySignIn(r.Context(), c.accounts.Client(r))
	c.reply(w, r, questionOf(q), err)
}

func (c *Console) passkeySignIn(w http.ResponseWriter, r *http.Request) {
	in, err := readCeremony(w, r)
	if err == nil {
		var session auth.Secret
		if session, _, err = c.accounts.FinishPasskeySignIn(r.Context(), auth.SecretOf(in.Secret), in.Answer, c.accounts.Client(r)); err == nil {
			c.accounts.SetCookie(w, session)
		}
	}
	c.reply(w, r, led{Root + "/"}, err)
}

func (c *Console) beginPasskeyWelcome(w http.ResponseWriter, r *http.Request) {
	in, err := readCeremony(w, r)
	var q auth.Ceremony
	if err == nil {
		q, err = c.accounts.BeginWelcomePasskey(r.Context(), auth.Newcomer{Code: c.accounts.Code(r), Email: in.Email, Name: in.Name}, c.accounts.Client(r))
	}
	c.reply(w, r, questionOf(q), err)
}

func (c *Console) passkeyWelcome(w http.ResponseWriter, r *http.Request) {
	in, err := readCeremony(w, r)
	if err == nil {
		var session auth.Secret
		session, _, err = c.accounts.FinishWelcomePasskey(r.Context(), auth.Newcomer{Code: c.accounts.Code(r)}, auth.SecretOf(in.Secret), "", in.Answer, c.accounts.Client(r))
		if err == nil {
			c.accounts.ClearCode(w)
			c.accounts.SetCookie(w, session)
		}
	}
	c.reply(w, r, led{Root + "/"}, err)
}

func (c *Console) beginPasskey(v *visit) error {
	q, err := c.accounts.BeginPasskey(v.Context(), v.who)
	c.reply(v.w, v.Request, questionOf(q), err)
	return nil
}

func (c *Console) addPasskey(v *visit) error {
	in, err := readCeremony(v.w, v.Request)
	if err == nil {
		err = c.accounts.FinishPasskey(v.Context(), v.who, auth.SecretOf(in.Secret), in.Name, in.Answer)
	}
	c.reply(v.w, v.Request, led{Root + "/you?said=saved"}, err)
	return nil
}
