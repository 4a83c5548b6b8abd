package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/internal/alike"
	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/store"
)

// The crowd of the second story: people of several servers, in several languages, who
// tell of one outage within a minute, and a few who do not.
const (
	crowdTowns   = 8
	crowdPerTown = 5
	crowdSize    = crowdTowns * crowdPerTown
)

// tongue is how people of one language speak in the story.
type tongue struct {
	language string
	outage   []string // each person says one of them: a text of many accounts is likely spam
	better   string   // it works again
	update   string   // what the desk says of the cause, "" for the language of the desk
	over     string
}

func tongues() []tongue {
	return []tongue{
		{language: "en", better: "Works again, thanks!", outage: []string{
			"No internet in Ostviertel since nine, the router shows a red light.", "Is the internet gone for everybody in Ostviertel, or only here?",
			"Ostviertel again. Second time this month that the line is dead.", "My children cannot do their homework: no internet at Harbour Street, Ostviertel.",
			"Whole house offline, Ostviertel. We restarted everything twice.", "Card payments do not go through in our shop in Ostviertel, internet is down.",
			"Ostviertel, Linden Street: nothing loads since breakfast.", "Video call died and never came back. Are others in Ostviertel without internet?",
			"Red light on the box, no internet, Ostviertel, third floor.", "Dear all, Ostviertel has been without a connection for an hour."}},
		{language: "de", better: "Geht wieder, danke!", update: "Ein Bagger hat im Ostviertel ein Kabel getroffen. Wir verbinden es neu, bis etwa elf.",
			over: "Das Kabel im Ostviertel ist repariert. Geht es bei dir wieder?", outage: []string{
				"Kein Internet im Ostviertel seit neun, der Router leuchtet rot.", "Ist bei euch im Ostviertel auch alles tot?",
				"Homeoffice ade: Ostviertel ist offline.", "Ostviertel, Gerberplatz: Internet weg, Telefon auch.",
				"Seit dem Frühstück lädt hier im Ostviertel keine Seite mehr.", "Unsere Praxis im Ostviertel kommt nicht ins Netz, Internet fällt ständig aus.",
				"Rotes Licht am Kasten, Ostviertel, zweiter Stock, kein Internet.", "Zum dritten Mal diesen Monat Ausfall im Ostviertel.",
				"Im ganzen Haus kein Internet, Ostviertel, Lindenweg.", "Ostviertel: Neustart hilft nicht, Verbindung bleibt weg."}},
		{language: "fr", better: "Ça marche de nouveau, merci !", update: "Une pelleteuse a touché un câble à Ostviertel. Nous le réparons, jusque vers onze heures.",
			over: "Le câble à Ostviertel est réparé. Est-ce que ça marche de nouveau ?", outage: []string{
				"Plus d'internet à Ostviertel depuis neuf heures, lumière rouge sur le boîtier.", "Quelqu'un d'autre sans connexion à Ostviertel ce matin ?",
				"Ostviertel : la ligne est morte, encore une fois.", "Impossible de travailler, pas d'internet dans notre bureau d'Ostviertel.",
				"Tout l'immeuble est coupé, rue du Port, Ostviertel.", "Ma caisse ne fonctionne plus, internet en panne à Ostviertel.",
				"Ostviertel, troisième étage : aucune page ne se charge.", "On a redémarré trois fois, toujours rien à Ostviertel, internet mort.",
				"La visio s'est arrêtée d'un coup, Ostviertel.", "Bonjour, Ostviertel n'a plus de réseau depuis une heure."}},
		{language: "es", better: "Ya funciona, ¡gracias!", update: "Una excavadora ha tocado un cable en Ostviertel. Lo reparamos, hasta las once más o menos.",
			over: "El cable de Ostviertel está reparado. ¿Ya funciona?", outage: []string{
				"Sin internet en Ostviertel desde las nueve, la luz del aparato está roja.", "¿Alguien más sin conexión en Ostviertel?",
				"Otra vez Ostviertel: la línea está muerta.", "No puedo teletrabajar, internet caído en Ostviertel, calle del Puerto.",
				"Todo el edificio desconectado, Ostviertel, plaza mayor.", "El datáfono de la tienda no va: Ostviertel sin internet.",
				"Ostviertel, segundo piso, no carga ninguna página.", "Hemos reiniciado todo dos veces y nada, Ostviertel sigue sin internet.",
				"Se cortó la videollamada y no ha vuelto, Ostviertel.", "Buenos días, Ostviertel lleva una hora sin red."}},
	}
}

