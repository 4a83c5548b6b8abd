package console

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"golang.org/x/net/html"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// refusal is an input that a form refuses.
type refusal struct {
	form url.Values
	// typed are the fields of which the page has the values still; those of a button or a
	// list have none.
	typed []string
	// secret are the fields of which the page has no values.
	secret []string
	file   string // the name of the field with a file, "" for none
	gone   bool   // the form is about something that has gone, so it is on no page
}

// noForms are the routes that no form of free input is sent to, with the reason.
var noForms = map[string]string{
	"/sign-in/passkey/begin": "JSON for the browser's script",
	"/sign-in/passkey":       "JSON for the browser's script",
	"/welcome/passkey/begin": "JSON for the browser's script",
	"/welcome/passkey":       "JSON for the browser's script",
	"/you/passkeys/begin":    "JSON for the browser's script",
	"/you/passkeys":          "JSON for the browser's script",
	"/issues/{id}/presence":  "sent by the script alone, which shows nothing",
	"/issues/{id}/page":      "shows another page of the thread and takes the words along; nothing is done that could be refused",
	"/issues/{id}/seen":      "a button that marks it as read",
	"/incidents/{id}/words":  "fills the empty composer; nothing is done that could be refused",
	"/incidents/suggestions": "a suggestion that has gone is put away already",
	"/sources/suggestions":   "a button; what a server refuses stands beside it",
	"/setup/away":            "a button; first steps that are put away can be put away again",
	"/drafts/discard":        "a button; a draft that has gone is gone",
	"/sign-out":              "a button that always works",
	"/you/sessions/end":      "a button beside a session; tested with the same button at /people/{email}",
	"/you/tokens/end":        "a button beside a token; tested with the same button at /people/{email}",
	"/quarantine/release":    "a button beside a report; what has gone is released or dropped",
	"/quarantine/drop":       "a button beside a report; what has gone is released or dropped",
}

