package fed_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// fetched asks for a document without a signature, and reads it.
func fetched(t *testing.T, url string) (int, M) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/activity+json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	var doc M
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatalf("%s: %v\n%s", url, err, body)
		}
	}
	return res.StatusCode, doc
}

// quoting asks to quote a post, and returns the answer.
func quoting(c *fed.Cluster, p *fed.Provider, peer *fed.Peer, post desk.Post) []fed.Got {
	before := len(peer.Got())
	quote := peer.URL + "/notes/9"
	peer.Send(p.Site.SharedInbox(), M{"@context": "https://www.w3.org/ns/activitystreams", "id": quote + "#request/" + string(post.ID), "type": "QuoteRequest",
		"actor": string(peer.Actor), "object": string(post.Object), "instrument": M{"id": quote, "type": "Note", "attributedTo": string(peer.Actor),
			"content": "<p>look</p>", "quote": string(post.Object), "to": []string{everybody}}})
	c.Settle()
	return peer.Got()[before:]
}

func TestQuotes(t *testing.T) { onBothStores(t, quotes) }

func quotes(t *testing.T, c *fed.Cluster) {
	p, peer := c.Provider(acme), c.Peer()
	post, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "The east is dark.", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	_, note := fetched(t, string(post.Object))
	policy, _ := note["interactionPolicy"].(M)
	if len(policy) != 1 || policy["canQuote"].(M)["automaticApproval"].([]any)[0] != everybody {
		t.Errorf("the post says %v", policy)
	}
	got := quoting(c, p, peer, post)
	if len(got) != 1 || got[0].Body["type"] != "Accept" || got[0].Body["object"].(M)["instrument"] != peer.URL+"/notes/9" {
		t.Fatalf("a quote is answered with %v", got)
	}
	stamp := got[0].Body["result"].(string)
	status, doc := fetched(t, stamp)
	if status != http.StatusOK || doc["id"] != stamp || doc["type"] != "QuoteAuthorization" || doc["attributedTo"] != string(p.Site.Desk("help")) ||
		doc["interactingObject"] != peer.URL+"/notes/9" || doc["interactionTarget"] != string(post.Object) {
		t.Errorf("the authorization: %d %v", status, doc)
	}
	if again := quoting(c, p, peer, post); len(again) != 0 {
		t.Errorf("the same request is answered again: %v", again)
	}
	if n := len(p.Issues()); n != 0 {
		t.Errorf("a quote opened %d issues", n)
	}
	if get(t, string(post.Object)+"/quotes/0123") != http.StatusNotFound {
		t.Error("an authorization that was never given is there")
	}
	// A quoter who is blocked has no leave any more.
	if _, err := p.AddBlock(ctx, app.By{}, string(peer.Actor), ""); err != nil {
		t.Fatal(err)
	}
	if get(t, stamp) != http.StatusNotFound {
		t.Error("a blocked quoter's authorization is there")
	}
	if err := p.RemoveBlock(ctx, app.By{}, string(peer.Actor)); err != nil {
		t.Fatal(err)
	}
	// The quoting server gets the post's edits and its deletion, and then the
	// authorization is gone.
	if _, err := p.EditPost(ctx, app.By{}, post.ID, "The east and the north are dark."); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	if _, err := p.RetractPost(ctx, app.By{}, post.ID); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	if kinds := strings.Join(kinds(peer), " "); kinds != "Accept Update Delete" {
		t.Errorf("the quoter got %s", kinds)
	}
	if get(t, stamp) != http.StatusNotFound {
		t.Error("the authorization outlives the post")
	}
}

func TestQuotesThatAreRefused(t *testing.T) {
	t.Parallel()
	c, p, peer, issue := correspondent(t)
	direct, err := p.Reply(ctx, app.By{}, app.ReplyInput{Issue: issue, Text: "between us", Visibility: desk.VisibilityDirect, Now: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	got := quoting(c, p, peer, direct)
	if len(got) != 1 || got[0].Body["type"] != "Reject" || got[0].Body["result"] != nil {
		t.Errorf("a quote of a direct post is answered with %v", got)
	}
	status, _ := peer.Send(p.Site.SharedInbox(), M{"id": peer.URL + "/q", "type": "QuoteRequest", "actor": string(peer.Actor),
		"object": string(direct.Object), "instrument": "https://elsewhere.example/notes/1"})
	if status != http.StatusBadRequest {
		t.Errorf("a quote on another's server: %d", status)
	}
}

// Every quote is answered, so it is limited like a Follow: it needs an inbox,
// and many inboxes on other hosts are too many (CVE-2026-69132).
func TestQuotesByInventedInboxes(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.FloodLimits = true
	p, peer := c.Provider(acme), c.Peer()
	post, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "The east is dark.", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Settle()
	ask := func(n int, object string) int {
		who := fmt.Sprint(peer.URL, "/users/q", n)
		status, _ := peer.Do(peer.RequestAs(who+"#main-key", p.Site.SharedInbox(), encode(t, M{"id": fmt.Sprint(who, "/request"), "type": "QuoteRequest",
			"actor": who, "object": object, "instrument": fmt.Sprint(peer.URL, "/notes/", n)})))
		return status
	}
	peer.Person("q0", M{"inbox": nil})
	if status := ask(0, string(post.Object)); status != http.StatusBadRequest {
		t.Errorf("a quoter without an inbox: %d", status)
	}
	peer.Person("q1", nil)
	if status := ask(1, p.Site.URL+"/posts/none"); status != http.StatusAccepted || waiting(t, p) != 0 {
		t.Errorf("a quote of nothing: %d, and %d were written down", status, waiting(t, p))
	}
	refused := 0
	for n := 2; n < 92; n++ {
		peer.Person(fmt.Sprint("q", n), M{"inbox": fmt.Sprintf("http://127.66.1.%d:1/inbox", n)})
		if ask(n, string(post.Object)) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("of 90 quotes with inboxes elsewhere %d were refused", refused)
	}
}

// Followers decide who knows that they follow a desk. Everyone who knows the id
// of the Follow can compute the id of the Accept, so only the follower may
// fetch it.
func TestAcceptIsForItsFollowerOnly(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	p, eve := c.Provider(acme), c.Peer()
	eve.Send(p.Site.SharedInbox(), M{"id": eve.URL + "/follows/eve/help", "type": "Follow", "actor": string(eve.Actor), "object": string(p.Site.Desk("help"))})
	c.Settle()
	got := eve.Got()
	if len(got) != 1 || got[0].Body["type"] != "Accept" || got[0].Body["proof"] != nil {
		t.Fatalf("a Follow is answered with %v", got)
	}
	id := got[0].Body["id"].(string)
	if status := get(t, id); status != http.StatusNotFound {
		t.Errorf("a stranger reads it: %d", status)
	}
	if status, _ := eve.Do(eve.GetAs(string(eve.Actor)+"#main-key", id)); status != http.StatusOK {
		t.Errorf("the follower reads it: %d", status)
	}
}
