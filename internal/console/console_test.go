package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// The first admin comes in by a link that works once.
func TestWelcome(t *testing.T) {
	r := newRoom(t)
	link, ok, err := r.accounts.FirstLink(t.Context())
	check(t, err)
	if !ok {
		t.Fatal("there is no first link")
	}
	b := r.plainBrowser()
	page := b.get(strings.TrimPrefix(link.URL, r.server.URL))
	page.wants(t, http.StatusOK, "first admin")
	if strings.Contains(page.path, "code=") {
		t.Errorf("the code stays in the address: %s", page.path)
	}
	b.post("/console/welcome", url.Values{"email": {"bo@acme.example"}, "name": {"Bo Berg"}, "password": {"short"}}).wants(t, http.StatusBadRequest, "12 characters", `value="Bo Berg"`)
	b.post("/console/welcome", url.Values{"email": {"bo@acme.example"}, "name": {"Bo Berg"}, "password": {password}}).wants(t, http.StatusOK, "First steps", "Bo Berg")
	r.plainBrowser().get(strings.TrimPrefix(link.URL, r.server.URL)).wants(t, http.StatusUnauthorized, "has been used")
	r.signedIn("bo@acme.example").get("/console/people").wants(t, http.StatusOK, "bo@acme.example")
}

func TestSignIn(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.plainBrowser()
	page := b.get("/console/issues/" + string(issue))
	page.wants(t, http.StatusOK, "Sign in")
	if strings.Contains(page.body, "My line is down") {
		t.Error("a visitor who is not signed in reads an issue")
	}
	b.post("/console/sign-in", url.Values{"email": {"bo@acme.example"}, "password": {"not this one, no"}}).wants(t, http.StatusUnauthorized, "that is not right")
	b.post("/console/sign-in", url.Values{"email": {"nobody@acme.example"}, "password": {password}}).wants(t, http.StatusUnauthorized, "that is not right")
	back := b.post("/console/sign-in", url.Values{"email": {"bo@acme.example"}, "password": {password}, "to": {"/console/issues/" + string(issue)}})
	back.wants(t, http.StatusOK, "My line is down")
	b.post("/console/sign-out", nil).wants(t, http.StatusOK, "Sign in")
	b.get("/console/issues").wants(t, http.StatusOK, "Sign in")
}

// Signing in never leads to another site.
func TestSignInLeadsOnlyIntoTheConsole(t *testing.T) {
	for to, want := range map[string]string{
		"/console/issues?view=mine": "/console/issues?view=mine",
		"/console/":                 "/console/",
		"":                          "", "/": "", "/posts/1": "",
		"https://evil.example/console/": "", "//evil.example/console/": "", "/console//evil.example": "",
		`/console/\evil.example`: "", "/console/%5cevil.example/..": "", "javascript:alert(1)": "", "/consolation/": "",
	} {
		if got := inside(to); got != want {
			t.Errorf("inside(%q) = %q, want %q", to, got, want)
		}
	}
}

// An agent answers: the reply is signed, can be taken back, and makes the
// issue theirs.
func TestReply(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("bo@acme.example")
	b.get("/console/issues?view=new").wants(t, http.StatusOK, "My line is down", "mentions @help", "just now")
	page := b.get("/console/issues/" + string(issue))
	page.wants(t, http.StatusOK, "Reply quietly to @ana@m.example", "Comment for colleagues")
	form := page.form()
	form.Set("text", "Which street?")
	form.Set("to", "quiet")
	form.Set("status", "waiting")
	sent := b.post("/console/issues/"+string(issue)+"/say", form)
	sent.wants(t, http.StatusOK, "Which street? ^BB", "Undo</button>", "goes out in 10s", "assigned</span> to Bo Berg")
	again := b.post("/console/issues/"+string(issue)+"/say", form) // a form sent twice
	if n := strings.Count(again.body, "Which street? ^BB"); n != 1 {
		t.Errorf("a form that was sent twice said it %d times", n)
	}
	other := url.Values{"text": {"Which house?"}, "to": {"comment"}, "key": form["key"]}
	b.post("/console/issues/"+string(issue)+"/say", other).wants(t, http.StatusUnprocessableEntity, "Which house?</textarea>", "sent once already, with other words")
	b.get("/console/issues?view=mine").wants(t, http.StatusOK, "My line is down")
	note := url.Values{"text": {"The cabinet again"}, "to": {"comment"}, "key": {strings.Repeat("k", 1<<16)}} // as no form of ours has it
	before := len(must(r.app.ShowIssue(t.Context(), issue))(t).Timeline)
	for range 2 {
		b.post("/console/issues/"+string(issue)+"/say", note).wants(t, http.StatusOK, "The cabinet again")
	}
	if n := len(must(r.app.ShowIssue(t.Context(), issue))(t).Timeline); n != before+1 {
		t.Errorf("a comment with an endless key left %d entries", n-before)
	}
	b.post("/console/issues/"+string(issue)+"/undo", url.Values{"post": {undoForm.FindStringSubmatch(again.body)[1]}}).wants(t, http.StatusOK, "removed by us")
}

