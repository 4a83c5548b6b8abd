package doctor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
	"earshot/store"
)

// The bounds of a healthy path from outside.
const (
	expiresSoon = 14 * 24 * time.Hour
	clockOff    = 30 * time.Second // warns; peers allow minutes
	clockWrong  = 5 * time.Minute  // some peers refuse our signatures
)

const notFromHere = "is not looked at, because no server runs here: start `earshot serve` and ask again"

// certificates remembers which certificate each host showed.
type certificates struct {
	mu  sync.Mutex
	due map[string]time.Time // by server name: when it expires
}

func (c *certificates) config() *tls.Config {
	return &tls.Config{VerifyConnection: func(s tls.ConnectionState) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.due == nil {
			c.due = map[string]time.Time{}
		}
		if len(s.PeerCertificates) > 0 && len(c.due) < 100 {
			c.due[s.ServerName] = s.PeerCertificates[0].NotAfter
		}
		return nil
	}}
}

func (c *certificates) expires(h desk.Host) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := bare(h)
	if _, err := netip.ParseAddr(name); err == nil {
		name = "" // an address is no server name (RFC 6066 §3)
	}
	t, ok := c.due[name]
	return t, ok
}

// bare is a host without its port.
func bare(h desk.Host) string { return (&url.URL{Host: string(h)}).Hostname() }

func (e *examination) get(ctx context.Context, address, accept string) (*safehttp.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return e.client.Get(ctx, address, func(r *http.Request) error { r.Header.Set("Accept", accept); return nil })
}

func (e *examination) dns(ctx context.Context) (out []Finding) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	for _, h := range e.hosts() {
		addresses, err := e.Resolve(ctx, bare(h))
		if err != nil || len(addresses) == 0 {
			out = append(out, problem("dns", "give the name an A or AAAA record", "%s has no address: %v", bare(h), err)...)
			continue
		}
		out = append(out, ok("dns", "%s is %s", bare(h), strings.Join(addresses[:min(4, len(addresses))], ", "))...)
	}
	return out
}

// privateHosts says of each name that may be private where it leads from here.
func (e *examination) privateHosts(ctx context.Context) (out []Finding) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return append(e.leads(ctx, e.Deps.PrivateHosts, "private_hosts"), e.leads(ctx, e.NotifyHosts, "notify_private_hosts")...)
}

// leads says where the names of a setting lead.
func (e *examination) leads(ctx context.Context, hosts []safehttp.PrivateHost, setting string) (out []Finding) {
	for _, p := range hosts {
		where := "private addresses"
		if p.Loopback {
			where = "private addresses and to this machine"
		}
		addresses, err := e.Resolve(ctx, bare(p.Host))
		now := strings.Join(addresses[:min(4, len(addresses))], ", ")
		if err != nil || now == "" {
			now = "nowhere"
		}
		out = append(out, warning("private-hosts", "take the name out of "+setting+" if nothing in a private network needs it", "%s of %s may lead to %s (now: %s)", p.Host, setting, where, now)...)
	}
	return out
}

func (e *examination) tls(ctx context.Context) (out []Finding) {
	if e.Dev {
		return note("tls", "is not looked at in development mode")
	}
	for _, h := range e.hosts() {
		_, err := e.get(ctx, "https://"+string(h)+"/", "*/*")
		due, seen := e.seen.expires(h)
		left := due.Sub(e.Clock.Now())
		switch {
		case isTLS(err):
			out = append(out, problem("tls", "get a certificate for this name from a public authority, and have the proxy send the whole chain", "the certificate of %s is not accepted: %v", h, err)...)
		case !seen:
			out = append(out, unseen("tls", "look whether the proxy listens on port 443 and can be reached from here", err, "https://%s", h)...)
		case left < expiresSoon:
			out = append(out, warning("tls", "look why it is not renewed", "the certificate of %s expires in %s", h, days(left))...)
		default:
			out = append(out, ok("tls", "the certificate of %s is good for %s", h, days(left))...)
		}
	}
	return out
}

