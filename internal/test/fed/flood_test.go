package fed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// flooded is a provider with limits, and a server it has never heard of.
type flooded struct {
	*fed.Cluster
	t   *testing.T
	p   *fed.Provider
	eve *fed.Peer
}

func newFlooded(t *testing.T) *flooded {
	t.Parallel()
	c := fed.New(t)
	c.FloodLimits = true
	return &flooded{c, t, c.Provider(acme), c.Peer()}
}

// report sends the n-th post, of the person of that name.
func (f *flooded) report(n int, who string, change ...func(M)) M {
	f.t.Helper()
	id := f.eve.Person(who, nil)
	note := f.eve.Note(n, f.p.Site.Desk("help"), fmt.Sprintf("<p>zzflood %d</p>", n))
	note["attributedTo"] = string(id)
	for _, c := range change {
		c(note)
	}
	f.do(id, M{"id": fmt.Sprint(note["id"], "/activity"), "type": "Create", "actor": string(id), "to": note["to"], "cc": note["cc"], "object": note}, 202)
	f.Settle()
	return note
}

func (f *flooded) do(who desk.ActorID, activity M, want int) {
	f.t.Helper()
	if status, answer := f.eve.Do(f.eve.RequestAs(string(who)+"#main-key", f.p.Site.SharedInbox(), encode(f.t, activity))); status != want {
		f.t.Fatalf("answered %d %s", status, answer)
	}
}