// A text that could not be sent is not lost.
func TestDraftIsKept(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("bo@acme.example")
	for name, change := range map[string]url.Values{
		"asks for a password":   {"text": {"Please send us your password."}, "to": {"direct"}},
		"closed without reason": {"text": {"We will not do that."}, "to": {"quiet"}, "status": {"closed"}},
	} {
		t.Run(name, func(t *testing.T) {
			form := b.get("/console/issues/" + string(issue)).form()
			for k, v := range change {
				form[k] = v
			}
			page := b.post("/console/issues/"+string(issue)+"/say", form)
			page.wants(t, http.StatusUnprocessableEntity, form.Get("text")+"</textarea>", `role="alert"`)
			if whole := must(r.app.ShowIssue(t.Context(), issue))(t); len(whole.Timeline) != 1 {
				t.Errorf("something was said: %d entries", len(whole.Timeline))
			}
		})
	}
}

// A writer sees the newer entries of others once.
func TestWriterSeesNewerEntriesOnce(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("bo@acme.example")
	form := b.get("/console/issues/" + string(issue)).form()
	r.clock.Advance(time.Minute)
	must(r.app.Comment(t.Context(), app.By{Agent: "cy@acme.example"}, issue, "The cabinet is on fire"))(t)
	form.Set("text", "Which street?")
	form.Set("to", "quiet")
	page := b.post("/console/issues/"+string(issue)+"/say", form)
	page.wants(t, http.StatusConflict, "Meanwhile cy@acme.example commented", "The cabinet is on fire", "Which street?</textarea>")
	form = page.form()
	form.Set("text", "Which street?")
	form.Set("to", "quiet")
	b.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusOK, "Undo</button>")
}

// A comment stays inside and looks like it.
func TestComment(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("bo@acme.example")
	form := b.get("/console/issues/" + string(issue)).form()
	form.Set("text", "She sounds worried")
	form.Set("to", "comment")
	b.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusOK, "She sounds worried", "comment, stays here", `class="said inside`)
	counts := must(r.app.JobCounts(t.Context()))(t)
	if n := counts["publish"].Waiting; n != 0 {
		t.Errorf("a comment made %d jobs of publishing", n)
	}
}

// The page shows the limits of the manners before the agent writes.
func TestManners(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	check(t, r.app.BlockedUs(t.Context(), "https://m.example/users/ana", "help"))
	page := r.signedIn("bo@acme.example").get("/console/issues/" + string(issue))
	page.wants(t, http.StatusOK, "no further word may be sent here", "Comment for colleagues")
	if strings.Contains(page.body, "Reply quietly") {
		t.Error("a reply is offered that would be refused")
	}
}

// Every page and every act needs its role.
func TestRoles(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	r.agent("lea@acme.example", "Lea Lind", desk.RoleLead)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	browsers := map[string]*plainBrowser{}
	for _, who := range []string{"bo@acme.example", "lea@acme.example", "ada@acme.example"} {
		browsers[who] = r.signedIn(who)
	}
	for _, tt := range []struct {
		method, path string
		agent, lead  bool
	}{
		{"GET", "/console/issues", true, true},
		{"GET", "/console/broadcasts", true, true},
		{"POST", "/console/broadcasts", false, true},
		{"GET", "/console/you", true, true},
		{"GET", "/console/desks", false, false},
		{"POST", "/console/desks", false, false},
		{"GET", "/console/desks/help", false, false},
		{"POST", "/console/desks/edit", false, false},
		{"POST", "/console/desks/alias", false, false},
		{"POST", "/console/desks/unalias", false, false},
		{"GET", "/console/sources", false, false},
		{"POST", "/console/sources", false, false},
		{"POST", "/console/sources/remove", false, false},
		{"GET", "/console/silence", false, false},
		{"POST", "/console/silence/block", false, false},
		{"POST", "/console/silence/unblock", false, false},
		{"POST", "/console/silence/import", false, false},
		{"GET", "/console/silence/domain_blocks.csv", false, false},
		{"GET", "/console/quarantine", true, true},
		{"POST", "/console/quarantine/release", false, false},
		{"POST", "/console/quarantine/drop", false, false},
		{"POST", "/console/desks/keys", false, false},
		{"GET", "/console/queue", false, false},
		{"POST", "/console/queue/drop", false, false},
		{"GET", "/console/people", false, false},
		{"POST", "/console/people", false, false},
		{"POST", "/console/people/edit", false, false},
		{"POST", "/console/people/link", false, false},
		{"GET", "/console/people/cy@acme.example", false, false},
		{"POST", "/console/people/cy@acme.example/credentials/remove", false, false},
		{"POST", "/console/people/cy@acme.example/sessions/end", false, false},
		{"POST", "/console/people/cy@acme.example/sessions/end-all", false, false},
		{"POST", "/console/people/cy@acme.example/tokens", false, false},
		{"POST", "/console/people/cy@acme.example/tokens/end", false, false},
		{"GET", "/console/audit", false, false},
		{"GET", "/console/today", true, true},
	} {
		for who, may := range map[string]bool{"bo@acme.example": tt.agent, "lea@acme.example": tt.lead, "ada@acme.example": true} {
			b := browsers[who]
			var page seen
			if tt.method == "GET" {
				page = b.get(tt.path)
			} else {
				page = b.post(tt.path, url.Values{})
			}
			if forbidden := page.status == http.StatusForbidden; forbidden == may {
				t.Errorf("%s %s by %s: %d", tt.method, tt.path, who, page.status)
			}
		}
	}
}

