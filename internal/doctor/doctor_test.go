package doctor_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/federation/httpsig"
	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/drop"
	"earshot/internal/keyring"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
	"earshot/internal/test/fed"
	"earshot/store"
)

var ctx = context.Background()

// patient is a healthy running instance, and the doctor's instruments.
type patient struct {
	*fed.Provider
	cluster *fed.Cluster
	deps    doctor.Deps
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	c := fed.New(t)
	p := c.Provider(desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
	keys := keyring.New(p.Store, c.Clock, p.Site, "the secret of a test")
	d := doctor.Deps{App: p.App, Keys: keys, Clock: c.Clock, Running: true, Dev: true, Drops: p.Drops, Verify: p.Store.Check, Folder: t.TempDir(),
		Resolve: func(_ context.Context, host string) ([]string, error) { return []string{host}, nil },
		Client: func(cfg *tls.Config) *safehttp.Client {
			return safehttp.New(safehttp.Options{AllowPrivate: true, TLS: cfg})
		},
		Sign: func(r *http.Request, body []byte) error {
			s, err := keys.Signer(r.Context(), desk.RelayHandle)
			if err != nil {
				return err
			}
			return httpsig.SignCavage(r, body, s.KeyID, s.Key, c.Clock.Now())
		}}
	return &patient{p, c, d}
}

// finds runs the doctor and expects one check's worst finding.
func (p *patient) finds(t *testing.T, check string, level doctor.Level, words string) {
	t.Helper()
	order := map[doctor.Level]int{doctor.OK: 0, doctor.Note: 1, doctor.Warning: 2, doctor.Problem: 3}
	worst := doctor.Finding{}
	for _, f := range doctor.Run(ctx, p.deps).Findings {
		if f.Check == check && (worst.Check == "" || order[f.Level] > order[worst.Level]) {
			worst = f
		}
		if (f.Level == doctor.Warning || f.Level == doctor.Problem) && f.Next == "" {
			t.Errorf("%s says not what to do: %s", f.Check, f.Text)
		}
	}
	if worst.Level != level || !strings.Contains(worst.Text, words) {
		t.Errorf("%s: %s %q, want %s with %q", check, worst.Level, worst.Text, level, words)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestHealthyInstance(t *testing.T) {
	p := newPatient(t)
	r := doctor.Run(ctx, p.deps)
	for _, f := range r.Findings {
		if f.Level == doctor.Problem || f.Level == doctor.Warning && f.Check != "backup" && f.Check != "deletions" {
			t.Errorf("%+v", f)
		}
	}
	if r.Problems != 0 {
		t.Errorf("%d problems", r.Problems)
	}
	for _, check := range []string{"store", "keys", "dns", "webfinger", "actor", "signature", "queue", "quarantine", "opt-outs"} {
		p.finds(t, check, doctor.OK, "")
	}
}

func TestStoreThatIsInconsistent(t *testing.T) {
	p := newPatient(t)
	p.deps.Verify = func() error { return errors.New("a wrong counter") }
	p.finds(t, "store", doctor.Problem, "a wrong counter")
}

func TestSecretOfAnotherInstance(t *testing.T) {
	p := newPatient(t)
	p.deps.Keys = keyring.New(p.Store, p.cluster.Clock, p.Site, "another secret")
	p.finds(t, "keys", doctor.Problem, "does not fit")
}

func TestBackupGrowsOld(t *testing.T) {
	p := newPatient(t)
	p.finds(t, "backup", doctor.Warning, "no backup")
	must(t, p.RecordBackup(ctx, app.BackupRecord{At: p.Now(), Records: 7}))
	p.finds(t, "backup", doctor.OK, "7 records")
	p.cluster.Clock.Advance(72 * time.Hour)
	p.finds(t, "backup", doctor.Warning, "3 days")
}

func TestUpkeep(t *testing.T) {
	p := newPatient(t)
	p.finds(t, "upkeep", doctor.Note, "no night")
	must(t, p.Upkeep(ctx))
	p.finds(t, "upkeep", doctor.OK, "expired")
	p.cluster.Clock.Advance(72 * time.Hour)
	p.finds(t, "upkeep", doctor.Warning, "3 days")
}

func TestOutage(t *testing.T) {
	p := newPatient(t)
	p.finds(t, "outage", doctor.OK, "none")
	must(t, p.Alive(ctx, p.Now().Add(-time.Hour)))
	p.finds(t, "outage", doctor.Note, "0 outboxes")
	p.cluster.Clock.Advance(8 * 24 * time.Hour)
	p.finds(t, "outage", doctor.OK, "none")
}

func TestNameWithoutAddress(t *testing.T) {
	p := newPatient(t)
	p.deps.Resolve = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
	p.finds(t, "dns", doctor.Problem, "no such host")
}

func TestClock(t *testing.T) {
	p := newPatient(t)
	p.finds(t, "clock", doctor.Note, "no other server")
	_, err := p.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "listen-relay", Allow: []desk.Host{"town.example"}})
	must(t, err)
	p.finds(t, "clock", doctor.Note, "no other server") // a relay that listens names no server to ask
	tw := p.cluster.Town(town.Person{Username: "ana", Name: "Ana"})
	_, err = tw.Post(ctx, "ana", town.PostInput{Text: "@help@" + string(p.Site.HandleDomain) + " broken"})
	must(t, err)
	p.cluster.Settle()
	p.finds(t, "clock", doctor.OK, "agrees")
	p.cluster.Clock.Advance(2 * time.Minute)
	p.finds(t, "clock", doctor.Warning, "off")
	p.cluster.Clock.Advance(10 * time.Minute)
	p.finds(t, "clock", doctor.Problem, "off")
}

// behind puts a proxy before the instance that does something wrong.
func (p *patient) behind(t *testing.T, spoil func(http.ResponseWriter, *http.Request) (pass bool)) {
	t.Helper()
	inner := p.HTTP.Config.Handler
	p.HTTP.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if spoil(w, r) {
			inner.ServeHTTP(w, r)
		}
	})
}