// formRows are, by route, inputs that are refused.
func formRows(issue string) map[string]refusal {
	long := func(n int) string { return strings.Repeat("lang ", n/5+1) }
	gone := url.Values{"post": {"none"}}
	button := func(form url.Values) refusal { return refusal{form: form, gone: true} }
	return map[string]refusal{
		"/sign-in":                           {form: url.Values{"email": {"who@acme.example"}, "password": {"a secret of hers"}}, typed: []string{"email"}, secret: []string{"password"}},
		"/welcome":                           {form: url.Values{"password": {"a short1"}}, secret: []string{"password"}},
		"/issues/{id}/say":                   {form: url.Values{"to": {"public"}, "text": {"Send us your password"}}, typed: []string{"text"}},
		"/issues/{id}/preview":               {form: url.Values{"to": {"public"}, "text": {long(11_000)}}, typed: []string{"text"}},
		"/issues/{id}/phrase":                {form: url.Values{"phrase": {"none"}, "on": {app.DraftOnIssue(desk.IssueID(issue))}, "text": {"Half a sentence"}}, typed: []string{"text"}},
		"/issues/{id}/remarks":               {form: url.Values{"remark": {long(500)}}, typed: []string{"remark"}},
		"/issues/{id}/remarks/remove":        button(url.Values{"id": {"none"}}),
		"/issues/{id}/status":                {form: url.Values{"status": {"closed"}, "reason": {""}, "next": {"Ask the town hall"}}, typed: []string{"next"}},
		"/issues/{id}/assign":                {form: url.Values{"assignee": {"nobody@acme.example"}}},
		"/issues/{id}/snooze":                {form: url.Values{"day": {"2020-01-01"}}, typed: []string{"day"}},
		"/issues/{id}/wake":                  button(nil),
		"/issues/{id}/undo":                  button(gone),
		"/issues/{id}/undo-change":           button(url.Values{"kind": {"status"}, "entry": {"none"}}),
		"/issues/{id}/split":                 button(gone),
		"/issues/{id}/merge":                 {form: url.Values{"other": {issue}}, gone: true},
		"/issues/{id}/move":                  {form: url.Values{"to_desk": {"none"}}},
		"/issues/{id}/link":                  {form: url.Values{"other": {issue}}, gone: true},
		"/several":                           {form: url.Values{"do": {"nonsense"}, "issue": {issue}}, typed: []string{"issue"}},
		"/several/reply":                     {form: url.Values{"do": {"send"}, "shown": {issue}, "issue": {issue}, "text": {"Send us your password"}, "next": {"Ask there"}}, typed: []string{"text", "next"}},
		"/several/phrase":                    {form: url.Values{"shown": {issue}, "issue": {issue}, "phrase": {"none"}, "on": {app.DraftOnSeveral}, "text": {"Half a sentence"}}, typed: []string{"text"}},
		"/several/undo":                      button(url.Values{"act": {"none"}}),
		"/views":                             {form: url.Values{"name": {long(40)}, "view": {"open"}}, typed: []string{"name"}},
		"/views/change":                      {form: url.Values{"id": {"none"}, "name": {"Another name"}}, gone: true},
		"/files":                             {form: url.Values{"on": {app.DraftOnIssue(desk.IssueID(issue))}, "text": {"See the picture"}}, typed: []string{"text"}},
		"/files/remove":                      {form: url.Values{"on": {app.DraftOnIssue(desk.IssueID(issue))}, "text": {"See the picture"}, "remove": {"none"}}, typed: []string{"text"}},
		"/drafts":                            {form: url.Values{"on": {app.DraftOnIssue(desk.IssueID(issue))}, "text": {long(60_000)}}, typed: []string{"text"}},
		"/posts/edit":                        {form: url.Values{"post": {"none"}, "issue": {issue}, "text": {"Other words"}}, gone: true},
		"/posts/retract":                     button(gone),
		"/posts/release":                     button(gone),
		"/posts/return":                      {form: url.Values{"post": {"none"}, "issue": {issue}, "word": {"Be kind"}}, gone: true},
		"/piles/{id}":                        {form: url.Values{"do": {"spam_alike"}}},
		"/incidents/new":                     {form: url.Values{"desk": {"help"}, "text": {"We see it"}, "services": {"Internet"}}, typed: []string{"text", "services"}},
		"/incidents/choose":                  {form: url.Values{"issue": {issue}, "incident": {"none"}}},
		"/incidents/{id}/say":                {form: url.Values{"status": {"identified"}, "text": {"Send us your password"}}, typed: []string{"text"}},
		"/incidents/{id}/publish":            {form: url.Values{"seen": {"1000"}}},
		"/incidents/{id}/discard":            {form: url.Values{"seen": {"1000"}}},
		"/incidents/{id}/undo":               button(gone),
		"/incidents/{id}/edit":               {form: url.Values{"title": {""}, "text": {"We see it"}, "impact": {"minor"}}, typed: []string{"text"}},
		"/incidents/{id}/tell":               {form: url.Values{"seen": {"1000"}}, gone: true},
		"/incidents/{id}/hold":               {form: url.Values{"seen": {"1000"}}, gone: true},
		"/incidents/{id}/retry":              button(nil),
		"/incidents/{id}/learned":            {form: url.Values{"surprised": {long(5000)}}, gone: true},
		"/incidents/{id}/postmortem":         {form: nil, gone: true},
		"/incidents/{id}/link":               {form: url.Values{"issue": {"none"}}, gone: true},
		"/incidents/{id}/unlink":             {form: url.Values{"issue": {"none"}}, gone: true},
		"/phrases":                           {form: url.Values{"desk": {"help"}, "name": {""}, "language": {"de"}, "text": {"Good day"}}, typed: []string{"text", "language"}},
		"/phrases/remove":                    button(url.Values{"desk": {"help"}, "phrase": {"none"}}),
		"/broadcasts":                        {form: url.Values{"desk": {"help"}, "text": {"Send us your password"}, "warning": {"Outage"}}, typed: []string{"text", "warning"}},
		"/broadcasts/preview":                {form: url.Values{"desk": {"help"}, "text": {" "}, "warning": {"Outage"}}, typed: []string{"warning"}},
		"/broadcasts/undo":                   button(gone),
		"/notify":                            {form: url.Values{"form": {"ntfy"}, "name": {"My phone"}, "url": {"ftp://phone.example"}, "token": {"tk_secret"}, "quiet": {"22:00-07:00"}}, typed: []string{"name", "url", "quiet"}, secret: []string{"token"}},
		"/notify/act":                        button(url.Values{"destination": {"none"}, "do": {"paused"}}),
		"/you/language":                      {form: url.Values{"language": {"tlh"}}},
		"/you/zone":                          {form: url.Values{"zone": {"Middle/Earth"}}, typed: []string{"zone"}},
		"/you/password":                      {form: url.Values{"old": {"the old secret"}, "password": {"the new secret"}}, secret: []string{"old", "password"}},
		"/you/credentials/remove":            button(url.Values{"credential": {"none"}}),
		"/you/tokens":                        {form: url.Values{"name": {long(100)}, "scope": {"read"}, "lasts": {"year"}}, typed: []string{"name", "scope", "lasts"}},
		"/desks":                             {form: url.Values{"handle": {"Not a handle!"}, "name": {"Bills"}, "summary": {"About\r\nbills"}, "names": {"#acme"}}, typed: []string{"handle", "name", "summary", "names"}},
		"/desks/edit":                        {form: url.Values{"handle": {"help"}, "name": {long(100)}, "summary": {"Asks & answers"}, "names": {"#acme #akme"}}, typed: []string{"name", "summary", "names"}},
		"/desks/face":                        {form: url.Values{"handle": {"help"}, "colour": {"yellow"}, "link_name": {"Home", "Work"}, "link_url": {"https://a.example/", "https://b.example/"}}, typed: []string{"colour", "link_name", "link_url"}},
		"/desks/links":                       button(url.Values{"handle": {"none"}}),
		"/desks/picture":                     {form: url.Values{"handle": {"help"}, "role": {"icon"}}, file: "picture"},
		"/desks/picture/remove":              button(url.Values{"handle": {"none"}, "role": {"icon"}}),
		"/desks/alias":                       {form: url.Values{"handle": {"help"}, "address": {"https://other.example/x"}}, typed: []string{"address"}},
		"/desks/rota":                        {form: url.Values{"handle": {"help"}, "agents": {"bo@acme.example"}, "minutes": {"2000"}}, typed: []string{"agents", "minutes"}},
		"/desks/unalias":                     button(url.Values{"handle": {"help"}, "address": {"https://acme.example/none"}}),
		"/desks/keys":                        button(url.Values{"handle": {"none"}}),
		"/sources":                           {form: url.Values{"kind": {"misskey"}, "url": {"https://m.example"}, "tag": {"#acme #akme"}, "token": {"tk_secret"}}, typed: []string{"url", "tag", "kind"}, secret: []string{"token"}},
		"/sources/check":                     button(url.Values{"source": {"none"}}),
		"/sources/remove":                    button(url.Values{"source": {"none"}}),
		"/silence/block":                     {form: url.Values{"target": {"not a server"}, "reason": {"They shout"}}, typed: []string{"target", "reason"}},
		"/silence/unblock":                   button(url.Values{"target": {"none.example"}}),
		"/silence/import":                    {form: url.Values{"silenced": {"1"}}, typed: []string{"silenced"}},
		"/silence/optout":                    {form: url.Values{"actor": {"nobody at all"}, "remark": {"Asked by phone"}}, typed: []string{"actor", "remark"}},
		"/silence/release":                   button(url.Values{"actor": {"https://m.example/none"}}),
		"/flags/remove":                      button(url.Values{"flag": {"none"}}),
		"/queue/retry":                       button(url.Values{"job": {"none"}}),
		"/queue/drop":                        button(url.Values{"job": {"none"}}),
		"/webhooks":                          {form: url.Values{"form": {"webhook"}, "name": {"Robot"}, "url": {"ftp://robot.example"}, "kind": {"opened"}}, typed: []string{"name", "url", "kind"}},
		"/webhooks/act":                      button(url.Values{"destination": {"none"}, "do": {"paused"}}),
		"/people":                            {form: url.Values{"email": {"no address"}, "name": {"Dy Dorn"}, "role": {"lead"}}, typed: []string{"email", "name", "role"}},
		"/people/edit":                       {form: url.Values{"email": {bo}, "name": {""}, "signature": {"Bö"}, "role": {"lead"}}, typed: []string{"signature", "role"}},
		"/people/link":                       button(url.Values{"email": {"nobody@acme.example"}}),
		"/people/{email}/credentials/remove": button(url.Values{"credential": {"none"}}),
		"/people/{email}/sessions/end":       button(url.Values{"session": {"none"}}),
		"/people/{email}/sessions/end-all":   button(nil),
		"/people/{email}/tokens":             {form: url.Values{"name": {long(100)}, "scope": {"read"}, "lasts": {"year"}}, typed: []string{"name", "scope", "lasts"}},
		"/people/{email}/tokens/end":         button(url.Values{"token": {"none"}}),
		"/setup/check":                       button(url.Values{"check": {"none"}}),
	}
}

