package desk_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
)

const ana desk.ActorID = "https://m.example/users/ana"

var nine = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func opened(heard desk.Heard) desk.Issue {
	return desk.OpenIssue("1", desk.Post{Desk: "help", Object: "https://m.example/1"}, ana, heard, "why", nine)
}

func at(status desk.Status) desk.Issue {
	i := opened(desk.HeardMention)
	i.Status = status
	return i
}

func TestReporterSpoke(t *testing.T) {
	for status, after := range map[desk.Status]desk.Status{
		desk.StatusNew:          desk.StatusNew,
		desk.StatusAcknowledged: desk.StatusAcknowledged,
		desk.StatusInProgress:   desk.StatusInProgress,
		desk.StatusWaiting:      desk.StatusAcknowledged,
		desk.StatusHandedOff:    desk.StatusHandedOff,
		desk.StatusFixed:        desk.StatusFixed,
		desk.StatusResolved:     desk.StatusResolved,
		desk.StatusClosed:       desk.StatusAcknowledged,
	} {
		i := at(status)
		i.Reason, i.Next = desk.ReasonNotOurs, "the city"
		changed := i.ReporterSpoke(nine.Add(time.Minute))
		if i.Status != after || changed != (status != after) || !i.NeedsUs {
			t.Errorf("%s: became %s (changed %v, answered %v), want %s", status, i.Status, changed, i.NeedsUs, after)
		}
		if changed && (i.Reason != "" || i.Next != "") {
			t.Errorf("%s: the reason stayed", status)
		}
	}
}

func TestCheckStatus(t *testing.T) {
	fixed := at(desk.StatusFixed)
	fixed.FixedAt = nine
	word := &desk.Evidence{By: ana, At: nine.Add(time.Hour)}
	for _, c := range []struct {
		name   string
		issue  desk.Issue
		change desk.StatusChange
		code   desk.Code
	}{
		{"acknowledge", at(desk.StatusNew), desk.StatusChange{To: desk.StatusAcknowledged}, ""},
		{"the same again", at(desk.StatusAcknowledged), desk.StatusChange{To: desk.StatusAcknowledged}, desk.CodeConflict},
		{"unknown", at(desk.StatusNew), desk.StatusChange{To: "solved"}, desk.CodeInvalid},
		{"back to new", at(desk.StatusInProgress), desk.StatusChange{To: desk.StatusNew}, desk.CodeInvalid},
		{"handed off by hand", at(desk.StatusInProgress), desk.StatusChange{To: desk.StatusHandedOff}, desk.CodeInvalid},
		{"closed without a reason", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed}, desk.CodeInvalid},
		{"closed with an unknown reason", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed, Reason: "tired"}, desk.CodeInvalid},
		{"closed", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot}, ""},
		{"not ours without a next step", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotOurs}, desk.CodeInvalid},
		{"not ours with a next step", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotOurs, Next: "the city"}, ""},
		{"an endless next step", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotOurs, Next: strings.Repeat("ü", desk.MaxNext+1)}, desk.CodeInvalid},
		{"a next step elsewhere", at(desk.StatusNew), desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot, Next: "x"}, desk.CodeInvalid},
		{"a reason elsewhere", at(desk.StatusNew), desk.StatusChange{To: desk.StatusFixed, Reason: desk.ReasonCannot}, desk.CodeInvalid},
		{"resolved before fixed", at(desk.StatusInProgress), desk.StatusChange{To: desk.StatusResolved, Because: word}, desk.CodeConflict},
		{"resolved by the agent alone", fixed, desk.StatusChange{To: desk.StatusResolved}, desk.CodeInvalid},
		{"resolved by a third person", fixed, desk.StatusChange{To: desk.StatusResolved, Because: &desk.Evidence{By: "https://m.example/users/bob", At: nine.Add(time.Hour)}}, desk.CodeInvalid},
		{"resolved by a word before fixed", fixed, desk.StatusChange{To: desk.StatusResolved, Because: &desk.Evidence{By: ana, At: nine}}, desk.CodeInvalid},
		{"resolved by the reporter's word", fixed, desk.StatusChange{To: desk.StatusResolved, Because: word}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.issue.CheckStatus(c.change); desk.ErrorCode(err) != c.code {
				t.Errorf("got %v, want code %q", err, c.code)
			}
		})
	}
}

// A reply that goes out means that an agent has read the report.
func TestReplyAcknowledges(t *testing.T) {
	for _, c := range []struct{ from, carries, want desk.Status }{
		{desk.StatusNew, "", desk.StatusAcknowledged},
		{desk.StatusNew, desk.StatusWaiting, desk.StatusWaiting},
		{desk.StatusInProgress, "", desk.StatusInProgress},
		{desk.StatusFixed, "", desk.StatusFixed},
	} {
		i := at(c.from)
		i.ReplyWritten(nine)
		if i.Status != c.from {
			t.Errorf("from %s: a reply that can be taken back made it %s", c.from, i.Status)
		}
		i.ReplyPublished(desk.Post{Outgoing: desk.Outgoing{Status: c.carries}}, nine)
		if i.Status != c.want {
			t.Errorf("from %s a reply that carries %q made it %s, want %s", c.from, c.carries, i.Status, c.want)
		}
	}
}

