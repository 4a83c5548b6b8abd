package inbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// Who a post is meant for, by all that says it, and how public it is then.
func TestAddressed(t *testing.T) {
	const help, none = desk.Handle("help"), desk.Handle("")
	const public, followers = `"https://www.w3.org/ns/activitystreams#Public"`, `"` + string(ana) + `/followers"`
	const us, other = `"` + string(ourDesk) + `"`, `"https://m.example/u/other"`
	for _, c := range []struct {
		name             string
		inbox            desk.Handle
		activity, object string
		want             desk.Visibility // "" is dropped
	}{
		{"nobody, in a desk's inbox", help, `"to":[],"cc":[]`, `"to":[],"cc":[]`, desk.VisibilityDirect},
		{"nothing said, in a desk's inbox", help, ``, ``, desk.VisibilityDirect},
		{"nobody, in the shared inbox", none, `"to":[],"cc":[]`, `"to":[],"cc":[]`, ""},
		{"another, in a desk's inbox", help, ``, `"to":[` + other + `]`, ""},
		{"another by the activity, in a desk's inbox", help, `"to":[` + other + `]`, ``, ""},
		{"blind copies that were left in, in a desk's inbox", help, ``, `"bcc":[` + other + `]`, ""},
		{"public, in a desk's inbox", help, ``, `"to":[` + public + `]`, ""},
		{"followers, in a desk's inbox", help, ``, `"to":[` + followers + `]`, ""},
		{"public to the desk", none, ``, `"to":[` + public + `,` + us + `]`, desk.VisibilityPublic},
		{"public, copy to the desk", none, ``, `"to":[` + public + `],"cc":[` + us + `]`, desk.VisibilityPublic},
		{"quiet, to the desk", none, ``, `"cc":[` + public + `],"to":[` + us + `]`, desk.VisibilityQuiet},
		{"audience", none, ``, `"to":[` + public + `],"audience":[` + us + `]`, desk.VisibilityPublic},
		{"a blind copy to the desk", none, ``, `"bto":[` + us + `]`, desk.VisibilityDirect},
		{"only the activity, direct", none, `"to":[` + us + `]`, `"to":[],"cc":[]`, desk.VisibilityDirect},
		{"only the activity, public", none, `"to":[` + public + `],"cc":[` + us + `]`, `"to":[]`, desk.VisibilityPublic},
		{"a blind copy by the activity", none, `"bcc":[` + us + `]`, ``, desk.VisibilityDirect},
		{"a public activity does not widen followers", none, `"to":[` + public + `,` + us + `]`, `"to":[` + followers + `]`, desk.VisibilityFollowers},
		{"a public activity does not widen direct", none, `"to":[` + public + `],"cc":[` + us + `]`, `"to":[` + other + `]`, desk.VisibilityDirect},
		{"the activity tells who, the object how public", none, `"to":[` + us + `]`, `"to":[` + public + `]`, desk.VisibilityPublic},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInstance(t, false)
			i.sendTo(c.inbox, ana, spoken(ana, c.activity, c.object))
			i.process()
			all := i.issues()
			if len(all) != len(strings.Fields(string(c.want))) {
				t.Fatalf("%d issues", len(all))
			}
			if len(all) == 1 && i.stored(noteID(ana, "1")).Visibility != c.want {
				t.Errorf("it is %s, want %s", i.stored(noteID(ana, "1")).Visibility, c.want)
			}
		})
	}
}

// spoken is a Create of a post with an audience on each of the two.
func spoken(author desk.ActorID, around, object string) string {
	join := func(s string) string {
		if s == "" {
			return ""
		}
		return "," + s
	}
	return fmt.Sprintf(`{"id":"%s/activities/1","type":"Create","actor":%q%s,"object":{"id":%q,"type":"Note","attributedTo":%q,"content":"<p>It is down</p>"%s}}`,
		author, author, join(around), noteID(author, "1"), author, join(object))
}

// sendTo sends to the inbox of a desk, or to the shared one for "".
func (i *instance) sendTo(h desk.Handle, signer desk.ActorID, body string) Outcome {
	i.t.Helper()
	r := i.request(signer, body)
	if h != "" {
		r = r.WithContext(InInbox(r.Context(), h))
	}
	_, o := i.answer(r)
	return o
}

// What a group, or an actor that we follow, delivers is for all who follow it.
func TestInboxOfSources(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(i *instance)
	}{
		{"a source", func(i *instance) { i.follow(ana) }},
		{"a group", func(i *instance) {
			group := *i.peers.actors[ana]
			group.Type = as.Group
			i.peers.actors[ana] = &group
			i.peers.Forget(ana)
		}},
	} {
		i := newInstance(t, false)
		c.make(i)
		if o := i.sendTo("help", ana, spoken(ana, "", "")); o.Reason != drop.NotAddressed {
			t.Errorf("%s: %v", c.name, o)
		}
	}
}

// A job says to which inbox its activity came, and one of an older version does not.
func TestInboxOfJobs(t *testing.T) {
	i := newInstance(t, false)
	i.sendTo("help", ana, spoken(ana, "", ""))
	job := func() (j store.Job) {
		i.view(func(tx *app.Tx) (err error) { j, _, err = tx.Jobs().Get(i.jobs(store.QueueInbound)[0]); return err })
		return j
	}()
	var d delivery
	if err := json.Unmarshal(job.Payload, &d); err != nil || d.Inbox != "help" {
		t.Fatalf("%s: %v", job.Payload, err)
	}
	var older map[string]json.RawMessage
	if err := json.Unmarshal(job.Payload, &older); err != nil {
		t.Fatal(err)
	}
	delete(older, "inbox")
	job.Payload, _ = json.Marshal(older)
	if err := i.Process(t.Context(), job); err != nil || len(i.issues()) != 0 { // as it was read then
		t.Errorf("an older job: %v, %d issues", err, len(i.issues()))
	}
	i.process()
	if all := i.issues(); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}
