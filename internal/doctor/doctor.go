// Package doctor looks whether an instance is well, from within and through
// its public address, and says of everything it finds what to do about it. It
// changes nothing.
package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/keyring"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
)

// Level says how a finding is to be taken.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Note    Level = "note"    // good to know; nothing to do, or nothing that can be seen from here
	Warning Level = "warning" // works, but not for ever or not for all
	Problem Level = "problem" // does not work
)

// Finding is one thing that was looked at.
type Finding struct {
	Check string `json:"check"` // "store", "keys", "clock", "dns", …
	Level Level  `json:"level"`
	Text  string `json:"text"`
	Next  string `json:"next,omitempty"` // what to do
}

// Report is everything that was looked at, in the order of the checks.
type Report struct {
	At       time.Time `json:"at"`
	Findings []Finding `json:"findings"`
	Problems int       `json:"problems"`
	Warnings int       `json:"warnings"`
}

// Deps are the parts that the doctor examines, and its instruments.
type Deps struct {
	App   *app.App
	Keys  *keyring.Keyring
	Clock clock.Clock
	// Client makes a client that speaks to the world; its TLS configuration is
	// given to see certificates.
	Client func(*tls.Config) *safehttp.Client
	// Sign signs a request as the instance's own actor.
	Sign func(r *http.Request, body []byte) error
	// Resolve finds the addresses of a host (net.Resolver.LookupHost).
	Resolve func(ctx context.Context, host string) ([]string, error)
	Folder  string // the data folder, "" to skip the disk
	// Verify reads the whole store and reports its damage; nil: not this time.
	Verify func() error
	// Database says how the database is that is the store; nil: it is a file.
	Database func(context.Context) (Database, error)
	// Proxy returns a proxy that requests came through and that trusted_proxies
	// does not name, "" if none was seen, and whether it names its clients; nil:
	// it cannot be known.
	Proxy func() (address string, names bool)
	// Drops is what was not kept since the server started; nil: none runs.
	Drops *drop.Log
	// Running: a server runs, so the public address should answer.
	Running bool
	// Dev: http:// is allowed; there is no TLS to look at.
	Dev bool
	// PrivateHosts are the names that may resolve to private addresses.
	PrivateHosts []safehttp.PrivateHost
	// NotifyHosts are those of destinations that admins set.
	NotifyHosts []safehttp.PrivateHost
	// Mail is the server for mail of the settings.
	Mail mail.Server
}

// The limits of questions over the network.
const (
	checkTimeout = 10 * time.Second
	runWithin    = 25 * time.Second // less than a server keeps a request
)

// checks are all, in the order of a report.
var checks = []struct {
	name string
	make func(*examination, context.Context) []Finding
}{
	{"store", (*examination).store},
	{"database", (*examination).database},
	{"disk", (*examination).disk},
	{"backup", (*examination).backup},
	{"upkeep", (*examination).upkeep},
	{"outage", (*examination).outage},
	{"deletions", (*examination).deletions},
	{"keys", (*examination).keys},
	{"dns", (*examination).dns},
	{"private-hosts", (*examination).privateHosts},
	{"tls", (*examination).tls},
	{"proxy", (*examination).proxy},
	{"webfinger", (*examination).webFinger},
	{"actor", (*examination).actors},
	{"signature", (*examination).signature},
	{"clock", (*examination).time},
	{"sources", (*examination).sources},
	{"reports", (*examination).reports},
	{"queue", (*examination).queue},
	{"quarantine", (*examination).quarantine},
	{"flags", (*examination).flags},
	{"drops", (*examination).drops},
	{"destinations", (*examination).destinations},
	{"mail", (*examination).mail},
	{"opt-outs", (*examination).silence},
}

// Run makes the named checks, or every check if none is named. Those that ask the network
// run side by side.
func Run(ctx context.Context, d Deps, names ...string) Report {
	ctx, cancel := context.WithTimeout(ctx, runWithin)
	defer cancel()
	seen := &certificates{}
	client := d.Client(seen.config())
	defer client.CloseIdle()
	e := &examination{Deps: d, site: d.App.Site(), client: client, seen: seen}
	found := make([][]Finding, len(checks))
	var wg sync.WaitGroup
	for n, check := range checks {
		if len(names) == 0 || slices.Contains(names, check.name) {
			wg.Go(func() { found[n] = check.make(e, ctx) })
		}
	}
	wg.Wait()
	r := Report{At: d.Clock.Now()}
	for _, f := range found {
		r.Findings = append(r.Findings, f...)
	}
	for _, f := range r.Findings {
		switch f.Level {
		case Problem:
			r.Problems++
		case Warning:
			r.Warnings++
		}
	}
	return r
}

// examination is one run.
type examination struct {
	Deps
	site   desk.Site
	client *safehttp.Client
	seen   *certificates
}

func ok(check, format string, args ...any) []Finding {
	return []Finding{{Check: check, Level: OK, Text: fmt.Sprintf(format, args...)}}
}

func note(check, format string, args ...any) []Finding {
	return []Finding{{Check: check, Level: Note, Text: fmt.Sprintf(format, args...)}}
}

func warning(check, next, format string, args ...any) []Finding {
	return []Finding{{Check: check, Level: Warning, Text: fmt.Sprintf(format, args...), Next: next}}
}

func problem(check, next, format string, args ...any) []Finding {
	return []Finding{{Check: check, Level: Problem, Text: fmt.Sprintf(format, args...), Next: next}}
}

// hosts are those of the instance: where it is reached, and where its handles are.
func (e *examination) hosts() []desk.Host {
	if e.site.HandleDomain == e.site.Host() {
		return []desk.Host{e.site.Host()}
	}
	return []desk.Host{e.site.Host(), e.site.HandleDomain}
}

// handles are the actors of the instance.
func (e *examination) handles(ctx context.Context) ([]desk.Handle, error) {
	desks, err := e.App.Desks(ctx)
	out := []desk.Handle{desk.RelayHandle}
	for _, d := range desks {
		out = append(out, d.Handle)
	}
	return out, err
}
