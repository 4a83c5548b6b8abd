package inbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/corpus"
	"earshot/store"
)

// What running servers sent, and what it has to come to: each an example of our
// own in the same shape, and the recording where there is one. DESK is our server.
func TestInterop(t *testing.T) {
	const public = `"https://www.w3.org/ns/activitystreams#Public"`
	const tags = `{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}`
	const to = `"to":[` + public + `],"cc":["https://x.example/u/1/followers","DESK/desks/help"]`
	for _, tt := range []struct {
		file, own string
		check     func(*testing.T, *instance, []json.RawMessage)
	}{
		{"misskey-note-without-url.json", `{"type":"Create","id":"https://x.example/n/1/activity","actor":"https://x.example/u/1",` + to + `,
			"object":{"type":"Note","id":"https://x.example/n/1","attributedTo":"https://x.example/u/1","content":"<p>No net</p>",` + to + `,"tag":[` + tags + `,{"type":"Mention","href":"DESK/desks/help","name":"@help"}]}}`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				p := i.hearsOne(t, all[0])
				if p.URL != string(p.Object) {
					t.Errorf("the way to the original is %q", p.URL)
				}
			}},
		{"misskey-like-down.json", `{"type":"Like","id":"https://x.example/l/1","actor":"https://x.example/u/1","object":"DESK/posts/1","content":"👎","_misskey_reaction":"👎"}`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				a := parsed(t, all[0])
				if r := desk.ReactionOf(emoji(a)); r != "👎" || desk.FeelingOf(r) == desk.FeelingOf("👍") || desk.FeelingOf(r) == desk.FeelingOf("🎉") {
					t.Errorf("it says %q, which counts as %v", r, desk.FeelingOf(r))
				}
			}},
		{"misskey-flag.json", `{"type":"Flag","id":"https://x.example/f/1","actor":"https://x.example/u/1","content":"rude answer","object":"DESK/desks/help"}`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				i.takes(t, all[0], drop.Kept)
				flags, err := i.App.Flags(t.Context())
				if err != nil || len(flags) != 1 || !strings.HasPrefix(flags[0].Words, "rude answer") || flags[0].About[0] != desk.ObjectID(ourDesk) {
					t.Errorf("%+v, %v", flags, err)
				}
			}},
		{"nodebb-article.json", `{"type":"Create","id":"https://x.example/n/1/activity","actor":"https://x.example/u/1",` + to + `,
			"object":{"type":"Article","id":"https://x.example/n/1","name":"No net in Elm Street","summary":"<p>since noon nothing works</p>","content":"<p>since noon nothing works</p>\n","attributedTo":"https://x.example/u/1",` + to + `,"tag":[` + tags + `,{"type":"Mention","href":"DESK/desks/help","name":"@help"}]}}`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				p := i.hearsOne(t, all[0])
				if strings.Count(p.Text, "since noon") != 1 || strings.Count(p.Text, "No net in Elm Street") != 1 || p.Warning != "" {
					t.Errorf("it is read as %q behind %q", p.Text, p.Warning)
				}
			}},
		{"nodebb-reply-named.json", `{"type":"Create","id":"https://x.example/n/2/activity","actor":"https://x.example/u/1",` + to + `,
			"object":{"type":"Note","id":"https://x.example/n/2","name":"No net in Elm Street","inReplyTo":"DESK/posts/1","content":"<p>Number 12, third floor.</p>\n","attributedTo":"https://x.example/u/1",` + to + `,"tag":[]}}`,
			func(t *testing.T, _ *instance, all []json.RawMessage) {
				if got := heard(parsed(t, all[0]).Object.Object, desk.Actor{}, "", "").Post.Text; got != "Number 12, third floor." {
					t.Errorf("it is read as %q", got)
				}
			}},
		{"nodebb-relike.json", `[{"type":"Like","id":"https://x.example/u/1#like","actor":"https://x.example/u/1","object":"DESK/posts/1"},
			{"type":"Undo","id":"https://x.example/u/1#undo/1","actor":"https://x.example/u/1","object":{"type":"Like","id":"https://x.example/u/1#like","actor":"https://x.example/u/1","object":"DESK/posts/1"}},
			{"type":"Like","id":"https://x.example/u/1#like","actor":"https://x.example/u/1","object":"DESK/posts/1"}]`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				issue := i.report(parsed(t, all[0]).Actor, "1")
				reply := i.reply(issue.ID)
				for _, raw := range all {
					old := parsed(t, all[0]).Object.ID
					i.takes(t, json.RawMessage(strings.ReplaceAll(string(raw), string(old), string(reply.Object))), drop.Kept)
				}
				if got := i.reactions(issue.ID); len(got) != 1 {
					t.Errorf("%d reactions count, want 1", len(got))
				}
			}},
		{"hubzilla-create.json", `{"type":"Create","id":"https://x.example/n/1/activity","name":"No light","actor":"https://x.example/u/1",` + to + `,
			"object":{"type":"Note","id":"https://x.example/n/1","name":"No light","commentPolicy":"contacts","content":"the lamps are dark","attributedTo":"https://x.example/u/1",` + to + `,"tag":[` + tags + `,{"type":"Mention","href":"DESK/@help","name":"@Acme help"}]}}`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				p := i.hearsOne(t, all[0])
				if p.CanReply == nil || !p.CanReply.Contacts || p.ReplyPermissionFor(ourDesk, false, false) != desk.ReplyAllowed {
					t.Errorf("the policy is %+v; an author who mentions us is answered", p.CanReply)
				}
			}},
		{"hubzilla-follow.json", `{"type":"Follow","id":"https://x.example/follow/3#follow","actor":"https://x.example/u/1","object":"DESK/@help","to":["DESK/desks/help"]}`,
			func(t *testing.T, i *instance, all []json.RawMessage) {
				i.takes(t, all[0], drop.Kept)
				there := false
				i.view(func(tx *app.Tx) (err error) {
					_, there, err = tx.Follows().Get("help", parsed(t, all[0]).Actor)
					return err
				})
				if !there {
					t.Error("it follows nobody")
				}
			}},
	} {
		for _, from := range []string{"own", tt.file} {
			raw := []byte(tt.own)
			if from != "own" {
				if raw = corpus.Interop(t, tt.file); raw == nil {
					continue
				}
			}
			t.Run(strings.TrimSuffix(tt.file, ".json")+"/"+strings.TrimSuffix(from, ".json"), func(t *testing.T) {
				i := newInstance(t, true)
				site := i.App.Site()
				text := strings.NewReplacer("https://desk.acme.test", site.URL, "desk.acme.test", string(site.HandleDomain), "DESK", site.URL).Replace(string(raw))
				var all []json.RawMessage
				if json.Unmarshal([]byte(text), &all) != nil {
					all = []json.RawMessage{json.RawMessage(text)}
				}
				who := parsed(t, all[0]).Actor
				i.peers.actors[who] = &as.Actor{ID: who, Type: as.Person, PreferredUsername: "x", Inbox: string(who) + "/inbox", Followers: string(who) + "/followers"}
				tt.check(t, i, all)
			})
		}
	}
}

