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
	// From the incidents:
	State         state
	Open, Planned []told
	Services      []component
	MoreServices  int
	History       []day
	Past          []told    // of those days
	News          time.Time // when the latest broadcast was, zero if that was not lately
	Follow        followData
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
	now := p.app.Now()
	err := p.app.View(r.Context(), func(tx *app.Tx) error {
		k, err := p.incidents(tx, now.AddDate(0, 0, -daysOfHistory))
		if err != nil {
			return err
		}
		desks := k.Desks
		d = homeData{Brief: len(desks) > cardsOnHome, Sample: p.sample(desks), Follow: p.following(desks, "")}
		d.stand(k, now)
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
		if len(d.Latest) > 0 && now.Sub(d.Latest[0].At) < lately {
			d.News = d.Latest[0].At
		}
		v := p.voice(r)
		err = p.send(w, r, "home", frame{Title: v.T("home.title", "domain", p.site.HandleDomain), Canonical: p.site.URL + "/", Kind: "website",
			Description: v.T("home.description"), Forms: theirs, Data: d})
	}
	p.fail(w, r, err)
}

// stand says how things are.
func (d *homeData) stand(k known, now time.Time) {
	d.State, d.History = k.state(), k.history(now)
	d.Open, d.Planned = k.split()
	d.Open, d.Planned = d.Open[:min(len(d.Open), incidentsOnHome)], d.Planned[:min(len(d.Planned), incidentsOnHome)]
	d.Services, d.MoreServices = k.services(servicesAtMost)
	for _, i := range k.Past {
		if len(d.Past) < incidentsOnHome && i.ClosedAt.After(d.History[0].At) {
			d.Past = append(d.Past, i)
		}
	}
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
