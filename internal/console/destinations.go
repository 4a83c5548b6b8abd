package console

import (
	"context"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// shownLast is how many of the last notifications of a destination are shown.
const shownLast = 20

// destinations is a page of destinations: the instance's webhooks, or an agent's own.
type destinations struct {
	c    *Console
	page string // below Root, and the name of the page
	mine bool
}

// destinationRow is a destination with what was sent to it last.
type destinationRow struct {
	store.Destination
	Sent []store.Notification
}

// destinationForm is the rest of the page: the form, and a secret that is shown once.
type destinationForm struct {
	At      string // where its forms are sent
	Mine    bool
	Kinds   []store.ChangeKind
	Reasons []desk.NoticeReason
	Secret  string
	Push    pushForm
	Mail    string // the agent's address, "" where this instance sends no mail
}

// workerPath is where the service worker is: beside the pages that it may open.
const workerPath = "/worker.js"

// pushForm is how a browser is turned on.
type pushForm struct{ Key, Worker, Script string }

// owner is whose destinations the page shows.
func (d destinations) owner(v *visit) desk.Email {
	if d.mine {
		return v.agent.Email
	}
	return ""
}

func (d destinations) show(v *visit) error {
	return d.showWith(v, destinationForm{})
}

func (d destinations) showWith(v *visit, form destinationForm) error {
	all, err := d.c.app.Destinations(v.Context(), d.owner(v))
	if err != nil {
		return err
	}
	rows := make([]destinationRow, len(all))
	for n, one := range all {
		rows[n].Destination = one
		if rows[n].Sent, _, err = d.c.app.Notifications(v.Context(), one.Agent, one.ID, store.Page{Limit: shownLast}); err != nil {
			return err
		}
	}
	if d.mine {
		key, err := d.c.app.PushKey()
		if err != nil {
			return err
		}
		if d.c.app.Mails() {
			form.Mail = string(v.agent.Email)
		}
		form.Push = pushForm{key, Root + workerPath, d.c.assets.Push}
	}
	form.At, form.Mine, form.Kinds, form.Reasons = Root+d.page, d.mine, store.ChangeKinds(), desk.NoticeReasons()
	return d.c.show(v, strings.TrimPrefix(d.page, "/"), sheet[destinationRow]{Rows: rows, More: form})
}

// add adds a destination. The answer to a new webhook shows its secret, once.
func (d destinations) add(v *visit) error {
	field := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	n := app.NewDestination{Form: desk.DestinationForm(field("form")), Name: field("name"), URL: field("url"), Token: field("token"),
		Keys: app.PushKeys{P256dh: field("p256dh"), Auth: field("auth")}, Words: field("words") != ""}
	if n.Form == desk.FormPush {
		n.Name = browserName(v.UserAgent())
	}
	for _, h := range strings.FieldsFunc(field("desks"), func(r rune) bool { return r == ' ' || r == ',' }) {
		n.Desks = append(n.Desks, desk.Handle(strings.TrimPrefix(h, "@")))
	}
	for _, k := range v.PostForm["kind"] {
		n.Kinds = append(n.Kinds, store.ChangeKind(k))
	}
	for _, r := range v.PostForm["reason"] {
		n.Reasons = append(n.Reasons, desk.NoticeReason(r))
	}
	if d.mine {
		n.Language = v.speech.Code
	}
	var err error
	var made app.MadeDestination
	if n.Quiet, err = desk.ParseQuietHours(field("quiet"), field("zone")); err == nil {
		made, err = d.c.app.AddDestination(v.Context(), v.by(), d.owner(v), n, v.agent.May(desk.ScopeAdmin))
	}
	if err != nil {
		return err
	}
	if made.Secret != "" {
		return d.showWith(v, destinationForm{Secret: made.Secret})
	}
	return v.done(d.page, "destination")
}

// act pauses, resumes, tests or removes a destination, or changes its secret.
func (d destinations) act(v *visit) error {
	id, a := desk.DestinationID(v.PostFormValue("destination")), d.c.app
	does := map[string]func(context.Context, app.By, desk.Email, desk.DestinationID) (store.Destination, error){
		"paused": a.PauseDestination, "resumed": a.ResumeDestination,
	}
	verb := v.PostFormValue("do")
	var err error
	switch f := does[verb]; {
	case f != nil:
		_, err = f(v.Context(), v.by(), d.owner(v), id)
	case verb == "rotated":
		made, err := a.RotateSecret(v.Context(), v.by(), d.owner(v), id)
		if err != nil {
			return err
		}
		return d.showWith(v, destinationForm{Secret: made.Secret})
	case verb == "tested":
		_, err = a.TestDestination(v.Context(), v.by(), d.owner(v), id)
	case verb == "redelivered":
		_, err = a.Redeliver(v.Context(), v.by(), d.owner(v), id, v.PostFormValue("notification"))
	case verb == "removed":
		err = a.RemoveDestination(v.Context(), v.by(), d.owner(v), id)
	default:
		err = desk.NotFound("page_not_found", "there is no page %s", v.URL.Path)
	}
	if err != nil {
		return err
	}
	return v.done(d.page, verb)
}

// browserName says in a few words what a browser says it is, "" where it says nothing
// that is known. The first match counts: most call themselves by several names.
func browserName(agent string) string {
	first := func(marks ...string) string {
		for n := 0; n < len(marks); n += 2 {
			if strings.Contains(agent, marks[n]) {
				return marks[n+1]
			}
		}
		return ""
	}
	name := first("Firefox/", "Firefox", "FxiOS/", "Firefox", "Edg", "Edge", "OPR/", "Opera", "SamsungBrowser/", "Samsung Internet", "Chrome/", "Chrome", "CriOS/", "Chrome", "Safari/", "Safari")
	system := first("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	if name != "" && system != "" {
		name += ", "
	}
	return name + system
}