// routesFor are the paths below Root that take a method.
func (r *room) routesFor(method string) (out []string) {
	r.Helper()
	check(r.T, r.desks.routes().Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		methods, err := route.GetMethods()
		if err != nil || !slices.Contains(methods, method) {
			return err
		}
		path, err := route.GetPathTemplate()
		out = append(out, strings.TrimPrefix(path, Root))
		return err
	}))
	return out
}

// Every form that is refused comes back as the form: with what was typed but for secrets,
// and with the reason in the agent's language. A route without a row fails.
func TestRefusedFormsComeBack(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(ada)
	b.post("/console/you/language", url.Values{"language": {"de"}}).wants(t, http.StatusOK)
	issue := string(r.report("eva", "My line is down"))
	pile := r.pile(20)
	incident := must(r.app.OpenIncident(t.Context(), app.By{Agent: ada}, app.IncidentInput{Desk: "help", Title: "Dark", Impact: desk.ImpactMinor, Text: "We see it."}))(t)
	must(r.app.PublishIncident(t.Context(), app.By{Agent: ada}, incident.ID, false))(t)
	r.publish(r.incidentNow(incident.ID).Root, store.Tally{Delivered: 3})
	draft := must(r.app.OpenIncident(t.Context(), app.By{Agent: ada}, app.IncidentInput{Desk: "help", Title: "Dim", Impact: desk.ImpactMinor, Text: "We see it."}))(t)
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "bills", Name: "Bills", Names: []string{"acmebills"}}))(t)
	link := must(r.accounts.MakeLink(t.Context(), app.By{}, bo))(t)
	guest := r.plainBrowser()
	guest.get(strings.TrimPrefix(link.URL, r.server.URL)).wants(t, http.StatusOK)

	rows := formRows(issue)
	asked := map[string]bool{}
	for _, path := range r.routesFor(http.MethodPost) {
		asked[path] = true
		row, tested := rows[path]
		if tested == (noForms[path] != "") {
			t.Errorf("%s needs a row with an input that is refused, or a reason why it has none", path)
		}
		if !tested {
			continue
		}
		t.Run(path, func(t *testing.T) {
			id := issue
			switch {
			case strings.HasSuffix(path, "/publish"), strings.HasSuffix(path, "/discard"):
				id = string(draft.ID)
			case strings.HasPrefix(path, "/incidents"):
				id = string(incident.ID)
			case strings.HasPrefix(path, "/piles"):
				id = string(pile.ID)
			}
			at := Root + strings.NewReplacer("{id}", id, "{email}", bo).Replace(path)
			if strings.HasSuffix(path, "/end-all") {
				at = strings.Replace(at, bo, "nobody@acme.example", 1)
			}
			from, page := b, seen{}
			if path == "/sign-in" || path == "/welcome" {
				from = guest
			}
			if row.file != "" {
				page = from.upload(at, row.file, "<svg/>", row.form)
			} else {
				page = from.post(at, row.form)
			}
			row.holds(t, page, at, from == guest)
		})
	}
	for path := range maps.Keys(rows) {
		if !asked[path] {
			t.Errorf("there is a row for %s, which takes no form", path)
		}
	}
}

