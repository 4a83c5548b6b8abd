package public

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func TestLanguages(t *testing.T) {
	p := newPlace(t)
	b := p.broadcast("help", "All is well")
	i := p.report(nil)
	r := p.reply(i, app.ReplyInput{Text: "Since when?"})
	now := p.clock.Now()
	p.incident(app.IncidentInput{Desk: "help", Title: "New switch", From: now.Add(time.Hour), Until: now.Add(2 * time.Hour), Publish: true})
	over := p.incident(app.IncidentInput{Desk: "help", Title: "No mail", Publish: true})
	p.saysOf(over.ID, desk.IncidentResolved, "Over.")
	open := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Services: []string{"Internet"}, NextUpdate: now.Add(time.Hour), Publish: true})
	paths := []string{"/", "/incidents", incidentPath(open), incidentPath(over), "/@help", postPath(b), postPath(r), issuePathOf(i), "/follow", "/listening", "/is-it-you", "/is-it-you?q=@help@acme.example", "/stop"}
	for _, l := range p.pages.speech.Languages() {
		for _, path := range paths {
			w := p.get(path, "Accept-Language", l.Code+", tlh;q=0.3")
			page := w.Body.String()
			wellFormed(t, page)
			wants(t, page, `<html lang="`+l.Code+`">`, `lang="`+l.Code+`" aria-current="true"`)
			if w.Header().Get("Content-Language") != l.Code || w.Header().Get("Vary") != "Accept, Accept-Language" {
				t.Errorf("%s in %s: %v", path, l.Code, w.Header())
			}
			lacks(t, page, "{domain}", "{name}", "{when}", "{acct}", "{post}", "{n}", "{title}", "{from}", "{until}", "{atom}", "%!", "?lang="+l.Code+"#")
			wants(t, page, `<li><a href="/stop">`)
			if len(page) > 50_000 {
				t.Errorf("%s in %s has %d bytes", path, l.Code, len(page))
			}
			// Chosen by hand, the language stays in the links.
			glue := "?"
			if strings.Contains(path, "?") {
				glue = "&"
			}
			chosen := p.get(path+glue+"lang="+l.Code, "Accept-Language", "ja").Body.String()
			wants(t, chosen, `<html lang="`+l.Code+`">`, `href="/listening?lang=`+l.Code+`"`, `href="/?lang=`+l.Code+`#shout"`)
		}
		if got := p.get("/nothing?lang=" + l.Code); got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), `<html lang="`+l.Code+`">`) {
			t.Errorf("the error page in %s", l.Code)
		}
	}
	wants(t, p.page("/@help?lang=fr"), `action="/follow?lang=fr"`, `hreflang="de" href="https://social.acme.example/@help?lang=de"`, `rel="canonical" href="https://social.acme.example/@help"`)
	wants(t, p.page("/is-it-you?q=x&lang=fr"), `<input type="hidden" name="lang" value="fr">`, `href="/is-it-you?lang=es&amp;q=x"`)
}

func TestTheStateIsOneSentence(t *testing.T) {
	p := newPlace(t)
	wants(t, p.page("/"), "All quiet: nothing was announced in the last 24 hours.")
	p.broadcast("help", "Sector 7 is down")
	wants(t, p.page("/"), `Something was announced in the last 24 hours, most recently on <time datetime="2026-03-01T12:01:00Z">1 March 2026, 12:01 UTC</time>.`)
	p.clock.Advance(lately)
	wants(t, p.page("/"), "All quiet")
}
