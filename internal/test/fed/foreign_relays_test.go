package fed_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/internal/test/foreign"
	"earshot/store"
)

// The relays of activitypub-bot, of both kinds, take us in. The LitePub one follows back
// and announces to us what another member announces to it; the other kind of that
// library only accepts.
func TestForeignRelays(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	a := &botAbroad{abroad: abroad{Cluster: c, t: t, desk: c.Provider(acme)}}
	bot := foreign.StartTagBot(t, foreign.TagBotOptions{})
	state := func(id desk.SourceID) store.SourceState {
		s, err := a.desk.Source(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return s.State
	}
	var ids []desk.SourceID
	for _, spec := range []app.SourceSpec{{Kind: "relay", URL: bot.Subscribed()}, {Kind: "relay-litepub", URL: bot.Relay()}} {
		s, err := a.desk.AddSource(ctx, app.By{}, spec)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	for _, id := range ids {
		a.until("a relay to accept", func() bool { return state(id) == store.SourceAccepted })
	}

	member := c.Peer()
	follow := fed.M{"id": member.URL + "/join", "type": "Follow", "actor": string(member.Actor), "object": bot.Relay()}
	if status, answer := member.Send(bot.Relay()+"/inbox", follow); status/100 != 2 {
		t.Fatalf("a member is answered %d %s", status, answer)
	}
	a.until("the relay to take the member in", func() bool { return len(member.Got()) >= 2 }) // an Accept, and its own Follow
	note := member.Note(1, "", "<p>No light in Mill Lane #acme #fail</p>")
	note["tag"] = []fed.M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	member.Serve("/notes/1", note)
	announce := fed.M{"id": member.URL + "/announces/1", "type": "Announce", "actor": string(member.Actor), "object": note["id"], "to": []string{bot.Relay() + "/followers"}}
	if status, answer := member.Send(bot.Relay()+"/inbox", announce); status/100 != 2 {
		t.Fatalf("an announcement is answered %d %s", status, answer)
	}
	issue := a.opens(fmt.Sprint(note["id"]))
	if v := a.desk.Show(issue.ID); issue.Heard != desk.HeardTags || len(v.Sources) != 1 {
		t.Errorf("heard by %s, through %q", issue.Heard, v.Sources)
	}
	for _, id := range ids {
		if err := a.desk.RemoveSource(ctx, app.By{}, id); err != nil {
			t.Fatal(err)
		}
	}
}