// holds verifies the answer to a refused form.
func (f refusal) holds(t *testing.T, page seen, at string, english bool) {
	t.Helper()
	if page.status < 400 || page.status > 499 || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Fatalf("answered with %d, %s", page.status, page.header.Get("Content-Type"))
	}
	if strings.Contains(page.body, `class="alone error"`) {
		if f.gone {
			return
		}
		t.Fatalf("an error page: %s", page.body[strings.Index(page.body, `class="alone error"`):][:400])
	}
	doc, err := html.Parse(strings.NewReader(page.body))
	check(t, err)
	var alerts []*html.Node
	var forms []*html.Node
	for n := range doc.Descendants() {
		if role, _ := attrOf(n, "role"); role == "alert" {
			if _, hidden := attrOf(n, "hidden"); !hidden {
				alerts = append(alerts, n)
			}
		}
		if isElement(n, "form") && (sendsTo(n, at) || writesOn(n, f.form["on"])) {
			forms = append(forms, n)
		}
	}
	if len(alerts) != 1 {
		t.Fatalf("%d alerts", len(alerts))
	}
	// What the network of these tests says has no translation.
	if lang := regexp.MustCompile(`lang="en"`); !english && at != "/console/sources" && lang.MatchString(render(t, alerts[0])) {
		t.Errorf("the reason is not in the agent's language: %s", render(t, alerts[0]))
	}
	if f.gone {
		return
	}
	if len(forms) == 0 {
		t.Fatal("the form is not on the page")
	}
	form := forms[0]
	for _, other := range forms {
		if slices.ContainsFunc(slices.Collect(other.Descendants()), func(n *html.Node) bool { return n == alerts[0] }) {
			form = other
		}
	}
	for _, name := range f.typed {
		if got := valuesOf(doc, form, name); !slices.Equal(got, f.form[name]) {
			t.Errorf("%s: %q, not %q", name, got, f.form[name])
		}
	}
	for _, name := range f.secret {
		if strings.Contains(page.body, f.form.Get(name)) {
			t.Errorf("the page shows the secret %s", name)
		}
	}
}

