package origin_test

import (
	"os"
	"path/filepath"
	"testing"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/internal/desk"
)

// TestCorpus reads payloads as they came over the wire, if they are at hand.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("EARSHOT_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus: set EARSHOT_CORPUS")
	}
	site := desk.Site{URL: "https://earshot.example", HandleDomain: "earshot.example"}
	read := func(name string) *as.Activity {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		a, err := as.ParseActivity(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return a
	}
	create := func(a *as.Activity) error {
		return origin.Create(a.Actor, a.Actor, a.Object.ID, a.Object.Object.AllAttributedTo, a.ID, site)
	}
	for _, name := range []string{"peertube/create_video.json", "pixelfed/create_note_hashtag.json"} {
		if err := create(read(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if create(read("synthetic/attack_attributedto_foreign.json")) == nil {
		t.Error("a post attributed to a foreigner was allowed")
	}
	a := read("synthetic/attack_delete_foreign_object.json")
	if origin.Delete(a.Actor, a.Actor, a.Object.ID, "https://social.example/users/bob", site) == nil {
		t.Error("a neighbour may delete a post")
	}
	a = read("synthetic/attack_accept_uncorrelated.json")
	if origin.Accept(a.Actor, a.Actor, "https://social.example/users/alice", site) == nil {
		t.Error("somebody else may accept a follow")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "pleroma/spoof_activity.json"))
	if err != nil {
		t.Fatal(err)
	}
	o, err := as.ParseObject(raw)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := origin.Fetched(string(o.ID), string(o.ID), o.ID, o.AllAttributedTo); v != origin.Refused {
		t.Error("a fetched post may be attributed to a foreigner")
	}
}
