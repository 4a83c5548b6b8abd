package public

import (
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/desk"
)

// mailOffData is the page on which an agent turns mails off.
type mailOffData struct {
	Address, Domain string
	Done, Bad       bool
}

func (p *Pages) mailOffFrame(r *http.Request, d mailOffData) frame {
	d.Domain = string(p.site.HandleDomain)
	title := p.voice(r).T("mail.title", "domain", d.Domain)
	return frame{Title: title, Description: title, Canonical: p.site.URL, Kind: "website", NoIndex: true, Forms: here, Data: d}
}

// mailOffPath is the address that mails name: internal/notify writes it.
const mailOffPath = "/mail/off/{id}/{code}"

func mailLink(r *http.Request) (desk.DestinationID, string) {
	return desk.DestinationID(mux.Vars(r)["id"]), mux.Vars(r)["code"]
}

// mailOffForm asks whether the mails are to end: programs that only look at links must
// not end them.
func (p *Pages) mailOffForm(w http.ResponseWriter, r *http.Request) {
	id, code := mailLink(r)
	d, ok, err := p.app.MailOff(r.Context(), id, code)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if !ok {
		p.answer(w, r, http.StatusNotFound, "mail_off", p.mailOffFrame(r, mailOffData{Bad: true}))
		return
	}
	p.answer(w, r, http.StatusOK, "mail_off", p.mailOffFrame(r, mailOffData{Address: string(d.Agent), Done: d.Paused()}))
}

// mailOff ends the mails: for the button of that page, and for programs for mail, which
// send this without asking (RFC 8058).
func (p *Pages) mailOff(w http.ResponseWriter, r *http.Request) {
	id, code := mailLink(r)
	ok, err := p.app.TurnMailOff(r.Context(), id, code)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case !ok:
		p.answer(w, r, http.StatusNotFound, "mail_off", p.mailOffFrame(r, mailOffData{Bad: true}))
	default:
		p.answer(w, r, http.StatusOK, "mail_off", p.mailOffFrame(r, mailOffData{Done: true}))
	}
}