func render(t *testing.T, n *html.Node) string {
	t.Helper()
	var b strings.Builder
	check(t, html.Render(&b, n))
	return b.String()
}

// valuesOf are the values that a form would send of a name. Controls may belong to it by
// its id.
func valuesOf(doc, form *html.Node, name string) (out []string) {
	id, _ := attrOf(form, "id")
	for n := range doc.Descendants() {
		of, _ := attrOf(n, "form")
		if key, _ := attrOf(n, "name"); key != name || !within(n, form) && (id == "" || of != id) {
			continue
		}
		value, _ := attrOf(n, "value")
		_, ticked := attrOf(n, "checked")
		switch kindOf(n) {
		case "checkbox", "radio":
			if ticked {
				out = append(out, value)
			}
		case "select":
			for _, o := range options(n) {
				if _, chosen := attrOf(o, "selected"); chosen {
					out = append(out, valueOf(o))
				}
			}
		case "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			out = append(out, text)
		case "button":
		default:
			if value != "" {
				out = append(out, value)
			}
		}
	}
	return out
}

func within(n, of *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == of {
			return true
		}
	}
	return false
}

// A form about something that has gone gives its words back to be copied, and puts neither
// them nor the reason into the form of another thing.
func TestNoWordsForAnotherThing(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	b := r.signedIn(ada)
	issue := string(r.report("eva", "My line is down"))
	r.answer(ada, app.ReplyInput{Issue: desk.IssueID(issue), Text: "Which street?"}, store.Tally{Delivered: 1})
	b.post("/console/phrases", url.Values{"desk": {"help"}, "name": {"Greeting"}, "language": {"de"}, "text": {"Good day"}}).wants(t, http.StatusOK, "Greeting")
	b.post("/console/views", url.Values{"view": {"open"}, "name": {"Routers"}}).wants(t, http.StatusOK, "Routers")
	b.post("/console/silence/block", url.Values{"target": {"bad.example"}, "reason": {"They shout"}}).wants(t, http.StatusOK, "bad.example")
	for name, c := range map[string]struct {
		path  string
		form  url.Values
		words string
		into  string // the field of the form into which they may go, "" for none
	}{
		"a reply":        {"/posts/edit", url.Values{"post": {"none"}, "issue": {issue}, "on": {"posts/none"}, "text": {"Other words"}}, "Other words", ""},
		"a phrase":       {"/phrases", url.Values{"desk": {"help"}, "phrase": {"none"}, "name": {"Other words"}, "language": {"de"}, "text": {"Good evening"}}, "Other words", ""},
		"a new phrase":   {"/phrases", url.Values{"desk": {"help"}, "name": {""}, "language": {"de"}, "text": {"Other words"}}, "Other words", "desk"},
		"a view":         {"/views/change", url.Values{"id": {"none"}, "for": {""}, "view": {"open"}, "name": {"Other words"}}, "Other words", ""},
		"a row's button": {"/silence/unblock", url.Values{"target": {"none.example"}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			page := b.post(Root+c.path, c.form)
			if page.status < 400 || strings.Contains(page.body, `class="alone error"`) {
				t.Fatalf("answered with %d: %s", page.status, page.body)
			}
			doc, err := html.Parse(strings.NewReader(page.body))
			check(t, err)
			copied := false
			for n := range doc.Descendants() {
				if _, readonly := attrOf(n, "readonly"); isElement(n, "textarea") && readonly {
					copied = strings.Contains(render(t, n), c.words)
				}
				if !isElement(n, "form") {
					continue
				}
				shown := render(t, n)
				fits := c.into != "" && strings.Contains(shown, Root+c.path) && !strings.Contains(shown, `name="phrase"`)
				if got := strings.Contains(shown, `id="refused"`) || c.words != "" && strings.Contains(shown, c.words); got != fits {
					t.Errorf("the words or the reason are in a form: %t, not %t: %s", got, fits, shown)
				}
			}
			if copied != (c.words != "" && c.into == "") {
				t.Errorf("to be copied: %t", copied)
			}
			page.wants(t, page.status, `id="refused"`)
		})
	}
}

