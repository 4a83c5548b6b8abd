package fed_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/internal/test/foreign"
	"earshot/store"
)

// patience is how long a foreign peer, which runs by its own clock, may take.
const patience = 2 * time.Minute

// abroad is a provider among implementations that nobody here wrote.
type abroad struct {
	*fed.Cluster
	t     *testing.T
	desk  *fed.Provider
	ana   *foreign.Person
	bob   *foreign.Person
	peers *foreign.Fedify
	gate  *gate // before the desk, if everybody takes one scheme only
}

// newAbroad starts a provider and a server on Fedify that sign and take one
// scheme alone; with "", as both do by themselves.
func newAbroad(t *testing.T, scheme foreign.Scheme) *abroad {
	t.Helper()
	c := fed.New(t)
	g := newGate(c, scheme)
	f := foreign.StartFedify(t, foreign.FedifyOptions{FirstKnock: scheme, Takes: scheme, People: []foreign.Profile{{Name: "ana"}, {Name: "bob"}}})
	return &abroad{Cluster: c, t: t, desk: c.Provider(acme), ana: f.Person("ana"), bob: f.Person("bob"), peers: f, gate: g}
}

// until settles our side again and again until something is seen.
func (a *abroad) until(what string, seen func() bool) {
	a.t.Helper()
	foreign.Eventually(a.t, patience, func() (bool, string) {
		a.Settle()
		return seen(), what
	})
}

// arrives waits for something of ours at a person abroad; their library has
// verified the signature.
func (a *abroad) arrives(p *foreign.Person, what string, match func(foreign.Received) bool) foreign.Received {
	a.t.Helper()
	a.Settle()
	got := p.Await(patience, what, match)
	if us := string(a.desk.Site.Desk("help")); got.Signature.Owner != us || got.Signature.KeyID != us+"#main-key" || got.Signature.VerifiedBy == "" {
		a.t.Errorf("%s is signed %+v", what, got.Signature)
	}
	if takes := a.gate.takes; takes != "" && got.Signature.Scheme != takes {
		a.t.Errorf("%s is signed by %s, where %s alone is taken", what, got.Signature.Scheme, takes)
	}
	return got
}

func (a *abroad) issues(n int) []app.IssueView {
	a.t.Helper()
	var all []app.IssueView
	a.until("the issues", func() bool { all = a.desk.Issues(); return len(all) >= n })
	if len(all) != n {
		a.t.Fatalf("%d issues, want %d", len(all), n)
	}
	return all
}

// reports lets a person send a post that opens one more issue.
func (a *abroad) reports(who *foreign.Person, post foreign.Post) (desk.Issue, foreign.Sent) {
	a.t.Helper()
	before := len(a.desk.Issues())
	sent := who.Post(post)
	for _, v := range a.issues(before + 1) {
		if v.Issue.Report == desk.ObjectID(sent.Object) {
			return v.Issue, sent
		}
	}
	a.t.Fatalf("no issue of %s", sent.Object)
	return desk.Issue{}, sent
}

func (a *abroad) help() string { return string(a.desk.Site.Desk("help")) }

// A person on Fedify finds the desk, mentions it, gets answers, edits, deletes,
// asks by a poll, follows, likes and blocks. Every delivery of ours is verified by Fedify.
func TestFedify(t *testing.T) {
	t.Parallel()
	for _, scheme := range []foreign.Scheme{foreign.RFC9421, foreign.Cavage} {
		t.Run("where all take "+string(scheme)+" alone", func(t *testing.T) {
			a := newAbroad(t, scheme)
			found := a.ana.Lookup("@" + a.desk.Site.Acct("help"))
			if found.ID != a.help() || found.Type != "Organization" || found.SharedInbox != a.desk.Site.SharedInbox() {
				t.Errorf("looked up: %+v", found)
			}
			a.conversation()
			a.private()
			a.poll()
			a.followers()
			a.blocks()
			if taken, _ := a.gate.counts(); taken == 0 {
				t.Errorf("nothing came to the desk signed by %s", scheme)
			}
			if p := a.peers.Problems(); len(p) > 0 {
				t.Errorf("Fedify met problems: %+v", p)
			}
		})
	}
}

