package origin

import (
	"testing"

	"earshot/internal/desk"
)

func TestStamp(t *testing.T) {
	const (
		stamp = desk.ObjectID("https://social.example/stamps/1")
		reply = desk.ObjectID("https://earshot.example/posts/1")
	)
	for _, tt := range []struct {
		name                string
		id                  desk.ObjectID
		by                  desk.ActorID
		interaction, target desk.ObjectID
		want                bool
	}{
		{"the author's, for this reply to this post", stamp, alice, reply, note, true},
		{"on another host", "https://evil.example/stamps/1", alice, reply, note, false},
		{"by the other scheme", "http://social.example/stamps/1", alice, reply, note, false},
		{"no URL", "stamps/1", alice, reply, note, false},
		{"of another person of the same server", stamp, bob, reply, note, false},
		{"of nobody", stamp, "", reply, note, false},
		{"for another reply", stamp, alice, reply + "0", note, false},
		{"for nothing", stamp, alice, "", note, false},
		{"about another post", stamp, alice, reply, note + "0", false},
		{"about nothing", stamp, alice, reply, "", false},
	} {
		check(t, tt.name, ReplyAuthorization(tt.id, alice, tt.by, tt.interaction, tt.target, reply, note), tt.want)
	}
	check(t, "nothing wanted, nothing said", ReplyAuthorization(stamp, alice, alice, "", "", "", ""), false)
}