// A form that may have been done comes back with its key, another one with the page's.
func TestRefilledKey(t *testing.T) {
	page := `<main><form action="/say" aria-describedby="count"><input type="hidden" name="key" value="new"><textarea name="text"></textarea></form></main>`
	for again, want := range map[bool]string{true: `value="sent"`, false: `value="new"`} {
		out := must(refill([]byte(page), returned{path: "/say", typed: map[string][]string{"key": {"sent"}, "text": {"Hello"}}, again: again}))(t)
		for _, has := range []string{want, ">Hello</textarea>", `aria-describedby="count refused"`} {
			if !strings.Contains(string(out), has) {
				t.Errorf("again %t lacks %s: %s", again, has, out)
			}
		}
	}
}

// A form that is too large to be read comes back as the page has it: no tick is lost.
func TestUnreadableFormKeepsItsTicks(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	path := "/console/issues/" + string(r.report("ana", "down"))
	b := r.signedIn(bo)
	ticks := func(page seen) int { return strings.Count(page.body, " checked") }
	before := ticks(b.get(path))
	page := b.post(path+"/say", url.Values{"text": {strings.Repeat("x", maxForm+1)}})
	page.wants(t, http.StatusBadRequest, `id="refused"`)
	if before == 0 || ticks(page) != before {
		t.Errorf("%d ticks, not %d", ticks(page), before)
	}
}
