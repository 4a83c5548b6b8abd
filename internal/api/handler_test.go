package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// scenario is a request, and the texts that its answer must and must not
// contain. ISSUE in path and body stands for the id of an open issue.
type scenario struct {
	name         string
	method, path string
	body         string
	status       int
	has, hasNot  []string
	header       map[string]string // of the answer
}

func TestScenarios(t *testing.T) {
	f := newFixture(t)
	issue := string(f.report(t, 1, "My line is down"))
	other := string(f.report(t, 2, "Still <down> & out"))
	for _, s := range []scenario{
		{name: "version", method: "GET", path: "/version", status: 200, has: []string{`"version":"1.2.3"`, `"url":"https://help.acme.example"`, `"handle_domain":"acme.example"`, `"desks":1`}},
		{name: "issues", method: "GET", path: "/issues", status: 200, has: []string{issue, other, `"status":"new"`, `"category":"open"`}, hasNot: []string{"timeline", "null"}},
		{name: "issues of a desk", method: "GET", path: "/issues?desk=help&category=open", status: 200, has: []string{issue}},
		{name: "done issues", method: "GET", path: "/issues?category=done", status: 200, has: []string{"[]"}, hasNot: []string{issue}},
		{name: "a search", method: "GET", path: "/issues?search=line", status: 200, has: []string{issue}, hasNot: []string{other}},
		{name: "a search for nothing", method: "GET", path: "/issues?search=%20%21", status: 400, has: []string{"no word"}},
		{name: "an unknown status", method: "GET", path: "/issues?status=broken", status: 400, has: []string{`"code":"invalid"`, "acknowledged"}},
		{name: "an unknown category", method: "GET", path: "/issues?category=all", status: 400},
		{name: "an unknown desk", method: "GET", path: "/issues?desk=sales", status: 404, has: []string{`"type":"/api/v1/problems/desk_not_found"`, `there is no desk \"sales\""`}},
		{name: "a misspelt filter", method: "GET", path: "/issues?state=new", status: 400, has: []string{`\"state\"`}},
		{name: "a limit too high", method: "GET", path: "/issues?limit=501", status: 400, has: []string{"1 to 500"}},
		{name: "a limit of words", method: "GET", path: "/issues?limit=many", status: 400},
		{name: "a forged cursor", method: "GET", path: "/issues?after=zzz", status: 400, has: []string{"X-Next"}},
		{name: "an issue", method: "GET", path: "/issues/ISSUE", status: 200, has: []string{`"timeline":[{`, `"kind":"report"`, `"text":"My line is down"`, `"author":"ana@m.example"`, `"html":"<p>My line is down</p>"`}},
		{name: "no issue", method: "GET", path: "/issues/nope", status: 404, has: []string{`"code":"not_found"`, `"status":404`, `"type":"/api/v1/problems/issue_not_found"`}, header: map[string]string{"Content-Type": "application/problem+json"}},
		{name: "an unknown field", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":"hi","visiblity":"public"}`, status: 400, has: []string{`no field \"visiblity\"`}},
		{name: "a wrong type", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":7}`, status: 400, has: []string{`\"text\"`, "number"}},
		{name: "no body", method: "POST", path: "/issues/ISSUE/reply", status: 400, has: []string{"empty"}},
		{name: "two bodies", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":"a"}{"text":"b"}`, status: 400, has: []string{"more than one"}},
		{name: "broken JSON", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":`, status: 400},
		{name: "an empty reply", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":" "}`, status: 400, has: []string{"no text"}},
		{name: "too much", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":"` + strings.Repeat("a", 1<<20) + `"}`, status: 413, has: []string{"at most 1048576 bytes"}},
		{name: "an odd visibility", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":"hi","visibility":"loud"}`, status: 400},
		{name: "a comment", method: "POST", path: "/issues/ISSUE/comment", body: `{"text":"cable?"}`, status: 201, has: []string{`"role":"comment"`, `"object":""`}},
		{name: "an assignment", method: "POST", path: "/issues/ISSUE/assign", body: `{"assignee":"bo@acme.example"}`, status: 200, has: []string{`"assignee":"bo@acme.example"`, `"acct":"ana@m.example"`}},
		{name: "an assignment in another spelling", method: "POST", path: "/issues/ISSUE/assign", body: `{"assignee":" BO@Acme.example"}`, status: 200, has: []string{`"assignee":"bo@acme.example"`}},
		{name: "an assignment of many", method: "POST", path: "/issues/bulk", body: `{"issues":["ISSUE"],"assignee":"Bo@ACME.example"}`, status: 200, has: []string{`"done":true`}},
		{name: "an assignment to a name", method: "POST", path: "/issues/ISSUE/assign", body: `{"assignee":"bo"}`, status: 404, has: []string{`"type":"/api/v1/problems/agent_not_found"`}},
		{name: "a status", method: "POST", path: "/issues/ISSUE/status", body: `{"status":"in_progress"}`, status: 200, has: []string{`"status":"in_progress"`, `"category":"open"`}},
		{name: "the same status", method: "POST", path: "/issues/ISSUE/status", body: `{"status":"in_progress"}`, status: 409, has: []string{`"code":"conflict"`}},
		{name: "a status by hand", method: "POST", path: "/issues/ISSUE/status", body: `{"status":"resolved"}`, status: 409},
		{name: "a link", method: "POST", path: "/issues/ISSUE/link", body: `{"issue":"` + other + `"}`, status: 200},
		{name: "a link to itself", method: "POST", path: "/issues/ISSUE/link", body: `{"issue":"ISSUE"}`, status: 400},
		{name: "a reply", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":"Which street?","status":"waiting"}`, status: 201,
			has: []string{`"state":"pending"`, `"visibility":"quiet"`, `"status":"waiting"`, `"due_at":"2026-03-01T12:00:10Z"`, `"published_at":""`}},
		{name: "a second reply to a reporter who has not spoken", method: "POST", path: "/issues/ISSUE/reply", body: `{"text":"Hello?"}`, status: 403, has: []string{`"code":"forbidden"`}},
		{name: "undo", method: "POST", path: "/issues/ISSUE/undo", status: 200, has: []string{`"state":"undone"`, `"text":""`}},
		{name: "undo twice", method: "POST", path: "/issues/ISSUE/undo", status: 409},
		{name: "desks", method: "GET", path: "/desks", status: 200, has: []string{`"handle":"help"`, `"acct":"help@acme.example"`, `"names":["acme"]`}},
		{name: "another desk", method: "POST", path: "/desks", body: `{"handle":"sales"}`, status: 201, has: []string{`"names":[]`, `"name":"sales"`}},
		{name: "the same desk", method: "POST", path: "/desks", body: `{"handle":"sales"}`, status: 409},
		{name: "a tag that ends early", method: "POST", path: "/desks", body: `{"handle":"nets","names":["acme"],"calls":["kein-netz"]}`, status: 400, has: []string{"hashtag_cut", `\"kein\"`}},
		{name: "a tag of digits", method: "PATCH", path: "/desks/sales", body: `{"names":["404"]}`, status: 400, has: []string{"hashtag_digits"}},
		{name: "one tag for both keys", method: "PATCH", path: "/desks/sales", body: `{"names":["Störung"],"calls":["storung"]}`, status: 400, has: []string{"desk_keys_one"}},
		{name: "tags as they are written", method: "PATCH", path: "/desks/sales", body: `{"names":["#AcmeVerkauf"],"calls":["Störung","storung"]}`, status: 200, has: []string{`"names":["AcmeVerkauf"]`, `"calls":["Störung"]`}},
		{name: "the relay as a desk", method: "POST", path: "/desks", body: `{"handle":"relay"}`, status: 400},
		{name: "a desk", method: "GET", path: "/desks/sales", status: 200, has: []string{`"url":"https://help.acme.example/@sales"`}},
		{name: "no desk", method: "GET", path: "/desks/nobody", status: 404},
		{name: "an edit", method: "PATCH", path: "/desks/help", body: `{"names":["Acme","#ACMEcloud"]}`, status: 200, has: []string{`"names":["Acme","ACMEcloud"]`, `"name":"ACME Help"`}},
		{name: "an edit to nothing", method: "PATCH", path: "/desks/help", body: `{"names":[]}`, status: 200, has: []string{`"names":[]`}},
		{name: "an edit of nothing", method: "PATCH", path: "/desks/help", body: `{}`, status: 400},
		{name: "a broadcast", method: "POST", path: "/broadcasts", body: `{"desk":"help","text":"Works & runs","now":true}`, status: 201, has: []string{`"role":"broadcast"`, `"text":"Works & runs"`, `"due_at":"2026-03-01T12:00:00Z"`}},
		{name: "broadcasts", method: "GET", path: "/broadcasts?desk=help", status: 200, has: []string{"Works & runs", `"delivery":{"queued":0,"delivered":0,"failed":0}`}},
		{name: "whose broadcasts", method: "GET", path: "/broadcasts", status: 400},
		{name: "a source", method: "POST", path: "/sources", body: `{"kind":"tag-actor","provider":"x","tag":"acme"}`, status: 201, has: []string{`"state":"pending"`, `"accepted_at":""`}},
		{name: "the same source", method: "POST", path: "/sources", body: `{"kind":"tag-actor","provider":"x","tag":"acme"}`, status: 409},
		{name: "sources", method: "GET", path: "/sources", status: 200, has: []string{"tag-actor tags.example #acme"}},
		{name: "no source", method: "POST", path: "/sources/x/check", status: 404},
		{name: "no source to remove", method: "DELETE", path: "/sources/x", status: 404},
		{name: "a block", method: "POST", path: "/blocks", body: `{"target":"Spam.Example","reason":"spam"}`, status: 201, has: []string{`"target":"spam.example"`}},
		{name: "a block of ourselves", method: "POST", path: "/blocks", body: `{"target":"help.acme.example"}`, status: 400},
		{name: "blocks", method: "GET", path: "/blocks", status: 200, has: []string{"spam.example"}},
		{name: "unblock", method: "DELETE", path: "/blocks?target=spam.example", status: 204},
		{name: "unblock twice", method: "DELETE", path: "/blocks?target=spam.example", status: 404},
		{name: "an opt-out", method: "POST", path: "/optouts", body: `{"actor":"https://m.example/users/bo","remark":"by mail"}`, status: 201, has: []string{`"cause":"admin"`, `"until":""`}},
		{name: "opt-outs", method: "GET", path: "/optouts", status: 200, has: []string{"by mail"}},
		{name: "back in", method: "DELETE", path: "/optouts?actor=https%3A%2F%2Fm.example%2Fusers%2Fbo", status: 204},
		{name: "jobs", method: "GET", path: "/queue?queue=publish", status: 200, has: []string{`"queue":"publish"`, `"dead":false`}},
		{name: "dead jobs", method: "GET", path: "/queue?dead=true", status: 200, has: []string{"[]"}},
		{name: "an odd flag", method: "GET", path: "/queue?dead=perhaps", status: 400},
		{name: "no queue", method: "GET", path: "/queue?queue=x", status: 400, has: []string{"deliver"}},
		{name: "counts", method: "GET", path: "/queue/counts", status: 200, has: []string{`{"queue":"inbound","waiting":0,"dead":0}`}},
		{name: "no dead letter", method: "POST", path: "/queue/retry", body: `{"id":"x"}`, status: 404},
		{name: "no job", method: "POST", path: "/queue/drop", body: `{"id":"x"}`, status: 404},
		{name: "no post", method: "PATCH", path: "/posts/x", body: `{"text":"y"}`, status: 404},
		{name: "no post to retract", method: "DELETE", path: "/posts/x", status: 404},
		{name: "a wrong method", method: "PUT", path: "/desks", status: 405, header: map[string]string{"Allow": "GET, HEAD, POST"}, has: []string{"takes GET, HEAD, POST"}},
		{name: "a wrong method on an issue", method: "DELETE", path: "/issues/ISSUE", status: 405, header: map[string]string{"Allow": "GET, HEAD"}},
		{name: "only whether an issue is there", method: "HEAD", path: "/issues/ISSUE", status: 200, header: map[string]string{"Content-Type": "application/json"}},
		{name: "nowhere", method: "GET", path: "/nowhere", status: 404, header: map[string]string{"Content-Type": "application/problem+json"}},
		{name: "a double slash", method: "POST", path: "/issues//reply", status: 404},
	} {
		t.Run(s.name, func(t *testing.T) {
			path, body := strings.ReplaceAll(s.path, "ISSUE", issue), strings.ReplaceAll(s.body, "ISSUE", issue)
			w := f.do(s.method, Root+path, body, nil)
			if w.Code != s.status {
				t.Fatalf("%d, want %d: %s", w.Code, s.status, w.Body)
			}
			for _, h := range s.has {
				if !strings.Contains(w.Body.String(), h) {
					t.Errorf("%s lacks %s", w.Body, h)
				}
			}
			for _, h := range s.hasNot {
				if strings.Contains(w.Body.String(), h) {
					t.Errorf("%s has %s", w.Body, h)
				}
			}
			for k, v := range s.header {
				if w.Header().Get(k) != v {
					t.Errorf("%s is %q, want %q", k, w.Header().Get(k), v)
				}
			}
			if w.Code >= 400 {
				checkProblem(t, w.Body.Bytes(), w.Code)
			}
		})
	}
	if f.log.Len() > 0 {
		t.Errorf("expected mistakes were logged: %s", f.log)
	}
}

func checkProblem(t *testing.T, body []byte, status int) {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != status || p.Code == "" || p.Detail == "" || p.Title != http.StatusText(status) {
		t.Errorf("problem %+v", p)
	}
	if meant, ok := problemTypes()[strings.TrimPrefix(p.Type, problemRoot)]; !ok || meant.Code != p.Code || meant.Status != p.Status {
		t.Errorf("problem %+v is described as %+v", p, meant)
	}
}

// TestIssueShape compares the JSON with the promised names, one by one.
func TestIssueShape(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "My line is down")
	var got map[string]any
	if err := json.Unmarshal(f.do("GET", Root+"/issues/"+string(issue), "", nil).Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{"id": string(issue), "desk": "help", "status": "new", "category": "open", "reason": "", "reporter_spoke": false, "answered": false,
		"excerpt": "My line is down", "language": "en", "opened_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z",
		"waiting_since": "2026-03-01T12:00:00Z", "assignee": "", "incident": "", "url": "https://help.acme.example/issues/" + string(issue)} {
		if got[k] != want {
			t.Errorf("%s is %#v, want %#v", k, got[k], want)
		}
	}
	if s, ok := got["sources"].([]any); !ok || len(s) != 1 || s[0] != "inbox" {
		t.Errorf("sources: %v", got["sources"])
	}
	if why, _ := got["why"].(string); !strings.Contains(why, "#acme") || !strings.Contains(why, "#fail") {
		t.Errorf("why: %v", got["why"])
	}
	reporter, _ := got["reporter"].(map[string]any)
	for k, want := range map[string]any{"id": "https://m.example/users/ana", "acct": "ana@m.example", "name": "Ana", "url": "https://m.example/@ana"} {
		if reporter[k] != want {
			t.Errorf("reporter.%s is %#v", k, reporter[k])
		}
	}
	timeline, _ := got["timeline"].([]any)
	if len(timeline) != 1 {
		t.Fatalf("timeline: %v", timeline)
	}
	entry := timeline[0].(map[string]any)
	for k, want := range map[string]any{"kind": "report", "at": "2026-03-01T12:00:00Z", "author": "ana@m.example", "text": "My line is down",
		"html": "<p>My line is down</p>", "visibility": "public", "object": "https://m.example/notes/1", "edited": false, "deleted": false} {
		if entry[k] != want {
			t.Errorf("timeline[0].%s is %#v, want %#v", k, entry[k], want)
		}
	}
	delivery, _ := entry["delivery"].(map[string]any)
	for _, k := range []string{"queued", "delivered", "failed"} {
		if delivery[k] != 0.0 {
			t.Errorf("delivery.%s is %v", k, delivery[k])
		}
	}
}

func TestPages(t *testing.T) {
	f := newFixture(t)
	for n := range 5 {
		f.report(t, n, "down")
	}
	seen := map[desk.IssueID]bool{}
	path := Root + "/issues?limit=2"
	for pages := 1; ; pages++ {
		w := f.do("GET", path, "", nil)
		var page []Issue
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		for _, i := range page {
			if seen[i.ID] {
				t.Errorf("%s twice", i.ID)
			}
			seen[i.ID] = true
		}
		link := w.Header().Get("Link")
		if (link == "") != (w.Header().Get(HeaderNext) == "") {
			t.Errorf("Link is %q, X-Next %q", link, w.Header().Get(HeaderNext))
		}
		if link == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		if next := Root + "/issues?after=" + w.Header().Get(HeaderNext) + "&limit=2"; link != "<"+next+`>; rel="next"` {
			t.Errorf("Link is %q", link)
		}
		path = strings.TrimPrefix(strings.TrimSuffix(link, `>; rel="next"`), "<")
	}
	if len(seen) != 5 {
		t.Errorf("%d issues", len(seen))
	}
}

func TestIdempotency(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "down")
	path := Root + "/issues/" + string(issue) + "/comment"
	key := map[string]string{HeaderKey: "k1", HeaderAgent: "bo@acme.example"}
	first := f.do("POST", path, `{"text":"a"}`, key)
	again := f.do("POST", path, `{"text":"a"}`, key)
	if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s\n%d %s", first.Code, first.Body, again.Code, again.Body)
	}
	// With other words it is a mistake: they are neither dropped as sent, nor
	// said beside the first ones.
	w := f.do("POST", path, `{"text":"b"}`, key)
	if w.Code != 422 || !strings.Contains(w.Body.String(), "key_reused") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	// For another address, or another agent, it is another key.
	if w := f.do("POST", path, `{"text":"b"}`, map[string]string{HeaderKey: "k1"}); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := f.do("POST", Root+"/issues/"+string(issue)+"/assign", `{"assignee":""}`, key); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	v, err := f.app.ShowIssue(t.Context(), issue)
	if err != nil {
		t.Fatal(err)
	}
	comments := 0
	for _, e := range v.Timeline {
		if e.Event.Kind == desk.KindComment {
			comments++
		}
	}
	if comments != 2 {
		t.Errorf("%d comments, want 2", comments)
	}
	if w := f.do("POST", path, `{"text":"a"}`, map[string]string{HeaderKey: strings.Repeat("k", 201)}); w.Code != 400 {
		t.Errorf("an endless key: %d", w.Code)
	}
}

// A decision on other words of a broadcast is refused too.
func TestIfMatchOfABroadcast(t *testing.T) {
	f := newFixture(t)
	var p Post
	if err := json.Unmarshal(f.do("POST", Root+"/broadcasts", `{"desk":"help","text":"No line works."}`, nil).Body.Bytes(), &p); err != nil || p.Seen == "" {
		t.Fatalf("%+v, %v", p, err)
	}
	path, seen := Root+"/posts/"+string(p.ID), map[string]string{"If-Match": strconv.Quote(p.Seen)}
	if w := f.do("PATCH", path, `{"text":"Two lines work."}`, seen); w.Code != 200 || strings.Contains(w.Body.String(), p.Seen) {
		t.Fatalf("on the words that are there: %d %s", w.Code, w.Body)
	}
	for _, do := range [][3]string{{"PATCH", path, `{"text":"All lines work."}`}, {"POST", path + "/undo", `{}`}} {
		if w := f.do(do[0], do[1], do[2], seen); w.Code != 412 || !strings.Contains(w.Body.String(), "post_moved_on") {
			t.Errorf("%s: %d %s", do, w.Code, w.Body)
		}
	}
}

// A write says on what it was decided, and is refused when there is something newer.
func TestIfMatch(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "down")
	path := Root + "/issues/" + string(issue)
	shown := f.do("GET", path, "", nil)
	tag := shown.Header().Get("ETag")
	if tag == "" || !strings.Contains(shown.Body.String(), `"seen":`+tag) {
		t.Fatalf("ETag %s of %s", tag, shown.Body)
	}
	if w := f.do("POST", path+"/status", `{"status":"in_progress"}`, map[string]string{"If-Match": tag, HeaderAgent: "bo@acme.example"}); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, do := range [][2]string{{"/status", `{"status":"waiting"}`}, {"/reply", `{"text":"Which street?"}`}} {
		if w := f.do("POST", path+do[0], do[1], map[string]string{"If-Match": tag}); w.Code != 412 || !strings.Contains(w.Body.String(), "issue_moved_on") {
			t.Errorf("%s: %d %s", do[0], w.Code, w.Body)
		}
	}
	tag = f.do("GET", path, "", nil).Header().Get("ETag")
	if w := f.do("POST", path+"/reply", `{"text":"Please send us the PIN assignment"}`, map[string]string{"If-Match": tag}); w.Code != 400 {
		t.Errorf("what looks like asking for a secret: %d %s", w.Code, w.Body)
	}
	if w := f.do("POST", path+"/reply", `{"text":"Please send us the PIN assignment","meant":true}`, map[string]string{"If-Match": tag}); w.Code != 201 {
		t.Errorf("meant as it is: %d %s", w.Code, w.Body)
	}
	tag = f.do("GET", path, "", nil).Header().Get("ETag")
	for _, one := range [][2]string{{"W/" + tag, "waiting"}, {"*", "in_progress"}} { // a proxy weakens it; whatever there is
		tag, to := one[0], one[1]
		if w := f.do("POST", path+"/status", `{"status":"`+to+`"}`, map[string]string{"If-Match": tag}); w.Code != 200 {
			t.Errorf("on what was seen, as %s: %d %s", tag, w.Code, w.Body)
		}
	}
	w := f.do("POST", Root+"/issues/bulk", `{"issues":["`+string(issue)+`"],"status":"waiting","seen_at":"2020-01-01T00:00:00Z"}`, nil)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "something newer") {
		t.Errorf("one of many, from an old list: %d %s", w.Code, w.Body)
	}
}

func TestProblems(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
		code   desk.Code
	}{
		{desk.Invalid("x", "x"), 400, desk.CodeInvalid},
		{desk.Forbidden("x", "x"), 403, desk.CodeForbidden},
		{desk.NotFound("x", "x"), 404, desk.CodeNotFound},
		{desk.Conflict("x", "x"), 409, desk.CodeConflict},
		{&desk.Error{Code: desk.CodeUnavailable, Message: "x"}, 503, desk.CodeUnavailable},
		{store.ErrFull, 503, desk.CodeUnavailable},
		{store.ErrClosed, 503, desk.CodeUnavailable},
		{store.ErrCursor, 400, desk.CodeInvalid},
		{store.ErrText, 400, desk.CodeInvalid},
		{errors.New("secret"), 500, desk.CodeInternal},
	} {
		p := ProblemOf(tc.err)
		if p.Status != tc.status || p.Code != tc.code || strings.Contains(p.Detail, "secret") {
			t.Errorf("%v: %+v", tc.err, p)
		}
	}
}

// An error that came over the API has its id: the command line adds hints by it.
func TestErrorsKeepTheirID(t *testing.T) {
	for _, err := range []error{desk.NotFound("issue_not_found", "there is no issue %s", "x"), store.ErrFull, errors.New("secret")} {
		want := ProblemOf(err)
		body, _ := json.Marshal(want)
		got := failure(&http.Response{Status: "x"}, body)
		if "/api/v1/problems/"+desk.ErrorID(got) != want.Type || desk.ErrorID(got) == "" || desk.ErrorCode(got) != want.Code {
			t.Errorf("%v: sent as %+v, read as %q", err, want, desk.ErrorID(got))
		}
	}
	for _, body := range []string{`{"detail":"x","code":"conflict"}`, `{"detail":"x","type":"about:blank"}`} {
		if id := desk.ErrorID(failure(&http.Response{Status: "x"}, []byte(body))); id != "" {
			t.Errorf("%s has the id %q", body, id)
		}
	}
}

// TestInternalErrorsStayInTheLog: an internal error is in the log, not in the answer.
func TestInternalErrorsStayInTheLog(t *testing.T) {
	f := newFixture(t)
	f.prober.err = errors.New("secret detail")
	w := f.do("POST", Root+"/sources", `{"kind":"tag-actor"}`, nil)
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(f.log.String(), "secret detail") {
		t.Errorf("log: %s", f.log)
	}
	if err := f.closed(); err != nil {
		t.Fatal(err)
	}
	if w := f.do("GET", Root+"/issues", "", nil); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a closed store: %d %s", w.Code, w.Body)
	}
}

// An issue that needs us says so under both names, and all names of each
// filter find the same.
func TestOlderNames(t *testing.T) {
	f := newFixture(t)
	f.token(t, "di@acme.example", desk.RoleAgent)
	quiet, spoken := f.report(t, 1, "My line is down"), f.report(t, 2, "No light on the box")
	if _, err := f.app.Hear(t.Context(), app.Heard{Author: desk.Actor{ID: "https://m.example/users/ana", Acct: "ana@m.example"}, Source: app.Inbox, Post: desk.Post{
		Object: "https://m.example/notes/3", InReplyTo: "https://m.example/notes/2", Author: "https://m.example/users/ana", Text: "Still no light", HTML: "<p>Still no light</p>",
		Visibility: desk.VisibilityPublic, Published: f.clock.Now()}}); err != nil {
		t.Fatal(err)
	}
	if w := f.do("POST", Root+"/issues/"+string(quiet)+"/comment", `{"text":"@di, is this your cabinet?"}`, nil); w.Code != http.StatusCreated {
		t.Fatal(w.Body)
	}
	for query, want := range map[string]desk.IssueID{"needs_us=true": spoken, "reporter_spoke=true": spoken, "answered=true": spoken, "mentioned=di@acme.example": quiet, "called=di@acme.example": quiet} {
		var got []Issue
		w := f.do("GET", Root+"/issues?"+query, "", nil)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 1 || got[0].ID != want {
			t.Errorf("%s: %v, %s", query, err, w.Body)
			continue
		}
		if i := got[0]; i.ReporterSpoke != (want == spoken) || i.Answered != i.ReporterSpoke {
			t.Errorf("%s: reporter_spoke is %v, answered %v", query, i.ReporterSpoke, i.Answered)
		}
	}
}
