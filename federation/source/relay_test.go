package source

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A relay is named by its inbox, which need not be readable; it is followed with Public.
func TestFindRelay(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) }))
	defer server.Close()
	k := &relay{testWeb()}
	s, err := k.Find(t.Context(), app.SourceSpec{Kind: KindRelay, URL: server.URL + "/inbox"})
	if err != nil || s.Inbox != server.URL+"/inbox" || s.URL != s.Inbox || s.Object != as.Public || s.Actor != "" {
		t.Errorf("%+v, %v", s, err)
	}
	if w := k.Way(s); !w.Follows || !w.Herd || !w.Changes || w.Undo || w.Silence == 0 {
		t.Errorf("%+v", w)
	}
	for url, id := range map[string]string{
		"": "source_inbox_missing", "relay.example": "source_inbox_missing", server.URL: "source_inbox_missing", server.URL + "/": "source_inbox_missing",
		server.URL + "/inbox#x": "source_inbox_missing", "ftp://relay.example/inbox": "source_inbox_missing", "http://127.0.0.1:1/inbox": "source_unreachable",
		"http://earshot.example/inbox": "source_unreachable", // ourselves
	} {
		if _, err := k.Find(t.Context(), app.SourceSpec{Kind: KindRelay, URL: url}); desk.ErrorID(err) != id {
			t.Errorf("%q: %v, want %s", url, err, id)
		}
	}
	strict := testWeb()
	strict.Hosts.Site.URL = "https://earshot.example"
	if _, err := (&relay{strict}).Find(t.Context(), app.SourceSpec{Kind: KindRelay, URL: server.URL + "/inbox"}); desk.ErrorID(err) != "source_server_http" {
		t.Errorf("over http: %v", err)
	}
}

// We listen to servers that an admin named, each once, and never to ourselves.
func TestFindListenRelay(t *testing.T) {
	k := &listenRelay{desk.Site{URL: "https://earshot.example", HandleDomain: "acme.example"}}
	s, err := k.Find(t.Context(), app.SourceSpec{Allow: []desk.Host{"Social.example", "https://town.example", "social.example."}})
	if err != nil || !slices.Equal(s.Allow, []desk.Host{"social.example", "town.example"}) || s.URL != "https://earshot.example/relay/inbox" {
		t.Errorf("%+v, %v", s, err)
	}
	if k.Way(s) != (app.Way{}) {
		t.Error("it does not come by itself")
	}
	if got, err := k.Check(t.Context(), s); err != nil || got.URL != s.URL {
		t.Errorf("%+v, %v", got, err)
	}
	many := make([]desk.Host, app.MaxSourceTags+1)
	for n := range many {
		many[n] = desk.Host(strings.Repeat("a", n+1) + ".example")
	}
	for name, hosts := range map[string][]desk.Host{"none": nil, "ourselves": {"earshot.example"}, "no host": {"not a server"}, "too many": many} {
		if _, err := k.Find(t.Context(), app.SourceSpec{Allow: hosts}); desk.ErrorID(err) != "source_allow_missing" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Relays of the other kind and groups are one actor; only a group is followed by a desk.
func TestFindFollowed(t *testing.T) {
	there := actors{"https://r.example/actor": {ID: "https://r.example/Actor", Type: as.Application, Inbox: "https://r.example/in"},
		"https://f.example/c/net": {ID: "https://f.example/c/net", Type: as.Group, Inbox: "https://f.example/c/net/inbox"}}
	for n, c := range []struct {
		kind string
		spec app.SourceSpec
		want store.Source
		id   string
	}{
		{KindLitePub, app.SourceSpec{URL: "https://r.example/actor"}, store.Source{Actor: "https://r.example/Actor", Inbox: "https://r.example/in", Name: "relay-litepub r.example"}, ""},
		{KindGroup, app.SourceSpec{URL: "https://f.example/c/net", Desk: "help"}, store.Source{Actor: "https://f.example/c/net", Inbox: "https://f.example/c/net/inbox", Name: "group f.example"}, ""},
		{KindGroup, app.SourceSpec{URL: "https://f.example/c/net"}, store.Source{}, "source_group_desk"},
		{KindLitePub, app.SourceSpec{URL: "https://gone.example/actor"}, store.Source{}, "source_refuses"},
		{KindLitePub, app.SourceSpec{URL: "@relay@r.example"}, store.Source{}, "host_invalid"},
	} {
		k := &followed{tagActor{there}, c.kind}
		s, err := k.Find(t.Context(), c.spec)
		if (err == nil) != (c.id == "") || c.id != "host_invalid" && desk.ErrorID(err) != c.id {
			t.Errorf("%d: %v, want %s", n, err, c.id)
		}
		if err == nil && (s.Actor != c.want.Actor || s.Inbox != c.want.Inbox || s.Name != c.want.Name || s.URL != string(s.Actor) || s.Desk != c.spec.Desk) {
			t.Errorf("%d: %+v", n, s)
		}
		if w := k.Way(s); !w.Follows || !w.Herd || !w.Changes {
			t.Errorf("%d: %+v", n, w)
		}
	}
}