// unseen is the finding of a request that failed. Where the public address
// leads to a private one from here (split DNS, a proxy on the same network), we
// do not connect; that proves nothing about the way of others.
func unseen(check, next string, err error, format string, args ...any) []Finding {
	what := fmt.Sprintf(format, args...)
	if errors.Is(err, safehttp.ErrForbiddenAddress) {
		return warning(check, "look at it from another machine, let the public name resolve to the public address here too, or put the name into private_hosts", "%s cannot be looked at: from here it leads to a private address", what)
	}
	return problem(check, next, "%s does not answer: %v", what, err)
}

func isTLS(err error) bool {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, garbled := errors.AsType[tls.RecordHeaderError](err)
	return unverified || garbled
}

func (e *examination) scheme() string {
	scheme, _, _ := strings.Cut(e.site.URL, ":")
	return scheme
}

// webFinger asks both domains for every desk.
func (e *examination) webFinger(ctx context.Context) (out []Finding) {
	if !e.Running {
		return note("webfinger", notFromHere)
	}
	desks, err := e.App.Desks(ctx)
	if err != nil {
		return problem("webfinger", seeLog, "the desks cannot be listed: %v", err)
	}
	if len(desks) == 0 {
		return note("webfinger", "there is no desk yet: `earshot desk add`")
	}
	h := desks[0].Handle // one is enough: only the way there can fail
	for _, host := range e.hosts() {
		out = append(out, e.finger(ctx, host, h)...)
	}
	return out
}

func (e *examination) finger(ctx context.Context, host desk.Host, h desk.Handle) []Finding {
	next := fmt.Sprintf("have the proxy pass /.well-known/webfinger to the server, with its query and the Host %s", e.site.Host())
	if host != e.site.Host() {
		next = fmt.Sprintf("have %s redirect /.well-known/webfinger to %s/.well-known/webfinger, with its query", host, e.site.URL)
	}
	acct := e.site.Acct(h)
	answer, err := e.get(ctx, e.scheme()+"://"+string(host)+"/.well-known/webfinger?resource="+url.QueryEscape("acct:"+acct), "application/jrd+json")
	if err != nil {
		return unseen("webfinger", next, err, "%s, asked for %s,", host, acct)
	}
	var jrd struct {
		Subject string
		Links   []struct{ Rel, Href string }
	}
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &jrd) != nil {
		return problem("webfinger", next, "%s answers with status %d for %s, so nobody can find the desk", host, answer.Status, acct)
	}
	for _, l := range jrd.Links {
		if l.Rel == "self" && l.Href == string(e.site.Desk(h)) && jrd.Subject == "acct:"+acct {
			return ok("webfinger", "%s finds @%s", host, acct)
		}
	}
	return problem("webfinger", next, "%s says that %s is %q somewhere else: another server answers there", host, acct, jrd.Subject)
}

// actors fetches every actor as others do, and compares its key with ours.
func (e *examination) actors(ctx context.Context) (out []Finding) {
	if !e.Running {
		return note("actor", notFromHere)
	}
	handles, err := e.handles(ctx)
	if err != nil {
		return problem("actor", seeLog, "the desks cannot be listed: %v", err)
	}
	for _, h := range handles {
		if f := e.actor(ctx, h); f != nil {
			out = append(out, f...)
		}
	}
	if out == nil {
		return ok("actor", "all %d actors and their keys can be fetched from outside", len(handles))
	}
	return out
}

func (e *examination) actor(ctx context.Context, h desk.Handle) []Finding {
	id := string(e.site.Desk(h))
	const next = "have the proxy pass all paths to this server, with Host and Accept as they came, and cache nothing by path alone"
	answer, err := e.get(ctx, id, `application/activity+json`)
	if err != nil {
		return unseen("actor", next, err, "%s", id)
	}
	var actor struct {
		ID        string
		PublicKey struct{ ID, PublicKeyPem string }
	}
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &actor) != nil || actor.ID != id {
		return problem("actor", next, "%s answers with status %d and is no actor", id, answer.Status)
	}
	keyID, pem, err := e.Keys.Public(ctx, h)
	if err != nil {
		return problem("actor", seeLog, "the key of %s cannot be read: %v", h, err)
	}
	if actor.PublicKey.ID != keyID || strings.TrimSpace(actor.PublicKey.PublicKeyPem) != strings.TrimSpace(pem) {
		return problem("actor", "look which server answers there; two instances must not have one address", "%s shows another key than ours", id)
	}
	return nil
}

