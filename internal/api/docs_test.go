package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/store"
)

// unaudited are the writing routes that leave no entry in the audit log, and why.
var unaudited = map[string]string{
	"POST /issues/{id}/presence":      "it changes nothing, and is forgotten after a minute",
	"POST /issues/{id}/rest":          "it decides nothing: what an agent reads is fetched",
	"POST /sources/suggestions":       "it changes nothing: servers are asked for their rules",
	"POST /issues/bulk/reply/preview": "it changes nothing",
	"POST /broadcasts/preview":        "it changes nothing",
	"POST /backups":                   "it is an entry itself, of which doctor tells; on this machine only",
}

// TestDocs runs every line of docs/api.md, and finds every route in it. Every
// route that writes adds to the audit log: which agent did what to which thing,
// when, and by which token.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	variables := f.prepare(t)
	f.deps.Doctor = func(context.Context, bool) doctor.Report { return doctor.Report{} }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.deps.Live.Run(ctx) }()
	server := httptest.NewServer(NewPublic(f.deps))
	defer func() { stop(); <-ended; server.Close() }()
	variables["API"] = server.URL + Root
	used := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			f.clock.Advance(11 * time.Second) // replies cannot be taken back for ever, but these are not sent either
			before := f.lastAct(t)
			route := runLine(t, line, variables)
			used[route] = true
			f.audited(t, route, before)
		}
	}
	writing := map[string]bool{}
	for _, r := range routes() {
		writing[r.method+" "+r.path] = r.method != "GET"
		if r.need != needMachine && !used[r.method+" "+r.path] {
			t.Errorf("docs/api.md does not show %s %s", r.method, r.path)
		}
	}
	for route := range unaudited {
		if !writing[route] {
			t.Errorf("%s is excepted from the audit log and writes nothing", route)
		}
	}
}

