package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
)

func testCall(out *bytes.Buffer) *command {
	return &command{ctx: nil, io: stdio{strings.NewReader(""), out, out}, getenv: func(string) string { return "" }}
}

func TestTableAlignsWideCharacters(t *testing.T) {
	var out bytes.Buffer
	testCall(&out).table(&out, "none", []string{"A", "B"}, [][]string{{"回線", "x"}, {"e\u0301", "y"}, {"abcd", "z"}})
	want := "A     B\n回線  x\ne\u0301     y\nabcd  z\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestTableCleansOtherPeoplesWords(t *testing.T) {
	var out bytes.Buffer
	testCall(&out).table(&out, "none", []string{"A", "B"}, [][]string{{"a\x1b[2Jb\u202ec\nd", "x\ty"}})
	if got := strings.Split(out.String(), "\n")[1]; got != "a[2Jbc d  x y" {
		t.Errorf("%q", got)
	}
}

func TestCut(t *testing.T) {
	for _, tc := range []struct {
		s    string
		edge int
		want string
	}{{"abcdef", 0, "abcdef"}, {"abcdef", 6, "abcdef"}, {"abcdef", 4, "abc…"}, {"回線線", 5, "回線…"}, {"回線線", 4, "回…"}} {
		if got := cut(tc.s, tc.edge); got != tc.want {
			t.Errorf("%q at %d: %q, want %q", tc.s, tc.edge, got, tc.want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0: "just now", 4 * time.Second: "just now", 30 * time.Second: "30s ago", 90 * time.Minute: "2h ago", 47 * time.Hour: "47h ago", 59*time.Minute + 40*time.Second: "1h ago", 47*time.Hour + 40*time.Minute: "2d ago", 59700 * time.Millisecond: "1m ago",
		72 * time.Hour: "3d ago", -10 * time.Second: "in 10s", -5 * time.Minute: "in 5m", -3*time.Hour + time.Second: "in 3h", -5*time.Minute + time.Second: "in 5m"} {
		if got := ago(now, now.Add(-d)); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestNoColourIntoAPipe(t *testing.T) {
	var out bytes.Buffer
	if got := testCall(&out).paint(red, "x"); got != "x" {
		t.Errorf("%q", got)
	}
}

func TestThreadShowsWhatBecameOfAReply(t *testing.T) {
	at := api.Time{Time: time.Now().Add(-time.Hour)}
	base := api.Entry{Kind: desk.KindReply, At: at, Author: "help@acme.example", Post: "0192", Text: "one\ntwo", Visibility: desk.VisibilityQuiet}
	for name, tc := range map[string]struct {
		change func(*api.Entry)
		want   string
	}{
		"delivered": {func(e *api.Entry) {
			e.State, e.Delivery = desk.PostPublished, api.Delivery{Delivered: 2, Queued: 1, Failed: 1}
		}, "delivered to 2 of 4 servers, 1 waiting, 1 failed"},
		"pending":  {func(e *api.Entry) { e.State, e.DueAt, e.Status = desk.PostPending, at, desk.StatusFixed }, "with the status fixed; `earshot issue undo 0192`"},
		"withheld": {func(e *api.Entry) { e.State = desk.PostWithheld }, "not sent"},
		"deleted":  {func(e *api.Entry) { e.State, e.Deleted, e.Text = desk.PostPublished, true, "" }, "quiet, deleted"},
	} {
		e := base
		tc.change(&e)
		var out bytes.Buffer
		testCall(&out).printThread(&out, api.FullIssue{Issue: api.Issue{ID: "i", Status: desk.StatusNew}, Timeline: []api.Entry{e}})
		if !strings.Contains(out.String(), tc.want) {
			t.Errorf("%s: %s lacks %q", name, out.String(), tc.want)
		}
	}
}

// TestSpin: a quick request shows nothing, and a slow one leaves nothing behind.
func TestSpin(t *testing.T) {
	for wait, want := range map[time.Duration]bool{900 * time.Millisecond: false, 2500 * time.Millisecond: true} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			done := make(chan struct{})
			time.AfterFunc(wait, func() { close(done) })
			spin(&out, done)
			if shown := strings.Contains(out.String(), "waiting for an answer, 2 s"); shown != want {
				t.Errorf("after %s: %q", wait, out.String())
			}
			if want != strings.HasSuffix(out.String(), "\r\x1b[K") {
				t.Errorf("after %s it ends with %q", wait, out.String())
			}
		})
	}
}

// A page of a long thread says how to see the others.
func TestThreadSaysWhatIsFolded(t *testing.T) {
	var out bytes.Buffer
	testCall(&out).printThread(&out, api.FullIssue{Issue: api.Issue{ID: "i", Status: desk.StatusNew}, Earlier: 71, Before: "e7", Folded: api.Folded{Entries: 202, Accounts: 2},
		Timeline: []api.Entry{{Kind: desk.KindReport, Text: "down"}, {Kind: desk.KindPost, Text: "still"}}})
	for _, want := range []string{"202 more by 2 accounts of third persons: `earshot issue show i --third`", "71 earlier: `earshot issue show i --before e7`"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
}
