package foreign

import (
	"net/url"
	"path/filepath"
	"testing"
)

// TagBot is a running server of @evanp/activitypub-bot. Actors of its own library beside the hashtag actors:
// a group that announces posts mentioning it, a LitePub relay that announces its followers' announcements,
// "ok", which answers every mention with OK, and [Robin], an ordinary bot.
type TagBot struct {
	Origin string // http://127.0.0.1:PORT
	p      *process
}

// TagBotOptions are the settings of the server.
type TagBotOptions struct {
	Takes Scheme // not empty: deliveries signed otherwise are answered 401
}

// StartTagBot starts a server with a hashtag actor for every tag, which runs until the test ends. Its data are in a
// temporary SQLite file. Actors are found by id: the library's WebFinger leaves the port out of its answers.
func StartTagBot(t testing.TB, options TagBotOptions) *TagBot {
	t.Helper()
	p := start(t, "tagbot.mjs", map[string]string{
		"database": filepath.Join(t.TempDir(), "tagbot.sqlite"), "takes": string(options.Takes),
	})
	return &TagBot{Origin: p.origin, p: p}
}

// Tag is the id of the actor of a tag (without #, lower case). Followers get an Announce of every public post with that
// tag that reaches any inbox of this server, once; and its Undo when an edit drops the tag or the post is deleted.
func (b *TagBot) Tag(tag string) string { return b.Origin + "/user/" + url.PathEscape(tag) }

// Group is the id of the group actor.
func (b *TagBot) Group() string { return b.Origin + "/user/group" }

// Relay is the id of the LitePub relay actor.
func (b *TagBot) Relay() string { return b.Origin + "/user/relay" }

// Subscribed is the inbox of the relay of Mastodon's kind. It accepts members; the library passes nothing on to them.
func (b *TagBot) Subscribed() string { return b.Origin + "/user/subscribed/inbox" }

// OK is the id of the actor that answers mentions.
func (b *TagBot) OK() string { return b.Origin + "/user/ok" }

// Announce has the tag's actor fetch a post by its id and announce it, as if it had been heard of in another way. It
// reports whether it did: a post is announced once.
func (b *TagBot) Announce(tag, object string) bool {
	b.p.t.Helper()
	var answer struct{ Announced bool }
	if err := b.p.post("/announce", map[string]string{"tag": tag, "object": object}, &answer); err != nil {
		b.p.t.Fatalf("#%s announces %s: %v", tag, object, err)
	}
	return answer.Announced
}
