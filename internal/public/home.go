package public

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

const (
	latestOnHome = 5  // broadcasts
	cardsOnHome  = 12 // desks shown at length; more are listed by name
)

// lately is how old the latest broadcast may be to count as news.
const lately = 24 * time.Hour

// homeData is the front page.
type homeData struct {
	Desks  []card
	Brief  bool // too many desks to show more than their names
	Sample card // the desk that the examples speak of
	Latest []item
	News   time.Time // when the latest broadcast was, zero if that was not lately
	Follow followData
}

// card is a desk, in short.
type card struct {
	Handle                    desk.Handle
	Name, Acct, Path, Summary string
	Names, Calls              []string
}

// Home shows the instance, its desks and their last posts.
func (p *Pages) Home(w http.ResponseWriter, r *http.Request) {
	if to, err := p.formerly(r); err != nil || to != "" {
		p.moved(w, r, to, err)
		return
	}
	var d homeData
	err := p.app.View(r.Context(), func(tx *app.Tx) error {
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		d = homeData{Brief: len(desks) > cardsOnHome, Sample: p.sample(desks), Follow: p.following(desks, "")}
		for _, k := range desks {
			d.Desks = append(d.Desks, p.deskCard(k))
			said, _, err := p.broadcasts(tx, k, "", latestOnHome, "")
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
		if len(d.Latest) > 0 && p.app.Now().Sub(d.Latest[0].At) < lately {
			d.News = d.Latest[0].At
		}
		v := p.voice(r)
		err = p.send(w, r, "home", frame{Title: v.T("home.title", "domain", p.site.HandleDomain), Canonical: p.site.URL + "/", Kind: "website",
			Description: v.T("home.description"), Forms: theirs, Data: d})
	}
	p.fail(w, r, err)
}

func (p *Pages) deskCard(d desk.Desk) card {
	return card{Handle: d.Handle, Name: d.Name, Acct: "@" + p.site.Acct(d.Handle), Path: "/@" + string(d.Handle),
		Summary: markup.Excerpt(d.Summary, 160), Names: d.Names[:min(len(d.Names), 4)], Calls: d.Calls[:min(len(d.Calls), 6)]}
}

// sample picks the desk for the examples: the first that answers to a name.
func (p *Pages) sample(desks []desk.Desk) (c card) {
	for n, d := range desks {
		if n == 0 || (len(c.Names) == 0 && len(d.Names) > 0) {
			c = p.deskCard(d)
		}
	}
	return c
}
