package fed_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"earshot/internal/test/fed"
)

type M = fed.M

// Bad input gets the answer of the contract, with a reason, and leaves nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	help, inbox := p.Site.Desk("help"), p.Site.SharedInbox()
	good := func() []byte { b, _ := json.Marshal(eve.Create(eve.Note(1, help, "<p>zzbad</p>"))); return b }
	with := func(change func(create, note M)) []byte {
		note := eve.Note(1, help, "<p>zzbad</p>")
		create := eve.Create(note)
		change(create, note)
		b, _ := json.Marshal(create)
		return b
	}
	spoil := func(body []byte, f func(*http.Request)) *http.Request {
		r := eve.Request(inbox, body)
		f(r)
		return r
	}
	for _, tc := range []struct {
		name   string
		status int
		reason string
		r      *http.Request
	}{
		{"malformed JSON", 400, "", eve.Request(inbox, []byte(`{"type":`))},
		{"not an object", 400, "", eve.Request(inbox, []byte(`[1]`))},
		{"two values", 400, "", eve.Request(inbox, append(good(), good()...))},
		{"5,000 levels deep", 400, "", eve.Request(inbox, []byte(strings.Repeat(`{"a":`, 5000)+"1"+strings.Repeat("}", 5000)))},
		{"5,000 lists deep", 400, "", eve.Request(inbox, []byte(`{"a":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+"}"))},
		{"duplicate keys", 400, "", eve.Request(inbox, bytes.Replace(good(), []byte(`"type":"Create"`), []byte(`"type":"Create","type":"Delete"`), 1))},
		{"invalid UTF-8", 400, "", eve.Request(inbox, bytes.Replace(good(), []byte("zzbad"), []byte("zz\xff"), 1))},
		{"over 1 MiB", 413, "", eve.Request(inbox, with(func(_, n M) { n["content"] = strings.Repeat("zzbad ", 200_000) }))},
		{"over 1 MiB, length unknown", 413, "", spoil(with(func(_, n M) { n["content"] = strings.Repeat("zzbad ", 200_000) }), func(r *http.Request) { r.ContentLength = -1 })},
		{"media type html", 415, "activity+json", spoil(good(), func(r *http.Request) { r.Header.Set("Content-Type", "text/html") })},
		{"no media type", 415, "", spoil(good(), func(r *http.Request) { r.Header.Del("Content-Type") })},
		{"no signature", 401, "signature", spoil(good(), func(r *http.Request) { r.Header.Del("Signature") })},
		{"nonsense for a signature", 401, "", spoil(good(), func(r *http.Request) { r.Header.Set("Signature", `keyId="x",signature="!"`) })},
		{"wrong signature", 401, "", spoil(good(), func(r *http.Request) {
			s := r.Header.Get("Signature")
			at := strings.Index(s, `signature="`) + len(`signature="`) + 5
			r.Header.Set("Signature", s[:at]+string(s[at]^1)+s[at+1:])
		})},
		{"digest that does not fit", 401, "", spoil(good(), func(r *http.Request) {
			body := with(func(_, n M) { n["content"] = "zzbad other" })
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		})},
		{"no digest", 401, "", spoil(good(), func(r *http.Request) { r.Header.Del("Digest") })},
		{"signed for another path", 401, "", spoil(good(), func(r *http.Request) { r.URL.Path = "/desks/help/inbox" })},
		{"another date", 401, "", spoil(good(), func(r *http.Request) {
			r.Header.Set("Date", time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat))
		})},
		{"author on another host", 400, "", eve.Request(inbox, with(func(_, n M) { n["attributedTo"] = "https://victim.example/users/a" }))},
		{"another author of the same host", 400, "", eve.Request(inbox, with(func(_, n M) { n["attributedTo"] = eve.URL + "/users/mallory" }))},
		{"numeric author", 400, "", eve.Request(inbox, with(func(_, n M) { n["attributedTo"] = 1 }))},
		{"object on another host", 400, "", eve.Request(inbox, with(func(_, n M) { n["id"] = "https://victim.example/notes/1" }))},
		{"activity on another host", 400, "", eve.Request(inbox, with(func(c, _ M) { c["id"] = "https://victim.example/1" }))},
		{"an object of ours", 400, "", eve.Request(inbox, with(func(_, n M) { n["id"] = p.Site.URL + "/posts/1" }))},
		{"no actor", 400, "", eve.Request(inbox, with(func(c, _ M) { delete(c, "actor") }))},
		{"no object", 400, "", eve.Request(inbox, with(func(c, _ M) { delete(c, "object") }))},
		{"a desk that is not there", 404, "", eve.Request(p.Site.URL+"/desks/nobody/inbox", good())},
		{"PUT", 405, "POST", spoil(good(), func(r *http.Request) { r.Method = http.MethodPut })},
		{"POST to the outbox", 405, "GET", eve.Request(string(help)+"/outbox", good())},
		{"a boost without an object id", 400, "", eve.Request(inbox, []byte(`{"id":"`+eve.URL+`/x","type":"Announce","actor":"`+string(eve.Actor)+`","object":"not a url"}`))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, answer := eve.Do(tc.r)
			if status != tc.status {
				t.Fatalf("answered %d %s, want %d", status, answer, tc.status)
			}
			var problem struct{ Detail string }
			if err := json.Unmarshal([]byte(answer), &problem); err != nil || problem.Detail == "" || !strings.Contains(problem.Detail, tc.reason) {
				t.Errorf("the reason is %q (%v), want one with %q", answer, err, tc.reason)
			}
		})
	}
	for n, a := range []M{
		{"type": "Frobnicate", "object": "https://x.example/zzbad"},
		{"type": "Listen", "object": M{"id": eve.URL + "/1", "type": "Audio", "name": "zzbad"}},
		{"type": "Add", "object": string(help), "target": eve.URL + "/zzbad"},
		{"type": "Create", "object": M{"id": eve.URL + "/2", "type": "Video", "attributedTo": string(eve.Actor), "name": "zzbad"}},
		{"type": "Delete", "object": eve.URL + "/unknown/zzbad"},
		{"type": "Accept", "object": p.Site.URL + "/activities/zzbad/follow/1"},
		{"type": "Undo", "object": eve.URL + "/zzbad"},
		{"type": "Follow", "object": p.Site.URL + "/desks/zzbad"},
		{"type": "Follow", "object": "https://else.example/zzbad"},
		{"type": "Like", "object": "https://else.example/zzbad"},
		{"type": "Announce", "object": "https://else.example/zzbad"},
		{"type": "Flag", "object": []string{"https://else.example/zzbad"}},
	} {
		a["id"], a["actor"] = fmt.Sprintf("%s/act/%d", eve.URL, n), string(eve.Actor)
		if status, answer := eve.Send(inbox, a); status != 202 {
			t.Errorf("%v: answered %d %s, want 202", a["type"], status, answer)
		}
	}
	c.Settle()
	if n := len(p.Issues()); n != 0 {
		t.Errorf("%d issues", n)
	}
	if waiting, dead := p.Waiting(); waiting+dead != 0 {
		t.Errorf("%d jobs wait, %d are dead", waiting, dead)
	}
	(&scene{Cluster: c, t: t, desk: p}).notOnDisk("zzbad")
	// The ears are open all the same.
	if status, answer := eve.Do(eve.Request(inbox, good())); status != 202 {
		t.Fatalf("a good post: %d %s", status, answer)
	}
	c.Settle()
	p.Only()
}

// A date out of the window is refused, in either direction.
func TestDateWindow(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	body, _ := json.Marshal(eve.Create(eve.Note(1, p.Site.Desk("help"), "x")))
	for _, d := range []time.Duration{2 * time.Hour, -4 * time.Hour} {
		r := eve.Request(p.Site.SharedInbox(), body)
		c.Clock.Advance(d)
		if status, answer := eve.Do(r); status != 401 || !strings.Contains(answer, "ate") {
			t.Errorf("%v later: %d %s", d, status, answer)
		}
	}
}

// Bad input leaves no goroutine behind.
func TestBadInputLeavesNoGoroutine(t *testing.T) {
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	send := func(n int) {
		for i := range n {
			r := eve.Request(p.Site.SharedInbox(), []byte(fmt.Sprintf(`{"type":"Create","n":%d`, i)))
			eve.Do(r)
			r = eve.Request(p.Site.SharedInbox(), []byte(fmt.Sprintf(`{"id":"%s/%d","type":"Nonsense","actor":"%s","object":"x"}`, eve.URL, i, eve.Actor)))
			r.Header.Set("Signature", `keyId="`+eve.URL+`/nobody#k",headers="(request-target) host date digest",signature="AAAA"`)
			eve.Do(r)
		}
	}
	send(5)
	before := runtime.NumGoroutine()
	send(50)
	http.DefaultClient.CloseIdleConnections()
	p.Net.Client.CloseIdle()
	for range 1000 {
		if runtime.NumGoroutine() <= before+3 {
			return
		}
		runtime.Gosched()
		http.DefaultClient.CloseIdleConnections()
		p.Net.Client.CloseIdle()
	}
	if after := runtime.NumGoroutine(); after > before+10 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// A key that cannot be fetched now is no reason to lose a report, also not of a server that
// never sends again: the report is taken, and heard when the key comes.
func TestKeyOutOfReach(t *testing.T) { onBothStores(t, keyOutOfReach) }

func keyOutOfReach(t *testing.T, c *fed.Cluster) {
	p, eve := c.Provider(acme), c.Peer()
	eve.ServeRaw("/users/eve", http.StatusServiceUnavailable, "text/plain", nil)
	create := eve.Create(eve.Note(1, p.Site.Desk("help"), "x"))
	if status, answer := eve.Send(p.Site.SharedInbox(), create); status != 202 {
		t.Errorf("answered %d %s, want 202", status, answer)
	}
	c.Settle()
	if n := len(p.Issues()); n > 0 {
		t.Fatalf("%d issues without a key", n)
	}
	eve.Person("eve", nil)
	c.Advance(2 * time.Hour) // longer than a signature's date may be off
	c.Settle()
	p.Only()
	if status, answer := eve.Send(p.Site.SharedInbox(), create); status != 202 {
		t.Errorf("once more: %d %s", status, answer)
	}
	c.Settle()
	p.Only()
}

// The key of a deleted account is gone with it. The answer of its own server
// about the actor decides; no other server can delete it.
func TestDeletedAccountWithoutKey(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "<p>words</p>")))
	c.Settle()
	leave := M{"id": eve.URL + "/users/eve#delete", "type": "Delete", "actor": string(eve.Actor), "object": string(eve.Actor)}
	eve.ServeRaw("/users/eve", http.StatusGone, "text/plain", nil)
	c.Advance(2 * time.Hour) // the key is not remembered that long
	if status, answer := eve.Send(p.Site.SharedInbox(), leave); status != 202 {
		t.Fatalf("answered %d %s", status, answer)
	}
	c.Settle()
	if post := p.Only().Timeline[0].Post; !post.Deleted || post.Text != "" {
		t.Errorf("left: %+v", post)
	}
	// An unknown actor: 202 and no work.
	leave["actor"], leave["object"] = eve.URL+"/users/ghost", eve.URL+"/users/ghost"
	if status, answer := eve.Send(p.Site.SharedInbox(), leave); status != 202 {
		t.Errorf("a stranger's Delete: %d %s", status, answer)
	}
}

// GoToSocial gives every edit the same activity id; both arrive, and a
// repetition of the first changes nothing.
func TestEditsWithTheSameID(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	note := eve.Note(1, p.Site.Desk("help"), "first")
	eve.Send(p.Site.SharedInbox(), eve.Create(note))
	c.Settle()
	update := func(content, updated string) M {
		n := eve.Note(1, p.Site.Desk("help"), content)
		n["updated"] = updated
		return M{"id": eve.URL + "/notes/1#Update", "type": "Update", "actor": string(eve.Actor), "object": n}
	}
	second, third := update("second", "2026-11-22T10:00:01Z"), update("third", "2026-11-22T10:00:02Z")
	for _, u := range []M{second, third, second, update("old", "2026-11-22T10:00:00Z")} {
		if status, answer := eve.Send(p.Site.SharedInbox(), u); status != 202 {
			t.Fatalf("%d %s", status, answer)
		}
		c.Settle()
	}
	if post := p.Only().Timeline[0].Post; post.Text != "third" || post.Edits != 2 {
		t.Errorf("%q after %d edits", post.Text, post.Edits)
	}
}

// A vote in a poll is a Note too; it is never a report.
func TestVoteOpensNothing(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	help := p.Site.Desk("help")
	vote := M{"id": eve.URL + "/votes/1", "type": "Note", "attributedTo": string(eve.Actor), "name": "the left one",
		"inReplyTo": p.Site.URL + "/posts/1", "to": []string{string(help)}}
	if status, answer := eve.Send(string(help)+"/inbox", eve.Create(vote)); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	if n := len(p.Issues()); n != 0 {
		t.Errorf("a vote opened %d issues", n)
	}
}

// A Create that names its object only is fetched from its own server.
func TestCreateByID(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	help := p.Site.Desk("help")
	note := eve.Note(7, help, "<p>by id</p>")
	eve.Serve("/notes/7", note)
	create := eve.Create(note)
	create["object"] = note["id"]
	if status, answer := eve.Send(p.Site.SharedInbox(), create); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	if i := p.Only(); i.Issue.Excerpt != "by id" {
		t.Errorf("excerpt %q", i.Issue.Excerpt)
	}
}

// A copy that another actor forwards proves nothing: its object is fetched.
func TestForwardedCopyIsFetched(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve, origin := c.Provider(acme), c.Peer(), c.Peer()
	help := p.Site.Desk("help")
	note := origin.Note(1, help, "<p>what eve claims</p>")
	forwarded := origin.Create(note)
	origin.Serve("/notes/1", origin.Note(1, help, "<p>what was said</p>"))
	if status, answer := eve.Send(p.Site.SharedInbox(), forwarded); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	c.Settle()
	if i := p.Only(); i.Issue.Excerpt != "what was said" || i.Issue.Reporter != origin.Actor {
		t.Errorf("heard %q of %s", i.Issue.Excerpt, i.Issue.Reporter)
	}
	// A forwarded Delete is believed only if the post is really gone.
	del := M{"id": origin.URL + "/d", "type": "Delete", "actor": string(origin.Actor), "object": note["id"]}
	eve.Send(p.Site.SharedInbox(), del)
	c.Settle()
	if p.Only().Timeline[0].Post.Deleted {
		t.Error("a forged Delete was believed")
	}
	origin.ServeRaw("/notes/1", http.StatusGone, "text/plain", nil)
	eve.Send(p.Site.SharedInbox(), del)
	c.Settle()
	if !p.Only().Timeline[0].Post.Deleted {
		t.Error("the post is gone, and we still have it")
	}
}