func TestProxyThatChangesHeaders(t *testing.T) {
	p := newPatient(t)
	p.behind(t, func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Set("Date", "Mon, 02 Jan 2006 15:04:05 GMT")
		return true
	})
	p.finds(t, "signature", doctor.Problem, "not verified")
}

func TestProxyThatDoesNotPassWebFinger(t *testing.T) {
	p := newPatient(t)
	p.behind(t, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			http.NotFound(w, r)
			return false
		}
		return true
	})
	p.finds(t, "webfinger", doctor.Problem, "status 404")
}

func TestAnotherInstanceAtOurAddress(t *testing.T) {
	p := newPatient(t)
	other := newPatient(t)
	to, err := url.Parse(other.Site.URL)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	p.HTTP.Config.Handler = proxy
	p.finds(t, "actor", doctor.Problem, "is no actor")
	p.finds(t, "webfinger", doctor.Problem, "")
	p.finds(t, "signature", doctor.Problem, "")
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	p := newPatient(t)
	p.HTTP.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for _, check := range []string{"webfinger", "actor", "signature"} {
		p.finds(t, check, doctor.Problem, "does not answer")
	}
	p.deps.Running = false
	for _, check := range []string{"webfinger", "actor", "signature"} {
		p.finds(t, check, doctor.Note, "no server runs")
	}
}

// An address that we do not connect to from here is no fault of the instance.
func TestPublicNameThatLeadsToAPrivateAddress(t *testing.T) {
	p := newPatient(t)
	p.deps.Client = func(cfg *tls.Config) *safehttp.Client { return safehttp.New(safehttp.Options{TLS: cfg}) }
	p.deps.Dev = false
	p.finds(t, "tls", doctor.Warning, "private address")
}

