package inbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// like is a Like with an emoji, as Misskey sends it.
func like(kind as.Type, n, object, emoji string) string {
	return fmt.Sprintf(`{"id":"%s/likes/%s","type":"%s","actor":"%s","object":"%s","content":"%s","_misskey_reaction":"%s"}`, ana, n, kind, ana, object, emoji, emoji)
}

// The emoji of a reaction is shown, and only one that says yes proves that it
// works, or invites us.
func TestReactionsSayWhat(t *testing.T) {
	for _, tc := range []struct {
		kind                     as.Type
		emoji                    string
		note                     desk.Note
		resolves, spoke, invited bool
	}{
		{as.Like, "", desk.NoteLike, true, false, true},
		{as.Like, "👍", desk.NoteReacted, true, false, true},
		{as.Like, "❤", desk.NoteReacted, true, false, true},
		{as.EmojiReact, "👎", desk.NoteReacted, false, true, false},
		{as.Like, "👎", desk.NoteReacted, false, true, false},
		{as.Like, "😡", desk.NoteReacted, false, true, false},
		{as.Like, ":blobcat:", desk.NoteReacted, false, false, false},
		{as.Like, "🤔", desk.NoteReacted, false, false, false},
		{as.EmojiReact, "", desk.NoteReacted, false, false, false},
	} {
		t.Run(string(tc.kind)+tc.emoji, func(t *testing.T) {
			i := newInstance(t, false)
			issue := i.report(ana, "1")
			i.update(func(tx *app.Tx) error {
				issue.Heard = desk.HeardTags
				return tx.Issues().Put(issue)
			})
			reply := string(i.fixed(issue.ID).Object)
			i.update(func(tx *app.Tx) error { // as after a reply to a report that was heard by its tags
				issue = i.issueIn(tx)
				issue.Invited, issue.NeedsUs = false, false
				return tx.Issues().Put(issue)
			})
			i.clock.Advance(time.Minute)
			i.told(ana, like(tc.kind, "1", reply, tc.emoji))
			e := i.reactions(issue.ID)
			if len(e) != 1 || e[0].Note != tc.note || tc.emoji != "" && !slices.Equal(e[0].With, []string{tc.emoji}) {
				t.Fatalf("%+v", e)
			}
			now := i.issues()[0]
			if now.Invited != tc.invited || now.NeedsUs != tc.spoke {
				t.Errorf("invited %v, needs us %v", now.Invited, now.NeedsUs)
			}
			_, err := i.App.SetStatus(t.Context(), app.By{}, app.StatusInput{Issue: issue.ID, Change: desk.StatusChange{To: desk.StatusResolved}, Because: string(e[0].ID)})
			if (err == nil) != tc.resolves {
				t.Errorf("resolved by it: %v", err)
			}
			// Taken back as by Mastodon, without the emoji.
			i.told(ana, activity(as.Undo, ana, "u1", fmt.Sprintf(`{"id":"%s/likes/1","type":"%s","actor":"%s","object":"%s"}`, ana, tc.kind, ana, reply)))
			if e := i.reactions(issue.ID); len(e) != 0 {
				t.Errorf("after its Undo: %+v", e)
			}
		})
	}
}

// fixed has the desk say that it should work again.
func (i *instance) fixed(id desk.IssueID) desk.Post {
	i.t.Helper()
	p, err := i.App.Reply(i.t.Context(), app.By{}, app.ReplyInput{Issue: id, Text: "Does it work now?", Now: true, Change: desk.StatusChange{To: desk.StatusFixed}})
	if err != nil {
		i.t.Fatal(err)
	}
	i.update(func(tx *app.Tx) (err error) { p, _, err = tx.PublishPost(p.ID); return err })
	return p
}

// reactions lists the reactions in an issue's timeline.
func (i *instance) reactions(id desk.IssueID) (all []desk.Event) {
	i.t.Helper()
	i.view(func(tx *app.Tx) error {
		all = nil
		for e, err := range store.EachOf(tx.Events().ByIssue, id) {
			if err != nil {
				return err
			}
			if e.Kind == desk.KindReaction {
				all = append(all, e)
			}
		}
		return nil
	})
	return all
}

