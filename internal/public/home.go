package public

import (
	"cmp"
	"net/http"
	"slices"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

const (
	latestOnHome = 5  // broadcasts
	cardsOnHome  = 12 // desks shown at length; more are listed by name
)

// homeData is the front page.
type homeData struct {
	Desks  []card
	Brief  bool // too many desks to show more than their names
	Sample card // the desk that the examples speak of
	Latest []item
}

// card is a desk, in short.
type card struct {
	Name, Acct, Path, Summary string
	Names, Calls              []string
}

// Home shows what the instance is, its desks and what they said last.
func (p *Pages) Home(w http.ResponseWriter, r *http.Request) {
	var d homeData
	err := p.app.View(r.Context(), func(tx *app.Tx) error {
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		d = homeData{Brief: len(desks) > cardsOnHome, Sample: p.sample(desks)}
		for _, k := range desks {
			d.Desks = append(d.Desks, p.card(k))
			said, _, err := p.broadcasts(tx, k, "", latestOnHome)
			if err != nil {
				return err
			}
			d.Latest = append(d.Latest, said...)
		}
		return nil
	})
	if err == nil {
		slices.SortStableFunc(d.Latest, func(a, b item) int { return cmp.Compare(b.At.UnixMicro(), a.At.UnixMicro()) })
		d.Latest = d.Latest[:min(len(d.Latest), latestOnHome)]
		err = p.send(w, r, "home", frame{Title: "Earshot on " + string(p.site.HandleDomain), Canonical: p.site.URL + "/", Kind: "website",
			Description: "Say in public what is broken, from any fediverse account. The desk listens and answers in your own thread.", Data: d})
	}
	p.fail(w, r, err)
}

func (p *Pages) card(d desk.Desk) card {
	return card{Name: d.Name, Acct: "@" + p.site.Acct(d.Handle), Path: "/@" + string(d.Handle),
		Summary: markup.Excerpt(d.Summary, 160), Names: d.Names[:min(len(d.Names), 4)], Calls: d.Calls[:min(len(d.Calls), 6)]}
}

// sample picks the desk for the examples: the first that answers to a name.
func (p *Pages) sample(desks []desk.Desk) (c card) {
	for n, d := range desks {
		if n == 0 || (len(c.Names) == 0 && len(d.Names) > 0) {
			c = p.card(d)
		}
	}
	return c
}