// Names that may be private are never quiet, wherever they lead now.
func TestPrivateHostsAreSaid(t *testing.T) {
	p := newPatient(t)
	p.deps.PrivateHosts = []safehttp.PrivateHost{{Host: "social.intern.example:8443"}}
	p.deps.Resolve = func(_ context.Context, host string) ([]string, error) { return []string{"10.0.0.7 of " + host}, nil }
	p.finds(t, "private-hosts", doctor.Warning, "(now: 10.0.0.7 of social.intern.example)")
	p.deps.PrivateHosts[0].Loopback = true
	p.finds(t, "private-hosts", doctor.Warning, "this machine")
	p.deps.Resolve = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
	p.finds(t, "private-hosts", doctor.Warning, "(now: nowhere)")
	p.deps.PrivateHosts, p.deps.NotifyHosts = nil, []safehttp.PrivateHost{{Host: "n8n.intern.example"}}
	p.finds(t, "private-hosts", doctor.Warning, "n8n.intern.example of notify_private_hosts may lead to private addresses")
}

// The server for mail of the settings is asked whether it takes us in.
func TestMailServer(t *testing.T) {
	p := newPatient(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p.deps.Mail = mail.Server{Address: l.Addr().String(), Security: mail.Plain}
	served := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = io.WriteString(c, "220 mail.acme.example\r\n250 mail.acme.example\r\n221 bye\r\n")
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
		served <- err
	}()
	p.finds(t, "mail", doctor.OK, "answers")
	must(t, <-served)
	must(t, l.Close())
	p.finds(t, "mail", doctor.Problem, "does not answer")
	for address, clear := range map[string]bool{"mail.acme.example:25": true, "10.0.0.7:25": true, "localhost:25": false, "[::1]:25": false, "127.0.0.2:25": false} {
		if got := (mail.Server{Address: address, Security: mail.Plain}).InTheClear(); got != clear {
			t.Errorf("%s is in the clear: %t", address, got)
		}
	}
}

func TestCertificateOfNobodyWeTrust(t *testing.T) {
	p := newPatient(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	site, err := desk.NewSite(server.URL, "", true)
	must(t, err)
	p.deps.App = app.New(app.Deps{Store: p.Store, Clock: p.cluster.Clock, Site: site})
	p.deps.Dev = false
	p.finds(t, "tls", doctor.Problem, "not accepted")
	client := p.deps.Client
	p.deps.Client = func(cfg *tls.Config) *safehttp.Client {
		cfg.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		return client(cfg)
	}
	p.finds(t, "tls", doctor.OK, "is good for")
	p.cluster.Clock.Advance(server.Certificate().NotAfter.Sub(p.Now()) - 24*time.Hour)
	p.finds(t, "tls", doctor.Warning, "expires in")
}

func TestQueueAndSources(t *testing.T) {
	p := newPatient(t)
	must(t, p.Update(ctx, func(tx *app.Tx) error {
		_, err := tx.Jobs().Add(store.Job{ID: "late", Queue: store.QueueTimer, Due: tx.Now, Added: tx.Now, Payload: []byte("{}")})
		if err != nil {
			return err
		}
		return tx.Sources().Put(store.Source{ID: "s", Kind: "tag-actor", Name: "tag-actor #acme", Actor: "https://tags.example/acme", State: store.SourceRejected, Created: tx.Now})
	}))
	p.finds(t, "sources", doctor.Problem, "refused us")
	p.cluster.Clock.Advance(3 * time.Hour)
	p.finds(t, "queue", doctor.Warning, "has waited for 3 hours")
	must(t, p.Update(ctx, func(tx *app.Tx) error {
		jobs, err := tx.Jobs().Lease(store.QueueTimer, tx.Now, tx.Now.Add(time.Minute), 10)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if _, err := tx.Jobs().Bury(j.ID, j.Lease, tx.Now, "test"); err != nil {
				return err
			}
		}
		return nil
	}))
	p.finds(t, "queue", doctor.Warning, "given up")
}

func TestManyRefusalsAreOurFault(t *testing.T) {
	p := newPatient(t)
	for _, host := range []string{"a", "b", "c", "d"} {
		must(t, p.Refused(ctx, desk.ActorID("https://"+host+".example/u")))
	}
	p.finds(t, "opt-outs", doctor.OK, "4 servers")
	must(t, p.Refused(ctx, "https://e.example/u"))
	p.finds(t, "opt-outs", doctor.Problem, "5 servers refused us")
}

