package origin

import (
	"errors"
	"testing"

	"earshot/internal/desk"
)

var site = desk.Site{URL: "https://earshot.example", HandleDomain: "acme.example"}

const (
	alice = desk.ActorID("https://social.example/users/alice")
	bob   = desk.ActorID("https://social.example/users/bob")
	mal   = desk.ActorID("https://evil.example/users/mal")
	ours  = desk.ActorID("https://earshot.example/desks/help")
	note  = desk.ObjectID("https://social.example/notes/1")
)

// check fails if a refusal was expected and none came, or the other way round,
// or the error is of another kind.
func check(t *testing.T, name string, err error, want bool) {
	t.Helper()
	if (err == nil) != want {
		t.Errorf("%s: allowed = %t, want %t (%v)", name, err == nil, want, err)
	}
	if err != nil && !errors.Is(err, ErrRefused) {
		t.Errorf("%s: %v does not wrap ErrRefused", name, err)
	}
}

func TestSpeaks(t *testing.T) {
	for _, tt := range []struct {
		name          string
		signer, actor desk.ActorID
		want          bool
	}{
		{"itself", alice, alice, true},
		{"attack 6: signed by another (CVE-2025-54888)", mal, alice, false},
		{"attack 6: signed by another of the same server", bob, alice, false},
		{"attack 6: signed by the host in another spelling", "https://SOCIAL.example/users/alice", alice, false},
		{"nobody", "", "", false},
		{"attack 5: no URL (CVE-2026-58593)", "1", "1", false},
		{"attack 5: another scheme", "acct:alice@social.example", "acct:alice@social.example", false},
		{"attack 17: ours", ours, ours, false},
		{"attack 17: ours, spelled otherwise", "https://EARSHOT.example.:443/desks/help", "https://EARSHOT.example.:443/desks/help", false},
	} {
		check(t, tt.name, Speaks(tt.signer, tt.actor, site), tt.want)
	}
}

func TestCreate(t *testing.T) {
	by := func(authors ...desk.ActorID) []desk.ActorID { return authors }
	for _, tt := range []struct {
		name          string
		signer, actor desk.ActorID
		object        desk.ObjectID
		attributedTo  []desk.ActorID
		activity      desk.ActivityID
		want          bool
	}{
		{"own post", alice, alice, note, by(alice), "https://social.example/notes/1/activity", true},
		{"activity without id", alice, alice, note, by(alice), "", true},
		{"activity id without path", alice, alice, note, by(alice), "https://social.example", true},
		{"PeerTube's channel as second author", alice, alice, note, by(alice, "https://social.example/channels/1"), "", true},
		{"attack 10: host spelled otherwise is the same host", alice, alice, "https://Social.Example.:443/notes/1", by(alice), "", true},
		{"attack 10: punycode is the same host", "https://xn--bcher-kva.example/u", "https://xn--bcher-kva.example/u", "https://bücher.example/1", by("https://xn--bcher-kva.example/u"), "", true},
		{"attack 10: a lookalike is not", alice, alice, "https://sociаl.example/notes/1", by(alice), "", false},
		{"attack 10: a suffix is not", alice, alice, "https://social.example.evil.example/notes/1", by(alice), "", false},
		{"attack 10: user information is not a host", alice, alice, "https://social.example@evil.example/1", by(alice), "", false},
		{"attack 10: another port", alice, alice, "https://social.example:8443/notes/1", by(alice), "", false},
		{"attack 10: another scheme", alice, alice, "http://social.example/notes/1", by(alice), "", false},
		{"attack 6: signer is not the actor", mal, alice, note, by(alice), "", false},
		{"attacks 3, 14: object of another host", mal, mal, note, by(mal), "", false},
		{"object without id", alice, alice, "", by(alice), "", false},
		{"activity on another host", alice, alice, note, by(alice), "https://evil.example/1", false},
		{"attack 5: attributed to a foreigner", mal, mal, "https://evil.example/1", by(alice), "", false},
		{"attack 5: attributed to a neighbour", alice, alice, note, by(bob), "", false},
		{"a group of the same server as first author", alice, alice, note, by(bob, alice), "", true},
		{"attack 5: attributed to a foreigner first", alice, alice, note, by(mal, alice), "", false},
		{"attack 5: attributed to a foreigner too", alice, alice, note, by(alice, mal), "", false},
		{"attack 5: attributed to nobody", alice, alice, note, nil, "", false},
		{"attack 5: attributed to a number (CVE-2026-58593)", alice, alice, note, by("1"), "", false},
		{"attack 17: object of ours", mal, mal, "https://earshot.example/posts/1", by(mal), "", false},
		{"attack 17: author of ours", mal, mal, "https://evil.example/1", by(ours), "", false},
	} {
		check(t, tt.name, Create(tt.signer, tt.actor, tt.object, tt.attributedTo, tt.activity, site), tt.want)
	}
}

