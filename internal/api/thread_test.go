package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A long timeline is read page by page, by the fields or by the headers; what
// third persons added is counted, and has pages of its own.
func TestTimelinePages(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "down")
	for n := range 240 {
		f.clock.Advance(time.Minute)
		who := desk.Actor{ID: "https://m.example/users/ana", Acct: "ana@m.example", Inbox: "https://m.example/inbox"}
		if n%2 == 1 {
			who = desk.Actor{ID: desk.ActorID(fmt.Sprint("https://m.example/users/x", n%4)), Acct: "x@m.example", Inbox: "https://m.example/inbox"}
		}
		if _, err := f.app.Hear(t.Context(), app.Heard{Author: who, Source: app.Inbox, Post: desk.Post{Object: desk.ObjectID(fmt.Sprint("https://m.example/more/", n)), Author: who.ID,
			InReplyTo: "https://m.example/notes/1", Text: fmt.Sprint("word ", n), Visibility: desk.VisibilityPublic, Published: f.clock.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) (FullIssue, string, string) {
		t.Helper()
		w := f.do("GET", path, "", nil)
		var out FullIssue
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v %s", path, w.Code, err, w.Body)
		}
		return out, w.Header().Get("Link"), w.Header().Get(HeaderNext)
	}
	path := Root + "/issues/" + string(issue)
	first, link, next := read(path)
	if n := len(first.Timeline); n != 111 || first.Timeline[0].Kind != desk.KindReport || first.Timeline[n-1].Text != "word 239" || !first.Timeline[n-1].Third || first.Timeline[n-2].Third {
		t.Errorf("the newest page: %d entries", n)
	}
	if first.Earlier != 21 || next != string(first.Before) || link != "<"+path+"?before="+next+`>; rel="next"` || first.Folded != (Folded{Entries: 110, Accounts: 2}) {
		t.Errorf("%d earlier before %q, %s; folded %+v", first.Earlier, first.Before, link, first.Folded)
	}
	last, link, next := read(path + "?before=" + url.QueryEscape(string(first.Before)))
	if last.Earlier != 0 || last.Before != "" || next != "" || link != "" || last.Timeline[0].Kind != desk.KindReport || last.Timeline[1].Text != "word 0" {
		t.Errorf("the first page: %d earlier before %q, %q", last.Earlier, last.Before, link)
	}
	third, link, _ := read(path + "?third=true&limit=5")
	if len(third.Timeline) != 6 || third.Timeline[5].Text != "word 239" || third.Timeline[4].Text != "word 237" || third.Earlier != 115 || link != "<"+path+"?before="+string(third.Before)+`&limit=5&third=true>; rel="next"` {
		t.Errorf("third persons: %d entries, %d earlier, %s", len(third.Timeline), third.Earlier, link)
	}
	for query, want := range map[string]int{"before=nothing": 404, "after=x": 400, "limit=0": 400, "third=perhaps": 400} {
		if w := f.do("GET", path+"?"+query, "", nil); w.Code != want {
			t.Errorf("%s: %d, want %d", query, w.Code, want)
		}
	}
}
