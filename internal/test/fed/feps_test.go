package fed_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/test/fed"
)

// feps shows of every proposal that FEDERATION.md lists that it is so.
var feps = map[string]func(*testing.T, *fed.Cluster, *fed.Provider){
	"67ff": func(t *testing.T, _ *fed.Cluster, _ *fed.Provider) {
		for _, heading := range []string{"## Supported federation protocols and standards", "## Supported FEPs", "## Additional documentation"} {
			if !strings.Contains(federationDoc(t), "\n"+heading+"\n") {
				t.Errorf("FEDERATION.md has no %q", heading)
			}
		}
	},
	"f1d5": func(t *testing.T, _ *fed.Cluster, p *fed.Provider) {
		_, links := fetched(t, p.HTTP.URL+"/.well-known/nodeinfo")
		for _, l := range links["links"].([]any) {
			l := l.(M)
			if !strings.Contains(l["rel"].(string), "nodeinfo.diaspora.software") {
				continue
			}
			if _, doc := fetched(t, l["href"].(string)); doc["software"].(M)["name"] != "earshot" {
				t.Errorf("%v: %v", l, doc)
			}
		}
	},
	"2677": func(t *testing.T, _ *fed.Cluster, p *fed.Provider) {
		_, links := fetched(t, p.HTTP.URL+"/.well-known/nodeinfo")
		for _, l := range links["links"].([]any) {
			if l := l.(M); l["rel"] == "https://www.w3.org/ns/activitystreams#Application" && l["href"] == string(p.Site.Relay()) {
				return
			}
		}
		t.Errorf("the application actor is not linked: %v", links)
	},
	"2c59": onActor(func(a M) bool { return strings.HasPrefix(a["webfinger"].(string), "help@") }),
	"5feb": onActor(func(a M) bool { return a["indexable"] == true }),
	"fe34": func(t *testing.T, c *fed.Cluster, p *fed.Provider) {
		eve, victim := c.Peer(), c.Peer()
		note := victim.Note(1, p.Site.Desk("help"), "<p>@help forged</p>")
		create := victim.Create(note)
		create["actor"] = string(eve.Actor)
		if status, _ := eve.Send(p.Site.SharedInbox(), create); status != http.StatusBadRequest {
			t.Errorf("a forged Create: %d", status)
		}
	},
	"1b12": func(t *testing.T, _ *fed.Cluster, _ *fed.Provider) {
		a, err := as.ParseActivity([]byte(`{"id":"https://g.example/1","type":"Announce","actor":"https://g.example/c","object":` +
			`{"id":"https://m.example/1/activity","type":"Create","actor":"https://m.example/ana","object":{"id":"https://m.example/1","type":"Note"}}}`))
		if err != nil || a.Inner == nil || a.Inner.Object.ID != "https://m.example/1" {
			t.Errorf("%+v, %v", a, err)
		}
	},
	"c180": func(t *testing.T, c *fed.Cluster, p *fed.Provider) {
		res, err := http.Post(p.Site.SharedInbox(), "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("a refusal is %s", got)
		}
	},
	"044f": onBroadcast(func(n M) bool { return n["interactionPolicy"].(M)["canQuote"] != nil }),
	"7888": onReply(func(n M) bool { return n["context"] != nil }),
	"f228": onReply(func(n M) bool { return strings.HasSuffix(n["context"].(string), "/thread") }),
}

func onActor(ok func(M) bool) func(*testing.T, *fed.Cluster, *fed.Provider) {
	return func(t *testing.T, _ *fed.Cluster, p *fed.Provider) {
		if _, a := fetched(t, string(p.Site.Desk("help"))); !ok(a) {
			t.Errorf("the desk's actor: %v", a)
		}
	}
}

func onBroadcast(ok func(M) bool) func(*testing.T, *fed.Cluster, *fed.Provider) {
	return func(t *testing.T, c *fed.Cluster, p *fed.Provider) {
		b, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "All is well.", Now: true})
		if err != nil {
			t.Fatal(err)
		}
		c.Settle()
		if _, n := fetched(t, string(b.Object)); !ok(n) {
			t.Errorf("a broadcast: %v", n)
		}
	}
}

func onReply(ok func(M) bool) func(*testing.T, *fed.Cluster, *fed.Provider) {
	return func(t *testing.T, c *fed.Cluster, p *fed.Provider) {
		peer := c.Peer()
		peer.Send(p.Site.SharedInbox(), peer.Create(peer.Note(1, p.Site.Desk("help"), "<p>@help no light</p>")))
		c.Settle()
		reply := p.Say(p.Only().Issue.ID, "We are looking.")
		c.Settle()
		if _, n := fetched(t, string(reply.Object)); !ok(n) {
			t.Errorf("a reply: %v", n)
		}
	}
}

func federationDoc(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../FEDERATION.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every proposal on the list needs a test that shows it.
func TestFEPs(t *testing.T) {
	t.Parallel()
	_, list, _ := strings.Cut(federationDoc(t), "\n## Supported FEPs\n")
	list, _, _ = strings.Cut(list, "\n## ")
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^- \[FEP-([0-9a-f]{4})\]`).FindAllStringSubmatch(list, -1) {
		if listed[m[1]] {
			t.Errorf("FEP-%s is listed twice", m[1])
		}
		listed[m[1]] = true
	}
	if len(listed) == 0 {
		t.Fatal("FEDERATION.md lists no FEPs")
	}
	for fep := range listed {
		show := feps[fep]
		if show == nil && !shownElsewhere[fep] {
			t.Errorf("nothing shows FEP-%s", fep)
		}
	}
	for fep, show := range feps {
		t.Run(fep, func(t *testing.T) {
			t.Parallel()
			if !listed[fep] {
				t.Fatal("it is not listed")
			}
			c := fed.New(t)
			show(t, c, c.Provider(acme))
		})
	}
}

// shownElsewhere are the proposals about signatures and keys: the tests of
// federation/httpsig and federation/resolve show them.
var shownElsewhere = map[string]bool{"521a": true, "8b32": true}