// conversation: mention, reply, two edits in a row, our edit, answer without
// mention, like, our deletion, their deletion, a comment that never leaves.
func (a *abroad) conversation() {
	t := a.t
	report := a.ana.Post(foreign.Post{Text: "My line is dead", Mentions: []string{a.help()}, Language: "en"})
	issue := a.issues(1)[0].Issue
	if issue.Why != "mentions @help" || issue.Language != "en" || !strings.Contains(issue.Excerpt, "My line is dead") {
		t.Errorf("opened: %+v", issue)
	}
	a.ana.Edit(report.Object, foreign.Edit{Text: "My line is very dead"})
	a.ana.Edit(report.Object, foreign.Edit{Text: "My line is quite dead"})
	a.until("both edits", func() bool { return a.desk.Show(issue.ID).Timeline[0].Post.Edits == 2 })
	if got := a.desk.Show(issue.ID).Issue.Excerpt; !strings.Contains(got, "quite dead") {
		t.Errorf("after two edits: %q", got)
	}

	if _, err := a.desk.Comment(ctx, app.By{}, issue.ID, "zz a comment zz"); err != nil {
		t.Fatal(err)
	}
	reply := a.desk.Say(issue.ID, "We are lokking.")
	got := a.arrives(a.ana, "our reply", func(r foreign.Received) bool { return r.Type == "Create" && r.RepliesTo(report.Object) })
	if got.Object == nil || got.Object.ID != string(reply.Object) || !got.Object.Mentions(a.ana.ID) || got.Object.Language != "en" {
		t.Errorf("our reply arrived as %+v", got.Object)
	}
	if to, cc := strings.Join(got.To, " "), strings.Join(got.Cc, " "); to != a.ana.ID || cc != desk.Public {
		t.Errorf("it is addressed to %q, cc %q", to, cc)
	}
	a.Clock.Advance(time.Second)
	if _, err := a.desk.EditPost(ctx, app.By{}, reply.ID, "We are looking."); err != nil {
		t.Fatal(err)
	}
	edit := a.arrives(a.ana, "our edit", func(r foreign.Received) bool { return r.Is("Update", a.help(), string(reply.Object)) })
	if edit.Object.Published != got.Object.Published || edit.Object.Updated == "" || !strings.Contains(edit.Object.Content, "looking") {
		t.Errorf("our edit arrived as %+v", edit.Object)
	}

	answer := a.ana.Post(foreign.Post{Text: "Thanks for looking", InReplyTo: string(reply.Object)})
	a.until("the answer without a mention", func() bool {
		return len(a.desk.Issues()) == 1 && a.desk.Show(issue.ID).Issue.NeedsUs
	})
	like := a.ana.Like(string(reply.Object))
	a.until("the like", func() bool {
		tl := a.desk.Show(issue.ID).Timeline
		return tl[len(tl)-1].Event.Kind == desk.KindReaction
	})
	a.ana.Undo(like.Activity)
	a.until("the like taken back", func() bool {
		tl := a.desk.Show(issue.ID).Timeline
		return tl[len(tl)-1].Event.Kind == desk.KindNotice
	})

	if _, err := a.desk.RetractPost(ctx, app.By{}, reply.ID); err != nil {
		t.Fatal(err)
	}
	a.arrives(a.ana, "our deletion", func(r foreign.Received) bool { return r.Is("Delete", a.help(), string(reply.Object)) })
	a.ana.Delete(answer.Object)
	a.ana.Delete(report.Object)
	a.until("their deletions", func() bool {
		for _, e := range a.desk.Show(issue.ID).Timeline {
			if e.Post != nil && !e.Post.Ours() && !e.Post.Deleted {
				return false
			}
		}
		return true
	})
	for _, r := range a.peers.Received() {
		if strings.Contains(string(r.Raw), "zz a comment zz") {
			t.Errorf("a comment left the instance: %s", r.Raw)
		}
	}
}