// signature sends a signed request to our own inbox through the public
// address, and looks whether it is verified there as others would: a proxy
// that changes path, host or headers shows.
func (e *examination) signature(ctx context.Context) []Finding {
	if !e.Running {
		return note("signature", notFromHere)
	}
	body, err := json.Marshal(map[string]string{"@context": "https://www.w3.org/ns/activitystreams", "type": "Listen",
		"id": e.site.URL + "/activities/doctor", "actor": string(e.site.Relay()), "object": string(e.site.Relay())})
	if err != nil {
		return problem("signature", seeLog, "%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	answer, err := e.client.Post(ctx, e.site.SharedInbox(), body, func(r *http.Request) error {
		r.Header.Set("Content-Type", "application/activity+json")
		return e.Sign(r, body)
	})
	if err != nil {
		return unseen("signature", "look whether the public address can be reached from here", err, "our inbox")
	}
	// Our inbox takes nothing from ourselves, and says so with 400; but it
	// looks at the signature first.
	isOurs := answer.Status == http.StatusAccepted || answer.Status == http.StatusBadRequest && bytes.Contains(answer.Body, []byte(`"detail"`))
	switch {
	case isOurs:
		return ok("signature", "a signed request through the public address was verified")
	case answer.Status == http.StatusUnauthorized:
		return problem("signature", "have the proxy leave path, Host, Date, Digest and Signature alone; look at the clock", "what we sign is not verified behind the public address: %s", detail(answer.Body))
	}
	return problem("signature", "have the proxy pass POST /inbox to the server", "a signed request to our inbox was answered with status %d", answer.Status)
}

func detail(body []byte) string {
	var p struct{ Detail string }
	if json.Unmarshal(body, &p) != nil {
		return "without a reason"
	}
	return p.Detail
}

// time compares our clock with another server's.
func (e *examination) time(ctx context.Context) []Finding {
	peer, err := e.peer(ctx)
	if err != nil {
		return problem("clock", seeLog, "peers cannot be listed: %v", err)
	}
	if peer == "" {
		return note("clock", "there is no other server yet to compare it with; let the system keep it by NTP")
	}
	answer, err := e.get(ctx, peer, "application/json")
	if err != nil {
		return note("clock", "%s does not answer now, so it was not compared; let the system keep it by NTP", peer)
	}
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return note("clock", "%s sends no date, so it was not compared; let the system keep it by NTP", peer)
	}
	off := e.Clock.Now().Sub(theirs).Abs().Round(time.Second)
	const next = "let the system keep the clock by NTP (timedatectl set-ntp true)"
	switch {
	case off > clockWrong:
		return problem("clock", next, "it is %s off from that of %s: our signatures will be refused", off, peer)
	case off > clockOff:
		return warning("clock", next, "it is %s off from that of %s", off, peer)
	}
	return ok("clock", "it agrees with that of %s; how far it is from NTP is not known here", peer)
}

// peer names an address of another server with which we have to do.
func (e *examination) peer(ctx context.Context) (string, error) {
	sources, _, err := e.App.Sources(ctx, store.Page{Limit: 100})
	if err != nil {
		return "", err
	}
	for _, s := range sources { // a listen-relay has only our own address
		if at := cmp.Or(s.Actor.Host(), desk.ActorID(s.URL).Host()); at != "" && at != e.site.Host() {
			return e.scheme() + "://" + string(at) + "/.well-known/nodeinfo", nil
		}
	}
	issues, _, err := e.App.ListIssues(ctx, app.ListInput{Page: store.Page{Limit: 1}})
	if err != nil || len(issues) == 0 {
		return "", err
	}
	return e.scheme() + "://" + string(issues[0].Issue.Reporter.Host()) + "/.well-known/nodeinfo", nil
}