func (f *flooded) aside() []desk.Quarantined {
	f.t.Helper()
	out, _, err := f.p.Quarantine(context.Background(), store.QuarantineFilter{}, store.Page{})
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func (f *flooded) want(issues, aside int) {
	f.t.Helper()
	if i, q := len(f.p.Issues()), len(f.aside()); i != issues || q != aside {
		f.t.Fatalf("%d issues and %d posts set aside, want %d and %d", i, q, issues, aside)
	}
}

// One person opens five issues, then one in half an hour; further words in
// their threads are not limited.
func TestFloodOfOnePerson(t *testing.T) {
	f := newFlooded(t)
	for n := range 8 {
		f.report(n, "ana")
	}
	f.want(5, 3)
	f.Advance(30 * time.Minute)
	f.report(9, "ana")
	f.report(10, "ana")
	f.want(6, 4)
	f.report(11, "ana", func(n M) { n["inReplyTo"] = f.eve.URL + "/notes/0" })
	f.report(12, "ben")
	f.want(7, 4)
}

// People who come together are heard, however many, and a post with
// nothing but a link is held back; a released one is heard too.
func TestFloodOfANewHost(t *testing.T) {
	f := newFlooded(t)
	for n := range 25 {
		f.report(n, fmt.Sprint("p", n))
		f.report(50+n, fmt.Sprint("q", n), func(n M) { n["content"] = `<p>@help <a href="https://x.example/">https://x.example/</a></p>` })
	}
	f.want(25, 25)
	host := f.eve.Actor.Host()
	done, err := f.p.Release(context.Background(), app.By{Key: "k"}, app.Choice{Host: host})
	if err != nil || len(done.Opened) != 25 || done.More {
		t.Fatalf("%+v, %v", done, err)
	}
	again, err := f.p.Release(context.Background(), app.By{Key: "k"}, app.Choice{Host: host})
	if err != nil || len(again.Opened) != 25 {
		t.Errorf("the same request again: %+v, %v", again, err)
	}
	f.want(50, 0)
}

// A person who was answered before is not held back for a link.
func TestFloodAfterAnAnswer(t *testing.T) {
	f := newFlooded(t)
	f.report(1, "ana")
	f.p.Say(f.p.Issues()[0].Issue.ID, "we are on it")
	f.Settle()
	link := func(n M) { n["content"] = `<p>@help <a href="https://x.example/">https://x.example/</a></p>` }
	f.report(2, "ana", link)
	f.report(3, "ben", link)
	f.want(2, 1)
}

// Edits and deletions reach a post that is held back, from its author only; a
// dropped or expired post is gone from the lists on disk.
func TestFloodEditsAndDeletions(t *testing.T) {
	f := newFlooded(t)
	var notes []M
	for n := range 10 {
		notes = append(notes, f.report(n, "ana"))
	}
	f.want(5, 5)
	ana := desk.ActorID(f.eve.URL + "/users/ana")
	eve := f.eve.Person("eve", nil)
	del := func(who desk.ActorID, n, status int) {
		f.do(who, M{"id": fmt.Sprint(f.eve.URL, "/d/", n), "type": "Delete", "actor": string(who), "object": notes[n]["id"]}, status)
		f.Settle()
	}
	del(eve, 9, 202)
	f.want(5, 5)
	del(ana, 9, 202)
	f.want(5, 4)
	edit := func(n int, change func(M)) {
		notes[n]["updated"] = f.Clock.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		change(notes[n])
		f.do(ana, M{"id": fmt.Sprint(f.eve.URL, "/u/", n), "type": "Update", "actor": string(ana), "object": notes[n]}, 202)
		f.Settle()
	}
	edit(8, func(n M) { n["content"] = "<p>better said</p>" })
	f.want(5, 4)
	edit(7, func(n M) { n["cc"], n["tag"], n["content"] = []string{}, []M{}, "<p>not you</p>" })
	f.want(5, 3)
	done, err := f.p.Release(context.Background(), app.By{}, app.Choice{Object: desk.ObjectID(fmt.Sprint(notes[8]["id"]))})
	if err != nil || len(done.Opened) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if i := f.p.Show(done.Opened[0]); i.Issue.Excerpt != "better said" {
		t.Errorf("heard %q", i.Issue.Excerpt)
	}
	if done, err := f.p.Drop(context.Background(), app.By{}, app.Choice{Object: desk.ObjectID(fmt.Sprint(notes[6]["id"]))}); err != nil || done.Dropped != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	f.want(6, 1)
	f.Clock.Advance(app.QuarantineFor + time.Hour)
	if err := f.p.Upkeep(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.want(6, 0)
	if _, err := f.p.Release(context.Background(), app.By{}, app.Choice{}); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("nothing chosen: %v", err)
	}
}

// The deletion of an account removes its posts that are held back; after a
// block a released post is not heard.
func TestFloodOfTheDeletedAndTheBlocked(t *testing.T) {
	f := newFlooded(t)
	for n := range 7 {
		f.report(n, "ana")
		f.report(10+n, "bad")
	}
	f.want(10, 4)
	ana := desk.ActorID(f.eve.URL + "/users/ana")
	f.do(ana, M{"id": f.eve.URL + "/leave", "type": "Delete", "actor": string(ana), "object": string(ana)}, 202)
	f.Settle()
	f.want(10, 2)
	if _, err := f.p.AddBlock(context.Background(), app.By{}, f.eve.URL+"/users/bad", ""); err != nil {
		t.Fatal(err)
	}
	done, err := f.p.Release(context.Background(), app.By{}, app.Choice{All: true})
	if err != nil || done.Dropped != 2 || len(done.Opened) != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	f.want(10, 0)
}

// A new account belongs to the same person: their used limit goes with them,
// and moving does not get around a host's limit.
func TestFloodByMoving(t *testing.T) {
	f := newFlooded(t)
	for n := range 5 {
		f.report(n, "a0")
	}
	for n := range 3 {
		from, to := fmt.Sprint("a", n), fmt.Sprint("a", n+1)
		old := desk.ActorID(f.eve.URL + "/users/" + from)
		id := f.eve.Person(to, M{"alsoKnownAs": []string{string(old)}})
		f.do(old, M{"id": fmt.Sprint(old, "/move"), "type": "Move", "actor": string(old), "object": string(old), "target": string(id)}, 202)
		f.Settle()
		f.report(10+n, to)
	}
	f.want(5, 3)
	f.Advance(30 * time.Minute)
	f.report(20, "a3")
	f.want(6, 3)
}

// The requests that a person's posts cause are rationed: five deep threads of
// other people would be a hundred requests.
func TestFloodOfThreads(t *testing.T) {
	f := newFlooded(t)
	asked := 0
	for n := range 5 {
		victim := f.Peer()
		leaf := chain(victim, 30, nil, "")
		victim.Asked()
		f.report(n, "mal", func(note M) { note["inReplyTo"] = leaf })
		for _, a := range victim.Asked() {
			if strings.HasPrefix(a, "GET /notes/") {
				asked++
			}
		}
	}
	f.want(5, 0)
	if asked != 60 {
		t.Errorf("one person made us ask for %d posts, want 60", asked)
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A server that stays down is forgotten at last: invented inboxes must not fill
// the memory.
func TestHostsAreForgotten(t *testing.T) {
	f := newFlooded(t)
	ana := f.eve.Person("ana", M{"inbox": "http://127.0.0.1:1/inbox"})
	f.do(ana, M{"id": f.eve.URL + "/f", "type": "Follow", "actor": string(ana), "object": string(f.p.Site.Desk("help"))}, 202)
	f.Settle()
	hosts := func() (n int) {
		err := f.p.View(context.Background(), func(tx *app.Tx) error {
			all, _, err := tx.Hosts().List(store.Page{})
			n = len(all)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if hosts() != 1 {
		t.Fatalf("%d hosts are remembered", hosts())
	}
	f.Clock.Advance(31 * 24 * time.Hour)
	if err := f.p.Upkeep(context.Background()); err != nil || hosts() != 0 {
		t.Errorf("%d hosts, %v", hosts(), err)
	}
}

// Of a stranger's long report the beginning is stored. When an agent opens it, the rest is
// fetched from its server.
func TestFloodOfWords(t *testing.T) {
	f := newFlooded(t)
	note := f.report(1, "ana", func(n M) { n["content"] = "<p>zzflood" + strings.Repeat(" and so on", 2000) + " zzend</p>" })
	text := func() desk.Post {
		p, _, err := f.p.Post(context.Background(), desk.ObjectID(note["id"].(string)))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := text(); len(p.Text) != desk.DefaultText || p.Cut != desk.CutShort {
		t.Fatalf("%d bytes are stored, %q", len(p.Text), p.Cut)
	}
	f.eve.Serve("/notes/1", note)
	if err := f.p.FetchRest(context.Background(), f.p.Issues()[0].Issue.ID); err != nil {
		t.Fatal(err)
	}
	f.Settle()
	if p := text(); !strings.HasSuffix(p.Text, "zzend") || !strings.Contains(p.HTML, "zzend") || p.Cut != "" || p.Edits != 0 {
		t.Errorf("%d bytes are stored, %q, %d edits", len(p.Text), p.Cut, p.Edits)
	}
}