func TestQuarantine(t *testing.T) {
	p := newPatient(t)
	put := func(from, to int) {
		t.Helper()
		must(t, p.Update(ctx, func(tx *app.Tx) error {
			for n := from; n < to; n++ {
				id := fmt.Sprintf("https://flood.example/notes/%d", n)
				if err := tx.Quarantine().Put(desk.Quarantined{Object: desk.ObjectID(id), Author: desk.Actor{ID: "https://flood.example/u"}, Since: tx.Now}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	put(0, 1)
	p.finds(t, "quarantine", doctor.Warning, "1 reports are held back until")
	put(1, app.QuarantineMost)
	p.finds(t, "quarantine", doctor.Warning, "2000 reports")
}

func TestFlags(t *testing.T) {
	p := newPatient(t)
	p.finds(t, "flags", doctor.OK, "no server complains")
	_, err := p.Flagged(ctx, app.HeardFlag{Key: "1", Sender: "https://m.example/actor", About: []desk.ObjectID{desk.ObjectID(p.Site.Relay())}})
	must(t, err)
	p.cluster.Clock.Advance(3 * time.Hour)
	p.finds(t, "flags", doctor.Warning, "1 complaints of 1 servers are kept, the last from 3 hours ago")
}

func TestProxy(t *testing.T) {
	p := newPatient(t)
	p.finds(t, "proxy", doctor.Note, "development")
	p.deps.Dev = false
	p.finds(t, "proxy", doctor.Note, "no server runs")
	at, names := "", false
	p.deps.Proxy = func() (string, bool) { return at, names }
	p.finds(t, "proxy", doctor.OK, "own address")
	at = "172.18.0.5"
	p.finds(t, "proxy", doctor.Warning, "without X-Forwarded-For")
	names = true
	p.finds(t, "proxy", doctor.Warning, "172.18.0.5")
}

// What was not kept is summed up; the same fault at several servers is a warning.
func TestDrops(t *testing.T) {
	p := newPatient(t)
	p.Drops = drop.NewLog(p.Now()) // the instance checks its own
	p.deps.Drops = p.Drops
	p.finds(t, "drops", doctor.OK, "nothing that concerned")
	add := func(r drop.Reason, host desk.Host, ours bool) {
		p.Drops.Add(drop.Event{Reason: r, Host: host, Ours: ours}, p.Now())
	}
	add(drop.NotAddressed, "relay.example", false)
	p.finds(t, "drops", doctor.OK, "of the rest, 1")
	add(drop.Malformed, "a.example", true)
	add(drop.Malformed, "a.example", true)
	add(drop.Bot, "b.example", true)
	p.finds(t, "drops", doctor.Note, "3 that concerned this instance were not kept: malformed 2, bot 1; most from a.example, b.example; of the rest, 1")
	add(drop.Malformed, "b.example", true)
	add(drop.Malformed, "c.example", true)
	p.finds(t, "drops", doctor.Warning, "3 servers were refused for the same reason (malformed): c.example, b.example, a.example")
	add("", "d.example", false)
	p.finds(t, "drops", doctor.Problem, "1 drops have no reason")
	p.deps.Drops = nil
	p.finds(t, "drops", doctor.Note, "no server runs")
}

// One check alone makes no other.
func TestOneCheck(t *testing.T) {
	p := newPatient(t)
	verify := p.deps.Verify
	p.deps.Verify = func() error { t.Error("the store was read"); return nil }
	r := doctor.Run(ctx, p.deps, "dns", "reports")
	for _, f := range r.Findings {
		if f.Check != "dns" && f.Check != "reports" {
			t.Errorf("%s was looked at", f.Check)
		}
	}
	p.deps.Verify = verify
	p.finds(t, "reports", doctor.Note, "@help@")
}

// A report that came in shows that the whole way works.
func TestReportsArrive(t *testing.T) {
	p := newPatient(t)
	tw := p.cluster.Town(town.Person{Username: "ana", Name: "Ana"})
	_, err := tw.Post(ctx, "ana", town.PostInput{Text: "@help@" + string(p.Site.HandleDomain) + " is this heard?"})
	must(t, err)
	p.cluster.Settle()
	p.finds(t, "reports", doctor.OK, "reports arrive")
}