const (
	ownMatter  = "My invoice of March is wrong, who can look at it?"
	updateText = "A digger hit a cable in Ostviertel. We are splicing it, until about eleven."
	overText   = "The cable in Ostviertel is repaired. Does it work for you?"
	stillFails = "No, here it is still broken."
)

// voice is one of the crowd.
type voice struct {
	at     *town.Town
	name   string
	speaks tongue
	report desk.ObjectID
	issue  desk.IssueID
}

// crowdTale is the second story while it is being told.
type crowdTale struct {
	*tale
	voices   []*voice // of the outage
	other    *voice   // with a matter of their own
	spam     []*voice
	incident desk.IncidentID
}

// neighbours are the people of one of the towns.
func neighbours(n int) (out []town.Person) {
	for k := range crowdPerTown {
		speaks := tongues()[(n+k)%len(tongues())]
		out = append(out, town.Person{Username: fmt.Sprintf("n%d_%d", n+1, k+1), Name: fmt.Sprintf("Neighbour %d of town %d", k+1, n+1), Language: speaks.language})
	}
	return out
}

// crowd plays the story of a bad morning: forty people shout, and each reporter of the
// outage is told once, in their own thread and language.
func (s *stage) crowd(ctx context.Context) error {
	t := &crowdTale{tale: &tale{stage: s, ctx: ctx, began: time.Now()}}
	fmt.Fprintf(s.o.Out, "A bad morning: %d people on %d servers, and %s (the provider).\n\n", crowdSize, crowdTowns, s.provider.Site.URL)
	t.gather()
	t.finds()
	t.shout()
	t.hearsAll()
	t.suggests()
	t.tells("the cause", updateText, func(g tongue) string { return g.update }, 1, func(in app.TellInput) error {
		_, err := t.provider.App.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: t.incident, Status: desk.IncidentIdentified, Text: updateText, Now: true, Tell: &in})
		return err
	})
	t.tells("that it is over", overText, func(g tongue) string { return g.over }, 2, func(in app.TellInput) error {
		_, err := t.provider.App.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: t.incident, Text: overText, Now: true, Tell: &in,
			Surprised: "The map of cables was from last year.", Changed: "Diggers get the new map."})
		return err
	})
	t.answersAll()
	t.learned()
	if t.err != nil {
		fmt.Fprintf(s.o.Out, "\nNot as it should be: %v\n", t.err)
		return t.err
	}
	fmt.Fprintf(s.o.Out, "\nEvery step was seen on both sides, in %.1f seconds.\n", time.Since(t.began).Seconds())
	return nil
}

// gather chooses who says what.
func (t *crowdTale) gather() {
	for n, at := range t.neighbourhood {
		for k := range crowdPerTown {
			v := &voice{at: at, name: fmt.Sprintf("n%d_%d", n+1, k+1), speaks: tongues()[(n+k)%len(tongues())]}
			switch {
			case n == 0 && k == 0:
				t.other = v
			case n < 3 && n > 0 && k == 0:
				t.spam = append(t.spam, v)
			default:
				t.voices = append(t.voices, v)
			}
		}
	}
}

// strangers are the people that the spam mentions.
func (t *crowdTale) strangers() (handles []string) {
	for n := range 6 {
		handles = append(handles, fmt.Sprintf("@n%d_%d@%s", n+3, 2, strings.TrimPrefix(t.neighbourURLs[n+2], "http://")))
	}
	return handles
}

