package match_test

import (
	"slices"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/match"
)

var (
	help  = candidate("help", 1, []string{"acme", "acmecloud"}, []string{"fail", "down"})
	trams = candidate("trams", 2, []string{"acme", "trams"}, []string{"fail", "late"})
	desks = []match.Candidate{help, trams}
)

func candidate(handle desk.Handle, order int, names, calls []string) match.Candidate {
	return match.Candidate{Desk: desk.Desk{Handle: handle, Names: names, Calls: calls, Order: order},
		Actor: desk.ActorID("https://acme.example/desks/" + string(handle))}
}

func TestTwoKeys(t *testing.T) {
	public, quiet, followers, direct := desk.VisibilityPublic, desk.VisibilityQuiet, desk.VisibilityFollowers, desk.VisibilityDirect
	type want struct {
		desk    desk.Handle
		heard   desk.Heard
		why     string
		also    []desk.Handle
		dropped drop.Reason
	}
	for _, c := range []struct {
		name   string
		post   match.Post
		author match.Author
		want   want
	}{
		{"a name and a call", match.Post{Visibility: public, Tags: []string{"fail", "acmecloud"}}, match.Author{},
			want{desk: "help", heard: desk.HeardTags, why: "#acmecloud and #fail"}},
		{"a name only", match.Post{Visibility: public, Tags: []string{"acme"}}, match.Author{}, want{dropped: drop.NotAddressed}},
		{"a call only", match.Post{Visibility: public, Tags: []string{"fail", "down"}}, match.Author{}, want{dropped: drop.NotAddressed}},
		{"names only, several", match.Post{Visibility: public, Tags: []string{"acme", "acmecloud"}}, match.Author{}, want{dropped: drop.NotAddressed}},
		{"no tags at all", match.Post{Visibility: public}, match.Author{}, want{dropped: drop.NotAddressed}},
		{"tags on a quiet post", match.Post{Visibility: quiet, Tags: []string{"acme", "fail"}}, match.Author{}, want{dropped: drop.NotPublic}},
		{"tags for followers only", match.Post{Visibility: followers, Tags: []string{"acme", "fail"}}, match.Author{}, want{dropped: drop.NotPublic}},
		{"tags in a direct post to another person", match.Post{Visibility: direct, Tags: []string{"acme", "fail"}}, match.Author{}, want{dropped: drop.NotPublic}},
		{"a mention", match.Post{Visibility: public, Mentions: []desk.ActorID{help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"a quiet mention", match.Post{Visibility: quiet, Mentions: []desk.ActorID{help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"a direct post without a Mention tag", match.Post{Visibility: direct, Addressed: []desk.ActorID{help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"a public post without a Mention tag", match.Post{Visibility: public, Addressed: []desk.ActorID{help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"a quiet post without a Mention tag", match.Post{Visibility: quiet, Addressed: []desk.ActorID{help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"addressed to another", match.Post{Visibility: public, Addressed: []desk.ActorID{"https://m.example/u"}}, match.Author{}, want{dropped: drop.NotAddressed}},
		{"an answer to a reply", match.Post{Visibility: public, Answers: "trams"}, match.Author{},
			want{desk: "trams", heard: desk.HeardAnswer, why: "answers a post of @trams"}},
		{"an answer to a broadcast", match.Post{Visibility: public, Answers: "trams", Broadcast: true}, match.Author{},
			want{desk: "trams", heard: desk.HeardBroadcast, why: "answers a broadcast of @trams"}},
		{"a mention goes before the tags of another", match.Post{Visibility: public, Tags: []string{"trams", "late"}, Mentions: []desk.ActorID{help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help", also: []desk.Handle{"trams"}}},
		{"both mentioned: the order of desks", match.Post{Visibility: public, Mentions: []desk.ActorID{trams.Actor, help.Actor}}, match.Author{},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help", also: []desk.Handle{"trams"}}},
		{"most matching names", match.Post{Visibility: public, Tags: []string{"acme", "trams", "fail"}}, match.Author{},
			want{desk: "trams", heard: desk.HeardTags, why: "#acme and #fail", also: []desk.Handle{"help"}}},
		{"as many names: the order of desks", match.Post{Visibility: public, Tags: []string{"acme", "fail"}}, match.Author{},
			want{desk: "help", heard: desk.HeardTags, why: "#acme and #fail", also: []desk.Handle{"trams"}}},
		{"a bot by tags", match.Post{Visibility: public, Tags: []string{"acme", "fail"}}, match.Author{Bot: true}, want{dropped: drop.Bot}},
		{"a bot that mentions", match.Post{Visibility: public, Mentions: []desk.ActorID{help.Actor}}, match.Author{Bot: true},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"#nobot by tags", match.Post{Visibility: public, Tags: []string{"acme", "fail"}}, match.Author{NoBot: true}, want{dropped: drop.NoBot}},
		{"#nobot that mentions", match.Post{Visibility: public, Mentions: []desk.ActorID{help.Actor}}, match.Author{NoBot: true},
			want{desk: "help", heard: desk.HeardMention, why: "mentions @help"}},
		{"another Earshot desk by tags", match.Post{Visibility: public, Tags: []string{"acme", "fail"}}, match.Author{Earshot: true}, want{dropped: drop.OtherDesk}},
		{"opted out, by tags", match.Post{Visibility: public, Tags: []string{"acme", "fail"}}, match.Author{OptedOut: true}, want{dropped: drop.OptedOut}},
		{"our own post", match.Post{Visibility: public, Mentions: []desk.ActorID{help.Actor}}, match.Author{Local: true}, want{dropped: drop.OwnPost}},
		{"a blocked author", match.Post{Visibility: public, Mentions: []desk.ActorID{help.Actor}}, match.Author{Blocked: true}, want{dropped: drop.Blocked}},
		{"a poll vote", match.Post{Visibility: direct, Addressed: []desk.ActorID{help.Actor}, IsVote: true, Answers: "help"}, match.Author{}, want{dropped: drop.Vote}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := match.Match(c.post, c.author, desks)
			if d.Desk != c.want.desk || d.Heard != c.want.heard || d.Why != c.want.why || d.Dropped != c.want.dropped || !slices.Equal(d.Also, c.want.also) {
				t.Errorf("got %+v\nwant %+v", d, c.want)
			}
			if d.OK() != (c.want.desk != "") {
				t.Errorf("OK() = %v", d.OK())
			}
		})
	}
}

func TestOneTagIsOneKey(t *testing.T) {
	both := []match.Candidate{candidate("x", 1, []string{"down", "acme"}, []string{"down"})}
	if d := match.Match(match.Post{Visibility: desk.VisibilityPublic, Tags: []string{"down"}}, match.Author{}, both); d.OK() {
		t.Errorf("a tag that is both name and call opened an issue: %+v", d)
	}
	d := match.Match(match.Post{Visibility: desk.VisibilityPublic, Tags: []string{"acme", "down"}}, match.Author{}, both)
	if d.Why != "#acme and #down" {
		t.Errorf("why = %q", d.Why)
	}
}

// Whatever the tags, a post that is not addressed opens an issue only if it
// carries a name and a call.
func FuzzTwoKeys(f *testing.F) {
	f.Add("acme", "fail", "x")
	f.Add("acme", "acmecloud", "trams")
	f.Add("fail", "down", "late")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		tags := []string{a, b, c}
		d := match.Match(match.Post{Visibility: desk.VisibilityPublic, Tags: tags}, match.Author{}, desks)
		want := slices.ContainsFunc(desks, func(c match.Candidate) bool { return match.TwoKeys(tags, c.Desk) })
		if d.OK() != want {
			t.Errorf("Match(%q) = %+v", tags, d)
		}
	})
}

// Tags are compared in one form on both sides, and what matched is shown as the
// desk writes it.
func TestKeysAreFolded(t *testing.T) {
	for _, c := range []struct{ name, call, tagged, calling string }{
		{"acme", "störung", "acme", "storung"},
		{"acme", "storung", "Acme", "Störung"},
		{"acme", "Łódź", "ACME", "lodz"},
		{"acme", "βλάβη", "acme", "ΒΛΑΒΗ"},
		{"Übersee", "Ausfall", "ubersee", "AUSFALL"},
		{"acme", "ガラス", "acme", "ｶﾞﾗｽ"},
	} {
		d := match.Match(match.Post{Visibility: desk.VisibilityPublic, Tags: []string{c.tagged, c.calling}}, match.Author{},
			[]match.Candidate{candidate("help", 1, []string{c.name}, []string{c.call})})
		if d.Desk != "help" || d.Why != "#"+c.name+" and #"+c.call || !slices.Equal(d.Keys, []string{c.name, c.call}) {
			t.Errorf("#%s #%s for #%s and #%s: %+v", c.tagged, c.calling, c.name, c.call, d)
		}
	}
	one := candidate("help", 1, []string{"Störung"}, []string{"storung"})
	if d := match.Match(match.Post{Visibility: desk.VisibilityPublic, Tags: []string{"störung", "storung"}}, match.Author{}, []match.Candidate{one}); d.OK() {
		t.Errorf("one tag in two spellings is two keys: %+v", d)
	}
	if d := match.Match(match.Post{Visibility: desk.VisibilityPublic, Tags: []string{"acme", "カラス"}}, match.Author{},
		[]match.Candidate{candidate("help", 1, []string{"acme"}, []string{"ガラス"})}); d.OK() {
		t.Errorf("another letter is the same: %+v", d)
	}
}