// NodeBB gives each like of a person to a post the same id: after its Undo the
// next one counts. So it is with everything that can be undone.
func TestSameIDAfterUndo(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := jsonID(string(i.reply(issue.ID).Object))
	ours := jsonID(string(ourDesk))
	for _, tc := range []struct {
		kind   as.Type
		object string
		has    func() bool
	}{
		{as.Like, reply, func() bool { return len(i.reactions(issue.ID)) == 1 }},
		{as.EmojiReact, reply, func() bool { return len(i.reactions(issue.ID)) == 1 }},
		{as.Announce, reply, func() bool { return len(i.reactions(issue.ID)) == 1 }},
		{as.Block, ours, func() bool { return i.issues()[0].Silenced == desk.SilenceBlock }},
	} {
		did := activity(tc.kind, ana, "same", tc.object)
		for round := range 3 {
			i.told(ana, did)
			if !tc.has() {
				t.Errorf("%s, round %d: no effect", tc.kind, round)
			}
			undo := activity(as.Undo, ana, fmt.Sprint("undo", tc.kind, round), did)
			if round == 1 { // by its id only
				undo = activity(as.Undo, ana, fmt.Sprint("undo", tc.kind, round), jsonID(string(ana)+"/activities/same"))
			}
			i.told(ana, undo)
			i.send(ana, undo) // twice, as to two inboxes
			i.process()
			if tc.has() {
				t.Errorf("%s, round %d: its Undo has no effect", tc.kind, round)
			}
		}
	}
}

// A Create of a post that we have, which says something else, is an edit; the
// same again is nothing.
func TestCreateAgainIsAnEdit(t *testing.T) {
	i := newInstance(t, false)
	i.report(ana, "1")
	for _, tc := range []struct {
		content, updated string
		text             string
		edits            int
	}{
		{"Down since nine", "", "Down since nine", 1},
		{"Down since ten", `,"updated":"2026-01-01T13:00:00Z"`, "Down since ten", 2},
		{"Down since ten", `,"updated":"2026-01-01T13:00:00Z"`, "Down since ten", 2},
		{"An older one", `,"updated":"2026-01-01T12:30:00Z"`, "Down since ten", 2},
	} {
		body := fmt.Sprintf(`{"id":"%s","type":"Note","attributedTo":"%s","to":["https://www.w3.org/ns/activitystreams#Public"],"content":"%s"%s%s}`, noteID(ana, "1"), ana, tc.content, tc.updated, mention)
		i.send(ana, activity(as.Create, ana, "create-1", body))
		i.process()
		if p := i.stored(noteID(ana, "1")); p.Text != tc.text || p.Edits != tc.edits {
			t.Errorf("%s: %q, %d edits", tc.content, p.Text, p.Edits)
		}
	}
	// Not by another author.
	i.send(ben, activity(as.Create, ben, "create-1", fmt.Sprintf(`{"id":"%s","type":"Note","attributedTo":"%s","to":["https://www.w3.org/ns/activitystreams#Public"],"content":"Mine"%s}`, noteID(ana, "1"), ben, mention)))
	i.process()
	if p := i.stored(noteID(ana, "1")); p.Text != "Down since ten" || p.Author != ana {
		t.Errorf("by another: %+v", p)
	}
}

// Hubzilla passes our own words on to those who followed the thread, us among them:
// they are answered 202, and forgotten.
func TestOwnWordsComeBack(t *testing.T) {
	i := newInstance(t, false)
	issue := i.report(ana, "1")
	reply := i.reply(issue.ID)
	ours := fmt.Sprintf(`{"id":"%s","type":"Note","attributedTo":"%s","content":"We are on it","to":["%s"],"cc":["https://www.w3.org/ns/activitystreams#Public"],"inReplyTo":"%s"}`, reply.Object, ourDesk, ana, noteID(ana, "1"))
	for kind, object := range map[as.Type]string{as.Create: ours, as.Update: ours, as.Delete: jsonID(string(reply.Object)), as.Announce: jsonID(string(reply.Object))} {
		body := fmt.Sprintf(`{"id":"%s/activities/%s","type":"%s","actor":"%s","object":%s}`, ourDesk, kind, kind, ourDesk, object)
		if o := i.send(ana, body); o != (Outcome{202, drop.OwnPost}) {
			t.Errorf("%s: %v", kind, o)
		}
	}
	i.process()
	if p := i.stored(string(reply.Object)); p.Deleted || p.Edits != 0 {
		t.Errorf("our reply is %+v", p)
	}
}