// Our own words that a server passes on to us are answered 202 and forgotten.
func TestInteropOwnWordsPassedOn(t *testing.T) {
	i := newInstance(t, true)
	reply := i.reply(i.report(ana, "1").ID)
	own := fmt.Sprintf(`{"type":"Create","id":"%s/create","actor":"%s","object":{"type":"Note","id":"%s","attributedTo":"%s","content":"x"}}`, reply.Object, ourDesk, reply.Object, ourDesk)
	for what, raw := range map[string]string{"own": own, "recorded": string(corpus.Interop(t, "hubzilla-relayed-own-reply.json"))} {
		if raw == "" {
			continue
		}
		raw = strings.ReplaceAll(raw, "https://desk.acme.test", i.App.Site().URL)
		w, _ := i.answer(i.request(ben, raw))
		i.process()
		if n := len(i.issues()); w.Code != http.StatusAccepted || n != 1 {
			t.Errorf("%s: %d, %d issues", what, w.Code, n)
		}
	}
}

// Who moved, as GoToSocial says it.
func TestInteropMoved(t *testing.T) {
	own := `{"type":"Person","id":"https://old.example/users/ines","inbox":"https://old.example/users/ines/inbox","movedTo":"https://old.example/users/inesneu","preferredUsername":"ines"}`
	for what, raw := range map[string]string{"own": own, "recorded": string(corpus.Interop(t, "gotosocial-actor-moved.json"))} {
		if raw == "" {
			continue
		}
		if a, err := as.ParseActor([]byte(raw)); err != nil || a.MovedTo != "https://old.example/users/inesneu" {
			t.Errorf("%s: %+v, %v", what, a, err)
		}
	}
}

// GoToSocial repeats a delivery that was answered 503 without its body, over HTTP/2:
// each is refused and counted, nothing of it is remembered, and the post is heard
// when it comes whole.
func TestInteropRetryWithoutBody(t *testing.T) {
	for what, raw := range map[string]string{"own": `{"attempts":[["",503,"{"],["",503,"(front: 0 bytes)"]]}`, "recorded": string(corpus.Interop(t, "gotosocial-retry-without-body.json"))} {
		if raw == "" {
			continue
		}
		var recorded struct{ Attempts [][3]any }
		if err := json.Unmarshal([]byte(raw), &recorded); err != nil || len(recorded.Attempts) == 0 {
			t.Fatal(what, err)
		}
		i := newInstance(t, true)
		report := activity(as.Create, ana, "1", note(ana, "1", mention))
		for _, attempt := range recorded.Attempts {
			r := i.request(ana, report) // signed with the Digest of its body
			i.store.fails = store.ErrFull
			want := Outcome{http.StatusServiceUnavailable, drop.NotStored}
			if !strings.HasPrefix(attempt[2].(string), "{") {
				r.Body, want = http.NoBody, Outcome{http.StatusBadRequest, drop.NoBody}
			}
			if _, o := i.answer(r); o != want {
				t.Errorf("%s: answered %v, want %v", what, o, want)
			}
		}
		i.store.fails = nil
		if p := i.hearsOne(t, json.RawMessage(report)); p.Author != ana {
			t.Errorf("%s: heard %+v", what, p)
		}
	}
}

func parsed(t *testing.T, raw []byte) *as.Activity {
	t.Helper()
	a, err := as.ParseActivity(raw)
	if err != nil {
		t.Fatalf("%v in %.300s", err, raw)
	}
	return a
}

// takes sends an activity by its actor, and does what it causes.
func (i *instance) takes(t *testing.T, raw json.RawMessage, want drop.Reason) {
	t.Helper()
	if o := i.send(parsed(t, raw).Actor, string(raw)); o.Reason != want {
		t.Fatalf("answered %v", o)
	}
	i.process()
}

// hearsOne expects that a post opens the only issue, and returns the post.
func (i *instance) hearsOne(t *testing.T, raw json.RawMessage) (p desk.Post) {
	t.Helper()
	i.takes(t, raw, drop.Kept)
	issues := i.issues()
	if len(issues) != 1 {
		t.Fatalf("%d issues", len(issues))
	}
	v, err := i.App.ShowIssue(t.Context(), issues[0].ID)
	if err != nil || len(v.Timeline) == 0 || v.Timeline[0].Post == nil {
		t.Fatal(v, err)
	}
	return *v.Timeline[0].Post
}