// over makes an incident that is over, with a voice whose server did not take the word.
func (f *fixture) over(t *testing.T, voice desk.IssueID) desk.IncidentID {
	t.Helper()
	ctx := t.Context()
	i, err := f.app.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No mail", Publish: true, Now: true})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		post := i.Root
		if n > 0 {
			if i, err = f.app.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: i.ID, Text: "Over.", Now: true}); err != nil {
				t.Fatal(err)
			}
			post = i.Updates[0].Post
		}
		if err := f.app.Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(post); return err }); err != nil {
			t.Fatal(err)
		}
	}
	err = f.app.Update(ctx, func(tx *app.Tx) error {
		if err := tx.Rounds().Put(desk.Round{Post: i.Root, Incident: i.ID, Desk: "help", State: desk.RoundDone, Voices: 1, Written: 1}); err != nil {
			return err
		}
		return tx.Rounds().PutVoice(desk.RoundVoice{Round: i.Root, Issue: voice, Host: "m.example", State: desk.VoiceFailed, Error: "404", At: tx.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return i.ID
}

// prepare makes the records that the lines need.
func (f *fixture) prepare(t *testing.T) map[string]string {
	t.Helper()
	ctx, admin := t.Context(), desk.RoleAdmin
	if _, err := f.app.EditAgent(ctx, app.By{}, "bo@acme.example", app.AgentEdit{Role: &admin}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.app.AddAgent(ctx, app.By{}, desk.Agent{Email: "ana@acme.example", Name: "Ana", Role: desk.RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	f.report(t, 2, "No mail today")
	f.clock.Advance(time.Minute)
	issue := f.report(t, 1, "My line is down")
	f.clock.Advance(-2 * time.Minute) // it waits the longest
	err := f.app.Update(ctx, func(tx *app.Tx) error {
		i, _, err := tx.Issues().Get(issue)
		if err != nil {
			return err
		}
		i.WaitingSince = tx.Now
		if err := tx.Issues().Put(i); err != nil {
			return err
		}
		sent := desk.Post{ID: "sent", Desk: "help", Role: desk.RoleBroadcast, Object: "https://help.acme.example/posts/sent", Outgoing: desk.Outgoing{State: desk.PostPublished, PublishedAt: tx.Now},
			Text: "x", Visibility: desk.VisibilityPublic, Received: tx.Now}
		if err := tx.Posts().Put(sent); err != nil {
			return err
		}
		_, err = tx.Jobs().Add(store.Job{ID: "dead", Queue: store.QueueTimer, Due: tx.Now, Added: tx.Now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f.bury(t)
	if _, err := f.app.Flagged(ctx, app.HeardFlag{Key: "1", Sender: "https://m.example/actor", About: []desk.ObjectID{"https://help.acme.example/relay"}, Words: "?"}); err != nil {
		t.Fatal(err)
	}
	ana := desk.Actor{ID: "https://m.example/users/ana", Acct: "ana@m.example", Inbox: "https://m.example/inbox"}
	if _, err := f.app.Hear(ctx, app.Heard{Author: ana, Source: app.Inbox, Post: desk.Post{Object: "https://m.example/notes/9", Author: ana.ID,
		InReplyTo: "https://m.example/notes/1", Text: "And my phone too", Visibility: desk.VisibilityPublic, Published: f.clock.Now()}}); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"DEAD": "dead", "SENT": "sent", "PASSKEY": "phone", "LOST": "laptop"}
	for _, name := range []string{"PUBLISHED", "ENDING"} {
		i, err := f.app.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No mail", Publish: true, Now: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.app.Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(i.Root); return err }); err != nil {
			t.Fatal(err)
		}
		out[name] = string(i.ID)
	}
	if _, err := f.app.AddAgent(ctx, app.By{}, desk.Agent{Email: "new@acme.example", Name: "Nell Eden", Role: desk.RoleAgent, Checked: true}); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(5 * time.Minute) // these wait the shortest
	for n, name := range []string{"UNCHECKED", "RETURNED"} {
		p, err := f.app.Reply(ctx, app.By{Agent: "new@acme.example"}, app.ReplyInput{Issue: f.report(t, 70+n, "No phone"), Text: "We look."})
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(p.ID)
	}
	f.clock.Advance(-5 * time.Minute)
	out["OVER"] = string(f.over(t, issue))
	for agent, names := range map[desk.Email][2]string{"": {"FAILED", "EVENT"}, "bo@acme.example": {"MYFAILED", "MYEVENT"}} {
		d, err := f.app.AddDestination(ctx, app.By{}, agent, app.NewDestination{URL: "https://n8n.example/" + names[0]}, true)
		if err != nil {
			t.Fatal(err)
		}
		n, err := f.app.TestDestination(ctx, app.By{}, agent, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.app.Attempted(ctx, d.ID, n.ID, app.Attempt{Status: 500, Final: true}); err != nil {
			t.Fatal(err)
		}
		out[names[0]], out[names[1]] = string(d.ID), n.ID
	}
	far := desk.Actor{ID: "https://far.example/users/a", Acct: "a@far.example", Inbox: "https://far.example/inbox"}
	if err := f.app.Update(ctx, func(tx *app.Tx) error {
		return tx.Quarantine().Put(desk.Quarantined{Object: "https://far.example/notes/1", Author: far, Source: app.Inbox, Flood: desk.SpamStrangers, Since: tx.Now,
			Post: desk.Post{Object: "https://far.example/notes/1", Author: far.ID, Text: "No mail here", Visibility: desk.VisibilityPublic, Published: tx.Now, Mentions: []desk.ActorID{f.app.Site().Desk("help")}}})
	}); err != nil {
		t.Fatal(err)
	}
	pile, one := f.pile(t)
	out["PILE"], out["ONE"] = string(pile), string(one)
	v, err := f.app.ShowIssue(ctx, issue)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range v.Timeline {
		if e.Event.Kind == desk.KindPost {
			out["LATER"] = string(e.Event.Post)
		}
	}
	link, err := f.accounts.MakeLink(ctx, app.By{}, "bo@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.accounts.Welcome(ctx, auth.Newcomer{Code: auth.SecretOf(u.Query().Get("code")), Password: "correct horse battery"}, auth.Client{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.accounts.SignIn(ctx, "bo@acme.example", "correct horse battery", auth.Client{}); err != nil {
		t.Fatal(err)
	}
	sessions, _, err := f.accounts.Sessions(ctx, "bo@acme.example", store.Page{})
	if err != nil || len(sessions) != 2 {
		t.Fatalf("%v, %v", sessions, err)
	}
	out["SESSION"], out["MINE"] = sessions[0].ID, sessions[1].ID
	err = f.app.Update(ctx, func(tx *app.Tx) error {
		for _, name := range []string{out["PASSKEY"], out["LOST"]} {
			if err := tx.Credentials().Put(store.Credential{Agent: "bo@acme.example", ID: name, Kind: store.CredentialPasskey, Name: name, Created: tx.Now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := f.accounts.AddToken(ctx, app.By{}, auth.NewToken{Agent: "bo@acme.example", Name: "script", Scopes: desk.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	out["bearer"] = secret.Reveal()
	f.clock.Advance(time.Hour)
	return out
}

// bury makes a dead letter of the job "dead".
func (f *fixture) bury(t *testing.T) {
	t.Helper()
	err := f.app.Update(t.Context(), func(tx *app.Tx) error {
		js, err := tx.Jobs().Lease(store.QueueTimer, tx.Now, tx.Now.Add(time.Minute), 1)
		if err != nil || len(js) != 1 {
			t.Fatalf("%v, %v", js, err)
		}
		_, err = tx.Jobs().Bury(js[0].ID, js[0].Lease, tx.Now, "x")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var assignment = regexp.MustCompile(`^([A-Z]+)=\$\((.*) \| jq -r '?([^']*?)'?\)$`)

// lastAct is the newest entry of the audit log.
func (f *fixture) lastAct(t *testing.T) store.AuditEntry {
	t.Helper()
	acts, _, err := f.app.AuditEntries(t.Context(), store.AuditFilter{}, store.Page{Limit: 1})
	if err != nil || len(acts) != 1 {
		t.Fatalf("%v, %v", acts, err)
	}
	return acts[0]
}

// audited checks what a request left in the audit log.
func (f *fixture) audited(t *testing.T, route string, before store.AuditEntry) {
	t.Helper()
	a := f.lastAct(t)
	if strings.HasPrefix(route, "GET ") || unaudited[route] != "" {
		if a.ID != before.ID {
			t.Errorf("%s left %+v in the audit log", route, a)
		}
		return
	}
	if a.ID == before.ID {
		t.Errorf("%s left nothing in the audit log", route)
		return
	}
	if !a.At.Equal(f.clock.Now()) || a.Agent != "bo@acme.example" || a.Via != store.ViaToken || a.Token != "script" || !deed.MatchString(a.What) || !strings.Contains(a.On, "/") {
		t.Errorf("%s left %+v in the audit log", route, a)
	}
}

// deed is the audit log's name of an action.
var deed = regexp.MustCompile(`^[a-z]+(\.[a-z-]+)+$`)

// runLine does what a shell and curl would, and says by which route.
func runLine(t *testing.T, line string, variables map[string]string) (route string) {
	t.Helper()
	command, variable, expression := line, "", ""
	if m := assignment.FindStringSubmatch(line); m != nil {
		variable, command, expression = m[1], m[2], m[3]
	}
	words := shellWords(command, variables)
	if len(words) == 0 || words[0] != "curl" {
		t.Fatalf("not a curl: %s", line)
	}
	method, address, body, stream, header := "", "", "", false, http.Header{"Authorization": {"Bearer " + variables["bearer"]}}
	for n := 1; n < len(words); n++ {
		switch words[n] {
		case "-K":
			n++
		case "-N":
			stream = true
		case "-X":
			n++
			method = words[n]
		case "-d":
			n++
			body = words[n]
		case "-H":
			n++
			k, v, _ := strings.Cut(words[n], ": ")
			header.Set(k, v)
		default:
			address = words[n]
		}
	}
	if method == "" {
		method = map[bool]string{true: "GET", false: "POST"}[body == ""]
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	route = routeOf(r)
	if stream {
		if first, err := bufio.NewReader(answer.Body).ReadString('\n'); err != nil || !strings.HasPrefix(first, "retry:") {
			t.Errorf("%s\n%q, %v", line, first, err)
		}
		return route
	}
	got, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		t.Errorf("%s\n%d %s %v", line, answer.StatusCode, got, err)
		return route
	}
	if variable != "" {
		variables[variable] = jq(t, got, expression)
	}
	return route
}

// routeOf is the route of a request.
func routeOf(r *http.Request) string {
	best := ""
	for _, route := range routes() {
		// Where two fit, it is the one that says more.
		if route.method == r.Method && fits(Root+route.path, r.URL.Path) && (best == "" || strings.Contains(best, "{")) {
			best = route.path
		}
	}
	return r.Method + " " + best
}

// jq knows .id, .[N].id, .[N].act and .timeline[-1].id.
func jq(t *testing.T, answer []byte, expression string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(answer, &v); err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`^\.\[(\d)\]`).FindStringSubmatch(expression); m != nil {
		list, _ := v.([]any)
		n := int(m[1][0] - '0')
		if len(list) <= n {
			t.Fatalf("%s of %s", expression, answer)
		}
		v = list[n]
	}
	fields, _ := v.(map[string]any)
	if timeline, _ := fields["timeline"].([]any); expression == ".timeline[-1].id" && len(timeline) > 0 {
		fields, _ = timeline[len(timeline)-1].(map[string]any)
	}
	field := "id"
	if strings.HasSuffix(expression, ".act") {
		field = "act"
	}
	s, _ := fields[field].(string)
	if s == "" {
		t.Fatalf("%s of %s", expression, answer)
	}
	return s
}

// shellWords splits a line into words, with quotes and variables.
func shellWords(line string, variables map[string]string) (words []string) {
	word, in, quote := strings.Builder{}, false, byte(0)
	for n := 0; n < len(line); n++ {
		c := line[n]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, in = c, true
		case c == '$' && quote != '\'':
			end := n + 1
			for end < len(line) && line[end] >= 'A' && line[end] <= 'Z' {
				end++
			}
			word.WriteString(variables[line[n+1:end]])
			n, in = end-1, true
		case c == ' ' && quote == 0:
			if in {
				words = append(words, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words
}