func TestThreeQuietDays(t *testing.T) {
	i := at(desk.StatusInProgress)
	i.ApplyStatus(desk.StatusChange{To: desk.StatusFixed}, nine)
	if i.ResolveQuietly(nine.Add(desk.QuietDays - time.Second)) {
		t.Error("resolved before the days were over")
	}
	word := nine.Add(time.Hour)
	i.ReporterSpoke(word)
	if i.ResolveQuietly(nine.Add(desk.QuietDays * 2)) {
		t.Error("resolved over a word nobody has looked at")
	}
	i.NeedsUs = false
	if i.ResolveQuietly(word.Add(desk.QuietDays - time.Second)) {
		t.Error("the days are counted from the last word")
	}
	if !i.ResolveQuietly(word.Add(desk.QuietDays)) || i.Status != desk.StatusResolved {
		t.Errorf("not resolved after three quiet days: %s", i.Status)
	}
}

func TestMayReply(t *testing.T) {
	tags := func(change func(*desk.Issue)) desk.Issue {
		i := opened(desk.HeardTags)
		change(&i)
		return i
	}
	sent := func(i *desk.Issue, s desk.Status) {
		i.ReplyWritten(nine)
		i.ReplyPublished(desk.Post{Outgoing: desk.Outgoing{Status: s}}, nine)
	}
	for _, c := range []struct {
		name   string
		issue  desk.Issue
		status desk.Status
		ok     bool
	}{
		{"heard by tags: the first reply", tags(func(*desk.Issue) {}), "", true},
		{"a second while the first may be undone", tags(func(i *desk.Issue) { i.ReplyWritten(nine) }), "", false},
		{"the first again after it was undone", tags(func(i *desk.Issue) { i.ReplyWritten(nine); i.ReplyUndone(nine) }), "", true},
		{"a second", tags(func(i *desk.Issue) { sent(i, "") }), "", false},
		{"a second that is in progress", tags(func(i *desk.Issue) { sent(i, "") }), desk.StatusInProgress, false},
		{"the word that it is over", tags(func(i *desk.Issue) { sent(i, "") }), desk.StatusFixed, true},
		{"that word twice", tags(func(i *desk.Issue) { sent(i, ""); sent(i, desk.StatusFixed) }), desk.StatusFixed, false},
		{"that word when the first reply was it", tags(func(i *desk.Issue) { sent(i, desk.StatusFixed) }), desk.StatusFixed, false},
		{"freely after the reporter reacted", tags(func(i *desk.Issue) { sent(i, ""); i.ReporterReacted(nine) }), "", true},
		{"freely when invited", opened(desk.HeardMention), "", true},
		{"tags removed", tags(func(i *desk.Issue) { i.Silence(desk.SilenceWithdrawn) }), "", false},
		{"tags removed, then invited", tags(func(i *desk.Issue) { i.Silence(desk.SilenceWithdrawn); i.Invite() }), "", true},
		{"stopped, then invited", tags(func(i *desk.Issue) { i.Silence(desk.SilenceStop); i.Invite() }), "", false},
		{"a stop is stronger than removed tags", tags(func(i *desk.Issue) {
			i.Silence(desk.SilenceWithdrawn)
			i.Silence(desk.SilenceStop)
			i.Invite()
		}), "", false},
		{"deleted", tags(func(i *desk.Issue) { i.ReportDeleted(nine) }), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.issue.MayReply(c.status); (err == nil) != c.ok {
				t.Errorf("MayReply(%q) = %v", c.status, err)
			} else if err != nil && desk.ErrorCode(err) != desk.CodeForbidden {
				t.Errorf("code %q", desk.ErrorCode(err))
			}
		})
	}
}

func TestReplyVisibility(t *testing.T) {
	p, q, f, d := desk.VisibilityPublic, desk.VisibilityQuiet, desk.VisibilityFollowers, desk.VisibilityDirect
	for _, c := range []struct{ answered, asked, want desk.Visibility }{
		{p, "", q}, {p, q, q}, {p, p, p}, {p, d, d},
		{q, "", q}, {q, q, q}, {q, p, ""}, {q, d, d},
		{f, "", d}, {f, d, d}, {f, q, ""}, {f, p, ""},
		{d, "", d}, {d, d, d}, {d, q, ""}, {d, p, ""},
		{p, "loud", ""},
	} {
		got, err := desk.ReplyVisibility(c.answered, c.asked)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("ReplyVisibility(%s, %q) = %q, %v; want %q", c.answered, c.asked, got, err, c.want)
		}
		if err == nil && got.WiderThan(c.answered) {
			t.Errorf("a reply to a %s post is %s", c.answered, got)
		}
	}
}

func TestStopWord(t *testing.T) {
	for s, want := range map[string]bool{"stop": true, " STOP. ": true, "Stop!": true, "stop\u200b": true,
		"“stop”": true, "»stop«": true, "„Stop“": true, "« stop »": true, "«stop»": true, "¡Stop!": true, "STOP ✋": true, "Stopp!": true,
		"": false, "»«": false, "please stop": false, "the bus does not stop here": false, "nonstop": false, "stop 2": false, "stoppen": false} {
		if got := desk.StopWord(s); got != want {
			t.Errorf("StopWord(%q) = %v", s, got)
		}
	}
}

func TestReportDeleted(t *testing.T) {
	i := at(desk.StatusInProgress)
	i.Excerpt = "secret"
	i.ReportDeleted(nine)
	if i.Excerpt != "" || i.Status != desk.StatusClosed || i.Reason != desk.ReasonWithdrawn || !i.WaitingSince.IsZero() {
		t.Errorf("left: %+v", i)
	}
	done := at(desk.StatusResolved)
	done.ReportDeleted(nine)
	if done.Status != desk.StatusResolved {
		t.Errorf("a done issue became %s", done.Status)
	}
}