func TestUpdateAndDelete(t *testing.T) {
	for _, tt := range []struct {
		name          string
		signer, actor desk.ActorID
		object        desk.ObjectID
		stored        desk.ActorID
		want          bool
	}{
		{"own post", alice, alice, note, alice, true},
		{"itself", alice, alice, desk.ObjectID(alice), "", true},
		{"attack 4: another's post (CVE-2024-52592)", mal, mal, note, alice, false},
		{"attack 9: a neighbour's post", bob, bob, note, alice, false},
		{"attack 9: a neighbour", bob, bob, desk.ObjectID(alice), "", false},
		{"attack 4: a post we do not know", alice, alice, note, "", false},
		{"attack 6: signer is not the actor", mal, alice, note, alice, false},
		{"attack 17: ours", mal, mal, "https://earshot.example/posts/1", ours, false},
		{"attack 17: ours, stored wrongly", mal, mal, "https://earshot.example/posts/1", mal, false},
	} {
		check(t, "update "+tt.name, Update(tt.signer, tt.actor, tt.object, tt.stored, nil, site), tt.want)
		check(t, "delete "+tt.name, Delete(tt.signer, tt.actor, tt.object, tt.stored, site), tt.want)
	}
	check(t, "update names its author", Update(alice, alice, note, alice, []desk.ActorID{alice}, site), true)
	check(t, "attack 4: update gives the post away", Update(alice, alice, note, alice, []desk.ActorID{bob}, site), false)
}

func TestUndoMove(t *testing.T) {
	check(t, "own deed", Undo(alice, alice, alice, site), true)
	check(t, "attack 13: another's deed", Undo(mal, mal, alice, site), false)
	check(t, "attack 13: nobody's deed", Undo(alice, alice, "", site), false)
	check(t, "attack 6: undo signed by another", Undo(mal, alice, alice, site), false)

	target, both := desk.ObjectID("https://new.example/alice"), []desk.ActorID{bob, alice}
	check(t, "both say so", Move(alice, alice, desk.ObjectID(alice), target, both, site), true)
	check(t, "attack 16: target does not say so", Move(alice, alice, desk.ObjectID(alice), target, []desk.ActorID{bob}, site), false)
	check(t, "attack 16: moves another", Move(mal, mal, desk.ObjectID(alice), target, both, site), false)
	check(t, "attack 16: to itself", Move(alice, alice, desk.ObjectID(alice), desk.ObjectID(alice), both, site), false)
	check(t, "attack 16: to nowhere", Move(alice, alice, desk.ObjectID(alice), "", both, site), false)
	check(t, "attack 6: move signed by another", Move(mal, alice, desk.ObjectID(alice), target, both, site), false)
}

func TestFetched(t *testing.T) {
	const page = "https://social.example/@alice/1"
	for _, tt := range []struct {
		name, requested, final string
		id                     desk.ObjectID
		attributedTo           []desk.ActorID
		want                   Verdict
	}{
		{"as asked", string(note), string(note), note, []desk.ActorID{alice}, Trusted},
		{"as asked, by nobody", string(note), string(note), note, nil, Trusted},
		{"redirect on the same host", string(note), page, note, []desk.ActorID{alice}, Trusted},
		{"a page leads to the id", page, page, note, []desk.ActorID{alice}, Refetch},
		{"moved to another name", "https://www.social.example/1", string(note), note, nil, Refetch},
		{"attack 1: id of another host (CVE-2024-23832)", "https://evil.example/1", "https://evil.example/1", note, nil, Refused},
		{"attack 1: open redirect vouches for nothing", string(note), "https://evil.example/1", note, nil, Refused},
		{"attack 1: no id", page, page, "", nil, Refused},
		{"attack 3: author of another host (CVE-2024-52591)", "https://evil.example/1", "https://evil.example/1", "https://evil.example/1", []desk.ActorID{alice}, Refused},
		{"attack 3: second author of another host", string(note), string(note), note, []desk.ActorID{alice, mal}, Refused},
		{"attack 10: id in another spelling is asked for", string(note), string(note), "https://Social.Example/notes/1", nil, Refetch},
		{"attack 14: id of a third host after a redirect", string(note), "https://evil.example/1", "https://third.example/1", nil, Refused},
		{"attack 5: author without URL", string(note), string(note), note, []desk.ActorID{"1"}, Refused},
		{"another scheme", string(note), string(note), "http://social.example/notes/1", nil, Refused},
	} {
		got, err := Fetched(tt.requested, tt.final, tt.id, tt.attributedTo)
		if got != tt.want {
			t.Errorf("%s: verdict %d, want %d (%v)", tt.name, got, tt.want, err)
		}
		check(t, tt.name, err, tt.want != Refused)
	}
}