// finds lets each town find the accounts that its people will mention: a name that a
// server cannot find while it writes a post stays text, and tells nobody.
func (t *crowdTale) finds() {
	t.step("the desk is found", func() error {
		for n, at := range t.neighbourhood {
			handles := []string{"@" + t.provider.Site.Acct(acme.Handle)}
			if slices.ContainsFunc(t.spam, func(v *voice) bool { return v.at == at }) {
				handles = append(handles, t.strangers()...)
			}
			for _, handle := range handles {
				err := t.await(t.ctx, fmt.Sprintf("%s in town %d", handle, n+1), func() (bool, error) {
					_, err := at.Resolve(t.ctx, handle)
					return err == nil, nil
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// shout lets all of them post at once.
func (t *crowdTale) shout() {
	t.step("the posts", func() error {
		help := "@" + t.provider.Site.Acct(acme.Handle)
		errs := make(chan error, crowdSize)
		var posting sync.WaitGroup
		post := func(v *voice, text string) {
			posting.Go(func() {
				var err error
				v.report, err = v.at.Post(t.ctx, v.name, town.PostInput{Text: text})
				errs <- err
			})
		}
		said := map[string]int{}
		for _, v := range t.voices {
			post(v, help+" "+v.speaks.outage[said[v.speaks.language]%len(v.speaks.outage)])
			said[v.speaks.language]++
		}
		post(t.other, help+" "+ownMatter)
		for n, v := range t.spam {
			post(v, fmt.Sprintf("%s %s Win a telephone, only today: https://prizes%d.example/", help, strings.Join(t.strangers(), " "), n+1))
		}
		posting.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				return err
			}
		}
		t.tell(people(crowdSize), "post within %.0f seconds, %d of them about the internet in Ostviertel, in %d languages", time.Since(t.began).Seconds(), len(t.voices), len(tongues()))
		return nil
	})
}

// hearsAll waits until the desk has an issue of each but the spam, which is held back.
func (t *crowdTale) hearsAll() {
	t.step("the desk hears them", func() error {
		issues := map[desk.ObjectID]desk.IssueID{}
		held := 0
		err := t.awaitMany(t.ctx, fmt.Sprintf("%d issues, and %d posts held back", len(t.voices)+1, len(t.spam)), func() (int, bool, error) {
			all, _, err := t.provider.App.ListIssues(t.ctx, app.ListInput{Page: store.Page{Limit: 2 * crowdSize}})
			if err != nil {
				return 0, false, err
			}
			for _, v := range all {
				issues[v.Issue.Report] = v.Issue.ID
			}
			held, err = t.provider.App.QuarantineCount(t.ctx)
			return len(issues) + held, len(issues) == len(t.voices)+1 && held == len(t.spam), err
		})
		if err != nil {
			return fmt.Errorf("%w (%d issues, %d held back)", err, len(issues), held)
		}
		for _, v := range append(slices.Clone(t.voices), t.other) {
			if v.issue = issues[v.report]; v.issue == "" {
				return fmt.Errorf("the post of %s is no issue", v.name)
			}
		}
		piles, _, err := t.provider.App.Piles(t.ctx, acme.Handle, store.Page{})
		if err != nil {
			return err
		}
		t.tell("Acme's desk", "hears %d of them; %d that shout at strangers are held back; piles in the list: %d", len(issues), held, len(piles))
		return nil
	})
}

// suggests takes the suggestion of one cause, and opens an incident.
func (t *crowdTale) suggests() {
	t.step("the incident", func() error {
		crowds, err := t.provider.App.SuggestIncidents(t.ctx, acme.Handle)
		if err != nil {
			return err
		}
		if len(crowds) == 0 {
			return fmt.Errorf("no common cause is suggested")
		}
		c := crowds[0]
		if slices.Contains(c.Issues, t.other.issue) {
			return fmt.Errorf("the matter of %s is suggested too", t.other.name)
		}
		t.tell("Acme's desk", "sees a suggestion: %d people on %d servers since %s: %s", c.People, c.Servers, c.Since.Local().Format("15:04"), wordsOf(c))
		i, err := t.provider.App.OpenIncident(t.ctx, app.By{}, app.IncidentInput{Desk: acme.Handle, Title: "No internet in Ostviertel", Language: "en", Impact: desk.ImpactMajor, Publish: true, Now: true})
		if err != nil {
			return err
		}
		t.incident = i.ID
		var linked []desk.IssueID
		for _, v := range t.voices {
			linked = append(linked, v.issue)
		}
		missing := slices.DeleteFunc(slices.Clone(linked), func(i desk.IssueID) bool { return slices.Contains(c.Issues, i) })
		if _, err := t.provider.App.LinkVoices(t.ctx, app.By{}, i.ID, linked); err != nil {
			return err
		}
		t.tell("Acme's desk", "opens the incident, and links %d voices: %d of the suggestion, %d by hand", len(linked), len(linked)-len(missing), len(missing))
		return t.await(t.ctx, "the first post of the incident", func() (bool, error) {
			v, err := t.provider.App.ShowIncident(t.ctx, i.ID)
			return v.Root != nil && v.Root.Post.State == desk.PostPublished, err
		})
	})
}

func people(n int) string { return fmt.Sprintf("%d people", n) }

func wordsOf(c alike.Crowd) string {
	var out []string
	for _, w := range c.Words[:min(4, len(c.Words))] {
		out = append(out, w.Text)
	}
	return strings.Join(out, ", ")
}

// tells says one thing to every voice, and waits until each has it in their thread and
// language, with a notification: so many words of the desk, no more.
func (t *crowdTale) tells(what, text string, of func(tongue) string, words int, do func(app.TellInput) error) {
	t.step("telling "+what, func() error {
		in := app.TellInput{Versions: map[string]string{}}
		for _, g := range tongues() {
			if v := of(g); v != "" {
				in.Versions[g.language] = v
			}
		}
		if err := do(in); err != nil {
			return err
		}
		t.tell("Acme's desk", "says to all of them %s: “%s”", what, text)
		for _, v := range t.voices {
			want := of(v.speaks)
			if want == "" {
				want = text
			}
			var said []town.Message
			err := t.await(t.ctx, "the word in the thread of "+v.name, func() (bool, error) {
				said = t.said(v)
				return len(said) >= words && v.notified(said[len(said)-1].ID), nil
			})
			if err != nil {
				return err
			}
			if last := said[len(said)-1]; len(said) != words || !strings.Contains(last.Text, want) {
				return fmt.Errorf("the thread of %s has %d words of the desk, the last is %q", v.name, len(said), last.Text)
			}
		}
		t.tell(people(len(t.voices)), "have it once, each in their own thread and language, with a notification")
		return t.alone()
	})
}

// alone checks that nobody else was told.
func (t *crowdTale) alone() error {
	for _, v := range append(slices.Clone(t.spam), t.other) {
		if n := len(t.said(v)); n > 0 {
			return fmt.Errorf("%s was told %d times, and has nothing to do with it", v.name, n)
		}
	}
	return nil
}

// said are the desk's words in a voice's thread, in their order.
func (t *crowdTale) said(v *voice) []town.Message {
	return slices.DeleteFunc(v.at.Thread(v.name, v.report), func(m town.Message) bool {
		return m.Author != t.provider.Site.Desk(acme.Handle) || m.Deleted
	})
}

func (v *voice) notified(id desk.ObjectID) bool {
	return slices.ContainsFunc(v.at.Notifications(v.name), func(n town.Notification) bool { return n.Object == id })
}

// answersAll lets one say that it still fails, and the others that it works.
func (t *crowdTale) answersAll() {
	t.step("the answers", func() error {
		still := t.voices[len(t.voices)-1]
		said := map[*voice]desk.ObjectID{}
		for _, v := range t.voices {
			words := v.speaks.better
			if v == still {
				words = stillFails
			}
			desks := t.said(v)
			id, err := v.at.Post(t.ctx, v.name, town.PostInput{Text: "@" + t.provider.Site.Acct(acme.Handle) + " " + words, InReplyTo: desks[len(desks)-1].ID})
			if err != nil {
				return err
			}
			said[v] = id
		}
		t.tell(people(len(t.voices)-1), "answer that it works again, and one: “%s”", stillFails)
		resolved := 0
		for _, v := range t.voices {
			var shown app.IssueView
			err := t.await(t.ctx, "the answer of "+v.name, func() (ok bool, err error) {
				shown, err = t.provider.App.ShowIssue(t.ctx, v.issue)
				return slices.ContainsFunc(shown.Timeline, func(e app.Entry) bool { return e.Post != nil && e.Post.Object == said[v] }), err
			})
			if err != nil {
				return err
			}
			if v == still {
				if !shown.Issue.NeedsUs || shown.Issue.Incident == "" || !shown.Issue.Apart {
					return fmt.Errorf("the issue of %s is not back on the list: it is %s", v.name, shown.Issue.Status)
				}
				continue
			}
			if shown.Issue.Status == desk.StatusResolved {
				resolved++
				continue
			}
			_, err = t.provider.App.SetStatus(t.ctx, app.By{}, app.StatusInput{Issue: v.issue, Because: string(said[v]), Change: desk.StatusChange{To: desk.StatusResolved}})
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
		}
		t.tell("Acme's desk", "%d issues are resolved by their reporters' own words at once, %d by an agent who read them; the one where it still fails is back on the list", resolved, len(t.voices)-1-resolved)
		return nil
	})
}

// learned looks at what stays of the incident.
func (t *crowdTale) learned() {
	t.step("what was learned", func() error {
		v, err := t.provider.App.ShowIncident(t.ctx, t.incident)
		if err != nil {
			return err
		}
		if i := v.Incident; i.Status != desk.IncidentResolved || i.Surprised == "" || i.Changed == "" {
			return fmt.Errorf("the incident is %s, and was %q, %q", i.Status, i.Surprised, i.Changed)
		}
		t.tell("Acme's desk", "keeps what was learned: %s %s", v.Incident.Surprised, v.Incident.Changed)
		return t.alone()
	})
	t.step("the postmortem", func() error {
		reader := t.voices[0]
		help := t.provider.Site.Desk(acme.Handle)
		if err := reader.at.Follow(t.ctx, reader.name, help); err != nil {
			return err
		}
		if err := t.await(t.ctx, "a follower", func() (bool, error) { return reader.at.Following(reader.name, help), nil }); err != nil {
			return err
		}
		i, err := t.provider.App.Postmortem(t.ctx, app.By{}, app.PostmortemInput{Incident: t.incident, Now: true})
		if err != nil {
			return err
		}
		want := i.PostmortemText()
		if err := t.await(t.ctx, "the postmortem at a follower", func() (bool, error) {
			return slices.ContainsFunc(reader.at.Home(reader.name), func(m town.Message) bool { return m.Text == want }), nil
		}); err != nil {
			return err
		}
		v, err := t.provider.App.ShowIncident(t.ctx, t.incident)
		if err != nil {
			return err
		}
		if v.Incident.Status != desk.IncidentPostmortem {
			return fmt.Errorf("the incident is %s after its postmortem", v.Incident.Status)
		}
		lessons, err := t.provider.App.Lessons(t.ctx, acme.Handle, "No internet in Ostviertel again")
		if err != nil {
			return err
		}
		if len(lessons) != 1 {
			return fmt.Errorf("what was learned is found %d times when it is heard again", len(lessons))
		}
		t.tell("Acme's desk", "publishes what was learned with one press: a follower reads it; it is found when something like it is heard again")
		return t.alone()
	})
}
