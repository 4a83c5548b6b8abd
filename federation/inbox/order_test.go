package inbox

import (
	"fmt"
	"slices"
	"testing"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/drop"
)

// The order in which the parts of a thread come decides nothing: they are one
// issue. Nothing can be fetched here, as of posts that are direct.
func TestOrderOfArrival(t *testing.T) {
	const part = `,"inReplyTo":"` + string(ana) + `/notes/%d"`
	const toUs = `"to":["` + string(ourDesk) + `"]`
	direct := func(n int) string {
		above := ""
		if n > 1 {
			above = fmt.Sprintf(part, n-1)
		}
		return spokenAs(ana, fmt.Sprint(n), toUs+above)
	}
	public := func(who desk.ActorID, n int, more string) string {
		return activity(as.Create, who, fmt.Sprint("c", n), note(who, fmt.Sprint(n), more))
	}
	ofAna := func(n int) string { return fmt.Sprintf(part, n) }
	for _, c := range []struct {
		name   string
		sent   []string
		issues int
		joined []string // in the issue of the first
	}{
		{"direct, in order", []string{direct(1), direct(2), direct(3), direct(4)}, 1, []string{"2", "3", "4"}},
		{"direct, the last first", []string{direct(4), direct(3), direct(2), direct(1)}, 1, []string{"3", "2", "1"}},
		{"direct, from the middle", []string{direct(2), direct(1), direct(3), direct(4)}, 1, []string{"1", "3", "4"}},
		{"public, only the answer calls us", []string{public(ana, 2, mention+ofAna(1)), public(ana, 1, "")}, 1, []string{"1"}},
		{"public, both call us", []string{public(ana, 2, mention+ofAna(1)), public(ana, 1, mention)}, 1, []string{"1"}},
		{"another answers a post that is no report", []string{public(ben, 2, mention+ofAna(1)), public(ana, 1, "")}, 1, []string{"1"}},
		{"another answers a report first", []string{public(ben, 2, mention+ofAna(1)), public(ana, 1, mention)}, 1, []string{"1"}},
		{"a post that nobody answered", []string{public(ana, 2, mention), public(ana, 1, "")}, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInstance(t, false)
			for _, body := range c.sent {
				who := ana
				if a, err := as.ParseActivity([]byte(body)); err == nil {
					who = a.Actor
				}
				i.send(who, body)
				i.process()
			}
			all := slices.DeleteFunc(i.issues(), func(i desk.Issue) bool { return i.Reason == desk.ReasonDuplicate })
			if len(all) != c.issues {
				t.Fatalf("%d issues, want %d", len(all), c.issues)
			}
			for _, n := range c.joined {
				if got := i.stored(noteID(ana, n)).Issue; got != all[0].ID {
					t.Errorf("part %s is in issue %q, want %q", n, got, all[0].ID)
				}
			}
			if len(c.joined) == 0 && c.issues == 1 && i.stored(noteID(ana, "1")).Issue != "" {
				t.Error("a post that is not for us was stored")
			}
		})
	}
}

// A post that is not public, and not to us, joins nothing, even if we have an answer to it.
func TestOrderKeepsWhatIsNotPublic(t *testing.T) {
	i := newInstance(t, false)
	i.told(ben, activity(as.Create, ben, "2", note(ben, "2", mention+`,"inReplyTo":"`+noteID(ana, "1")+`"`)))
	if o := i.send(ana, spokenAs(ana, "1", `"to":["`+string(ana)+`/followers"]`)); o.Reason != drop.NotAddressed {
		t.Errorf("%v", o)
	}
}

// spokenAs is a Create of the post n.
func spokenAs(author desk.ActorID, n, object string) string {
	return fmt.Sprintf(`{"id":"%s/activities/c%s","type":"Create","actor":%q,"object":{"id":%q,"type":"Note","attributedTo":%q,"content":"<p>It is down</p>",%s}}`,
		author, n, author, noteID(author, n), author, object)
}
