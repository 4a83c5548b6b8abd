package auth

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-webauthn/webauthn/webauthn"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Deps is what accounts need.
type Deps struct {
	App *app.App
	Log *slog.Logger
	// Addr tells where a request came from.
	Addr func(*http.Request) netip.Addr
	// Share tells whose tries a request counts as, where that is another
	// address: behind a proxy that was not declared all come from one. nil: Addr.
	Share func(*http.Request) netip.Addr
	// OpenID is where agents may sign in too; without an Issuer nowhere.
	OpenID OpenID
}

// Accounts signs agents in and tells who asks.
type Accounts struct {
	app    *app.App
	log    *slog.Logger
	addr   func(*http.Request) netip.Addr
	share  func(*http.Request) netip.Addr
	limits *limits
	hasher hasher
	keys   *webauthn.WebAuthn // nil where the site's address cannot have passkeys
	secure bool               // the site is on https
	openID *openID            // nil: nobody signs in at a provider
}

// New returns the accounts of an instance.
func New(d Deps) *Accounts {
	site := d.App.Site()
	a := &Accounts{app: d.App, log: d.Log, addr: d.Addr, share: d.Share, limits: newLimits(d.App.Now), hasher: newHasher(),
		keys: relyingParty(site), secure: strings.HasPrefix(site.URL, "https:")}
	if d.OpenID.Issuer != "" {
		a.openID = &openID{OpenID: d.OpenID}
	}
	return a
}

// Client is the address and program from which an agent signs in.
type Client struct {
	Addr    netip.Addr
	Share   netip.Addr // whose tries its own count as; the zero Addr: Addr
	Browser string     // its own description
}

// counted returns the address that a try counts for.
func (c Client) counted() netip.Addr {
	if c.Share.IsValid() {
		return c.Share
	}
	return c.Addr
}

// wrong is the answer to every mistake in a sign-in. It does not say which
// part, nor whether there is such an agent.
func wrong() error {
	return desk.Unauthenticated("sign_in_wrong", "that is not right: check the e-mail address and the password")
}

// via names an agent, who has just signed in, as the one who acts.
func via(agent desk.Agent) app.By {
	return app.By{Agent: agent.Email, Via: store.ViaConsole}
}
