package source

import (
	"context"
	"net/url"
	"strings"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// KindRelay is a relay of Mastodon's kind: it passes on what its members post.
const KindRelay = "relay"

type relay struct{ web *Web }

// Way implements Kind. A relay takes the same Follow again.
func (k *relay) Way(store.Source) app.Way {
	return app.Way{Follows: true, Herd: true, Changes: true, Silence: silent}
}

// Find implements Kind. Who the relay is shows only when it answers our Follow of
// Public: an admin knows its inbox and no more.
func (k *relay) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	host, err := desk.HostOf(spec.URL)
	if err != nil {
		return store.Source{}, noInbox()
	}
	u, err := url.Parse(spec.URL)
	if err != nil || strings.Trim(u.Path, "/") == "" || u.Fragment != "" {
		return store.Source{}, noInbox()
	}
	if u.Scheme == "http" && !strings.HasPrefix(k.web.Hosts.Site.URL, "http:") {
		return store.Source{}, desk.Invalid("source_server_http", "%s is asked over https only", host)
	}
	return k.Check(ctx, store.Source{Kind: KindRelay, Name: KindRelay + " " + string(host), URL: spec.URL, Inbox: spec.URL, Object: as.Public})
}

// Check implements Kind. Any answer will do: most inboxes are not there to be read.
func (k *relay) Check(ctx context.Context, s store.Source) (store.Source, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := k.web.get(ctx, s.Inbox, ""); err != nil {
		return s, unreachable(s.Inbox, err)
	}
	return s, nil
}

func noInbox() error {
	return desk.Invalid("source_inbox_missing", "the address of the relay's inbox is needed, like https://relay.example/inbox")
}
