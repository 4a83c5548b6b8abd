package source

import (
	"context"
	"slices"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// KindListen is ourselves as a relay that only listens: other servers send it what
// their people post, and it passes on nothing.
const KindListen = "listen-relay"

type listenRelay struct{ site desk.Site }

// Way implements Kind. It comes by itself.
func (k *listenRelay) Way(store.Source) app.Way { return app.Way{} }

// Find implements Kind. The other side begins: there is nobody to look at.
func (k *listenRelay) Find(_ context.Context, spec app.SourceSpec) (store.Source, error) {
	var hosts []desk.Host
	for _, raw := range spec.Allow {
		h, err := desk.HostOf("https://" + strings.TrimPrefix(string(raw), "https://"))
		if err != nil || h == k.site.Host() {
			return store.Source{}, noServers()
		}
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	if len(hosts) == 0 || len(hosts) > app.MaxSourceTags {
		return store.Source{}, noServers()
	}
	name := KindListen
	for _, h := range hosts {
		name += " " + string(h)
	}
	return store.Source{Kind: KindListen, Name: name, URL: string(k.site.Relay()) + "/inbox", Allow: hosts}, nil
}

// Check implements Kind.
func (k *listenRelay) Check(_ context.Context, s store.Source) (store.Source, error) { return s, nil }

func noServers() error {
	return desk.Invalid("source_allow_missing", "name the servers that may tell us, 1 to %d of them, like social.example", app.MaxSourceTags)
}