// private: a direct post is answered directly, and nobody else can read it.
func (a *abroad) private() {
	t := a.t
	issue, post := a.reports(a.ana, foreign.Post{Text: "My number is 1234", Visibility: foreign.Direct, Mentions: []string{a.help()}})
	reply := a.desk.Say(issue.ID, "Thank you.")
	got := a.arrives(a.ana, "the direct reply", func(r foreign.Received) bool { return r.Type == "Create" && r.RepliesTo(post.Object) })
	if len(got.To) != 1 || got.To[0] != a.ana.ID || len(got.Cc) != 0 {
		t.Errorf("it is addressed to %v, cc %v", got.To, got.Cc)
	}
	if found, err := a.ana.TryLookup(string(reply.Object)); err != nil || found.ID != string(reply.Object) {
		t.Errorf("the addressee cannot fetch it: %+v, %v", found, err)
	}
	if found, err := a.bob.TryLookup(string(reply.Object)); err == nil {
		t.Errorf("another person can fetch it: %+v", found)
	}
}

// poll: a Question opens an issue and is answered; votes, their counts and the
// end of the poll are no posts and no edits.
func (a *abroad) poll() {
	t := a.t
	issue, question := a.reports(a.ana, foreign.Post{Text: "Is it down for you too?", Options: []string{"Down here", "Works here"}, Mentions: []string{a.help()}})
	before := a.desk.Show(issue.ID)
	report := before.Timeline[0].Post
	for _, want := range []string{"Is it down for you too?", "• Down here", "• Works here", "(votes until "} {
		if !strings.Contains(report.Text, want) {
			t.Errorf("the poll reads %q, without %q", report.Text, want)
		}
	}
	taken, _ := a.gate.counts()
	vote := a.bob.Post(foreign.Post{Vote: "Down here", InReplyTo: question.Object, Visibility: foreign.Direct, DeliverTo: []string{a.help()}})
	counted := a.ana.Edit(question.Object, foreign.Edit{Votes: []int{1, 0}})
	ended := a.ana.Edit(question.Object, foreign.Edit{Votes: []int{1, 0}, Ended: true})
	for _, sent := range []foreign.Sent{vote, counted, ended} {
		if !slices.Contains(sent.Recipients, a.help()) || len(sent.Failures) > 0 {
			t.Errorf("sent to %v, with failures %v", sent.Recipients, sent.Failures)
		}
	}
	if now, _ := a.gate.counts(); now != taken+3 {
		t.Errorf("%d of a vote, its count and the end were accepted", now-taken)
	}
	a.Settle()
	after := a.desk.Show(issue.ID)
	if len(after.Timeline) != len(before.Timeline) || after.Timeline[0].Post.Edits != 0 || after.Timeline[0].Post.Text != report.Text {
		t.Errorf("after the poll: %d entries, want %d; the report is %+v", len(after.Timeline), len(before.Timeline), after.Timeline[0].Post)
	}
	reply := a.desk.Say(issue.ID, "For everybody, yes.")
	got := a.arrives(a.ana, "the reply to the poll", func(r foreign.Received) bool { return r.ObjectID == string(reply.Object) })
	if !got.RepliesTo(question.Object) || !got.Object.Mentions(a.ana.ID) {
		t.Errorf("the reply to the poll arrived as %+v", got.Object)
	}
}

// followers: a follow is accepted, a broadcast arrives once, an unfollow is heeded.
func (a *abroad) followers() {
	t := a.t
	follow := a.bob.Follow(a.help())
	a.arrives(a.bob, "the Accept", func(r foreign.Received) bool { return r.Is("Accept", a.help(), follow.Activity) })
	b, err := a.desk.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Works tonight.", Language: "en", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	a.Settle()
	a.until("the broadcast", func() bool { return countOf(a.peers, "Create", string(b.Object)) > 0 })
	a.bob.Unfollow(a.help())
	a.until("the unfollow", func() bool {
		n := 0
		_ = a.desk.View(ctx, func(tx *app.Tx) (err error) { n, err = tx.Follows().Count("help"); return err })
		return n == 0
	})
	if n := countOf(a.peers, "Create", string(b.Object)); n != 1 {
		t.Errorf("the broadcast arrived %d times", n)
	}
}

func countOf(f *foreign.Fedify, kind, object string) (n int) {
	for _, r := range f.Received() {
		if r.Type == kind && r.ObjectID == object {
			n++
		}
	}
	return n
}

