package fed_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// A boost names a post and not its author: that an account is blocked shows
// when the post has been fetched. Then it is dropped, without a trace.
func TestBoostOfABlockedAccount(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, tags, bad := c.Provider(acme), c.Peer(), c.Peer()
	actor := tags.Person("acme", M{"type": "Service"})
	if _, err := p.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Tag: "acme", Actor: string(actor)}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.AddBlock(ctx, app.By{}, string(bad.Actor), ""); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	note := func(n int, author desk.ActorID, text string) string {
		post := bad.Note(n, "https://elsewhere.example/users/x", "<p>"+text+" #acme #fail</p>")
		post["attributedTo"], post["tag"] = string(author), []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
		bad.Serve(fmt.Sprint("/notes/", n), post)
		return post["id"].(string)
	}
	send := func(a M) {
		t.Helper()
		if status, why := tags.Do(tags.RequestAs(string(actor)+"#main-key", p.Site.SharedInbox(), encode(t, a))); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, why)
		}
	}
	boost := func(id, post string) {
		t.Helper()
		send(M{"id": tags.URL + "/boosts/" + id, "type": "Announce", "actor": string(actor), "object": post})
	}
	got := tags.Got()
	send(M{"id": tags.URL + "/accept", "type": "Accept", "actor": string(actor), "object": got[len(got)-1].Body["id"]})
	c.Settle()
	post := note(1, bad.Actor, "zzblockedwords")
	bad.Asked()
	boost("1", post)
	boost("again", post) // while the first waits
	c.Settle()
	fetches := 0
	for _, asked := range bad.Asked() {
		if asked == "GET /notes/1" {
			fetches++
		}
	}
	if fetches != 1 {
		t.Errorf("the post was fetched %d times, want once", fetches)
	}
	if n := len(p.Issues()); n != 0 {
		t.Errorf("%d issues of a blocked person", n)
	}
	if waiting, dead := p.Waiting(); waiting+dead != 0 {
		t.Errorf("%d jobs wait, %d are dead", waiting, dead)
	}
	data, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("zzblockedwords")) {
		t.Error("the words of a blocked person are in the data file")
	}
	// A neighbour on the same server is heard.
	boost("other", note(2, bad.Person("good", nil), "zzwelcomewords"))
	c.Settle()
	if got := said(p.Only()); !slices.Equal(got, []string{"report zzwelcomewords #acme #fail"}) {
		t.Errorf("heard: %q", got)
	}
}