// A page of another site changes nothing, with any cookies of the browser.
func TestCrossSite(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	b := r.signedIn("ada@acme.example")
	for _, headers := range []map[string]string{{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}} {
		req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, r.server.URL+"/console/silence/block", strings.NewReader("target=good.example")))(t)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range headers {
			req.Header.Set(k, v)
		}
		b.do(req).wants(t, http.StatusForbidden, "page of another site")
	}
	if blocks, _, err := r.app.Blocks(t.Context(), store.Page{}); err != nil || len(blocks) != 0 {
		t.Errorf("%v was blocked (%v)", blocks, err)
	}
}

// Sessions that ended, were stolen too late, or belong to a disabled agent open
// nothing.
func TestSessionsEnd(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	inside := func(b *plainBrowser) bool {
		return strings.Contains(b.get("/console/you").body, "Where you are signed in")
	}
	bo := r.signedIn("bo@acme.example")
	if !inside(bo) {
		t.Fatal("not signed in")
	}
	r.signedIn("ada@acme.example").post("/console/people/edit", url.Values{"email": {"bo@acme.example"}, "role": {"agent"}, "disabled": {"1"}}).wants(t, http.StatusOK, "disabled")
	if inside(bo) {
		t.Error("a disabled agent goes on")
	}
	ada, other := r.signedIn("ada@acme.example"), r.signedIn("ada@acme.example")
	ada.post("/console/you/password", url.Values{"old": {password}, "password": {"another horse battery"}}).wants(t, http.StatusOK)
	if inside(other) || !inside(ada) {
		t.Error("a changed password ends the other sessions, and not this one")
	}
	r.clock.Advance(31 * 24 * time.Hour)
	if inside(ada) {
		t.Error("a session lasts for ever")
	}
}

// A person's profile from a stranger's server is shown as text.
func TestHostileWords(t *testing.T) {
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	who := desk.ActorID("https://m.example/users/mal")
	h := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Acct: hostile, Name: hostile, URL: "javascript:alert(1)", AvatarURL: "javascript:alert(1)", Inbox: "https://m.example/inbox"},
		Post: desk.Post{Object: "https://m.example/o/1", URL: "javascript:alert(1)", Author: who, Text: hostile, HTML: hostile, Language: hostile, Mentions: []desk.ActorID{r.app.Site().Desk("help")},
			Visibility: desk.VisibilityPublic, Attachments: []desk.Attachment{{URL: "javascript:alert(1)", MediaType: hostile, Alt: hostile}}}}
	issue := must(r.app.Hear(t.Context(), h))(t).Issue
	b := r.signedIn("bo@acme.example")
	for _, path := range []string{"/console/issues?view=all", "/console/issues/" + string(issue), "/console/issues?q=" + url.QueryEscape(hostile)} {
		page := b.get(path)
		for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript:`} {
			if strings.Contains(page.body, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

// A list stays small, with any number of issues and any length of their words.
func TestListIsSmall(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	for range 2 * pageSize {
		r.report(strings.Repeat("n", 60), strings.Repeat("word ", 400))
	}
	page := r.signedIn("bo@acme.example").get("/console/issues?view=all")
	page.wants(t, http.StatusOK, "Older")
	if n := len(page.body); n > 200_000 {
		t.Errorf("a list has %d bytes", n)
	}
}