// blocks: a block silences us at once, and a post of theirs by name is heard
// but not answered.
func (a *abroad) blocks() {
	t := a.t
	issue, _ := a.reports(a.bob, foreign.Post{Text: "hello", Mentions: []string{a.help()}})
	a.bob.Block(a.help())
	a.until("the block", func() bool { return a.desk.Show(issue.ID).Issue.Silenced == desk.SilenceBlock })
	if _, err := a.desk.Reply(ctx, app.By{}, app.ReplyInput{Issue: issue.ID, Text: "hi", Now: true}); desk.ErrorCode(err) != desk.CodeForbidden {
		t.Errorf("a reply after the block: %v", err)
	}
}

// A hashtag actor that nobody here wrote tells us of posts on a server that
// nobody here wrote; each is fetched, matched and kept, or forgotten.
func TestForeignTagActor(t *testing.T) {
	t.Parallel()
	a := newAbroad(t, "")
	bot := foreign.StartTagBot(t, foreign.TagBotOptions{})
	for _, tag := range []string{"acme", "fail"} {
		if _, err := a.desk.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Tag: tag, Actor: bot.Tag(tag)}); err != nil {
			t.Fatal(err)
		}
	}
	a.until("both tag actors to accept", func() bool {
		sources, _, err := a.desk.Sources(ctx, store.Page{})
		return err == nil && len(sources) == 2 && sources[0].State == store.SourceAccepted && sources[1].State == store.SourceAccepted
	})
	heard := func(n int) {
		t.Helper()
		a.until("the announcements", func() bool {
			sources, _, _ := a.desk.Sources(ctx, store.Page{})
			total := 0
			for _, s := range sources {
				total += s.Heard
			}
			waiting, _ := a.desk.Waiting()
			return total >= n && waiting == 0
		})
	}

	one := a.ana.Post(foreign.Post{Text: "zzone I like them #acme", Tags: []string{"acme"}})
	bot.Announce("acme", one.Object)
	plain := a.ana.Post(foreign.Post{HTML: "<p>zzplain #acme #fail</p>"})
	bot.Announce("fail", plain.Object)
	heard(2)
	if n := len(a.desk.Issues()); n != 0 {
		t.Errorf("%d issues from one key and from plain text", n)
	}
	s := &scene{Cluster: a.Cluster, t: t, desk: a.desk}
	s.notOnDisk("zzone")
	s.notOnDisk("zzplain")

	both := a.ana.Post(foreign.Post{Text: "Nothing works since nine #acme #fail", Tags: []string{"acme", "fail"}})
	bot.Announce("acme", both.Object)
	bot.Announce("fail", both.Object)
	issue := a.issues(1)[0].Issue
	heard(4)
	if v := a.issues(1)[0]; v.Issue.Heard != desk.HeardTags || len(v.Sources) != 2 {
		t.Errorf("heard %s through %q", v.Issue.Heard, v.Sources)
	}
	reply := a.desk.Say(issue.ID, "Sorry to hear that.")
	got := a.arrives(a.ana, "our reply", func(r foreign.Received) bool { return r.Type == "Create" && r.ObjectID == string(reply.Object) })
	if !got.Object.Mentions(a.ana.ID) {
		t.Errorf("it does not mention the reporter: %+v", got.Object)
	}

	for _, src := range mustSources(t, a.desk) {
		if err := a.desk.RemoveSource(ctx, app.By{}, src.ID); err != nil {
			t.Fatal(err)
		}
	}
	a.Settle()
	for _, src := range mustSources(t, a.desk) {
		if src.State != store.SourceClosed {
			t.Errorf("%s is %s", src.Name, src.State)
		}
	}
	a.Clock.Advance(time.Minute) // their Undos have arrived
	a.Settle()
	if n := len(mustSources(t, a.desk)); n != 0 {
		t.Errorf("%d sources left", n)
	}
	if waiting, dead := a.desk.Waiting(); waiting+dead != 0 {
		t.Errorf("%d jobs wait, %d are dead", waiting, dead)
	}
}

func mustSources(t *testing.T, p *fed.Provider) []store.Source {
	t.Helper()
	out, _, err := p.Sources(ctx, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The conformance suite against a desk: every case passes or does not apply.
func TestConformance(t *testing.T) {
	t.Parallel()
	p := fed.New(t).Provider(acme)
	report := foreign.RunConformance(t, string(p.Site.Desk("help")))
	t.Logf("%s", report)
	if bad := report.Bad(); len(bad) > 0 {
		t.Errorf("%d cases fail: %+v", len(bad), bad)
	}
	if len(report.Cases) == 0 {
		t.Error("no case ran")
	}
}

// seesNewKey is as if the server of a post had fetched the newest key of our desk:
// until then the old one signs.
func seesNewKey(t *testing.T, p *fed.Provider, post string) {
	t.Helper()
	host, err := desk.HostOf(post)
	if err == nil {
		err = p.KeyTaken(ctx, "help", host)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Keys change on both sides: ours under new ids, announced by the old one;
// Fedify's under the ids they had.
func TestFedifyRotation(t *testing.T) {
	t.Parallel()
	for _, scheme := range []foreign.Scheme{foreign.RFC9421, foreign.Cavage} {
		t.Run("where all take "+string(scheme)+" alone", func(t *testing.T) {
			a := newAbroad(t, scheme)
			report := a.ana.Post(foreign.Post{Text: "My line is dead", Mentions: []string{a.help()}})
			issue := a.issues(1)[0].Issue
			first := a.desk.Say(issue.ID, "We are looking.")
			a.arrives(a.ana, "the first reply", func(r foreign.Received) bool { return r.ObjectID == string(first.Object) })

			if _, err := a.desk.RotateKey(ctx, app.By{}, "help", false); err != nil {
				t.Fatal(err)
			}
			a.Settle()
			var update foreign.Received // it names nobody, so it is no one person's
			a.until("the news", func() bool {
				for _, r := range a.peers.Received() {
					if r.Is("Update", a.help(), a.help()) {
						update = r
					}
				}
				return update.ID != ""
			})
			if update.Signature.KeyID != a.help()+"#main-key" || update.Proof != a.help()+"#ed25519-key-2" {
				t.Errorf("the news is signed %+v, proven by %s", update.Signature, update.Proof)
			}
			seesNewKey(t, a.desk, report.Object)
			second := a.desk.Say(issue.ID, "Done.")
			a.Settle()
			got := a.ana.Await(patience, "the second reply", func(r foreign.Received) bool { return r.ObjectID == string(second.Object) })
			if got.Signature.Scheme != scheme || got.Signature.KeyID != a.help()+"#main-key-2" || got.Proof != a.help()+"#ed25519-key-2" {
				t.Errorf("the second reply is signed %+v, proven by %s", got.Signature, got.Proof)
			}

			a.ana.RotateKeys()
			if sent := a.ana.Post(foreign.Post{Text: "Thank you", InReplyTo: report.Object, Mentions: []string{a.help()}}); len(sent.Failures) > 0 {
				t.Errorf("with new keys: %v", sent.Failures)
			}
			a.until("the answer signed by a new key", func() bool {
				for _, e := range a.desk.Show(issue.ID).Timeline {
					if e.Post != nil && strings.Contains(e.Post.Text, "Thank you") {
						return true
					}
				}
				return false
			})
			if p := a.peers.Problems(); len(p) > 0 {
				t.Errorf("Fedify met problems: %+v", p)
			}
		})
	}
}

// A direct answer that Fedify forwards to us, with its author's proof and
// another actor's signature: nobody can fetch it, and it is believed.
func TestFedifyForwardsWithProof(t *testing.T) {
	t.Parallel()
	a := newAbroad(t, "")
	gus := foreign.StartFedify(t, foreign.FedifyOptions{People: []foreign.Profile{{Name: "gus"}}}).Person("gus")
	a.ana.Post(foreign.Post{Text: "My line is dead", Mentions: []string{a.help()}})
	issue := a.issues(1)[0].Issue
	reply := a.desk.Say(issue.ID, "We are looking.")
	got := a.arrives(a.ana, "our reply", func(r foreign.Received) bool { return r.ObjectID == string(reply.Object) })
	if got.Proof != a.help()+"#ed25519-key" {
		t.Errorf("Fedify finds our proof %q", got.Proof)
	}
	gus.Forward(a.help())
	a.ana.Post(foreign.Post{Text: "gus knows more", Visibility: foreign.Direct, InReplyTo: string(reply.Object), Mentions: []string{gus.ID}, Only: []string{gus.ID}})
	a.until("the forwarded answer", func() bool {
		for _, e := range a.desk.Show(issue.ID).Timeline {
			if e.Post != nil && strings.Contains(e.Post.Text, "gus knows more") {
				return true
			}
		}
		return false
	})
}
