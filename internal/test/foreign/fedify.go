package foreign

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A Scheme is a way of signing HTTP requests.
type Scheme string

// The two schemes of the fediverse: draft-cavage-http-signatures-12 and RFC 9421.
const (
	Cavage  Scheme = "cavage"
	RFC9421 Scheme = "rfc9421"
)

// FedifyOptions are the settings of the server on Fedify. The zero value is one person called
// carla.
type FedifyOptions struct {
	People     []Profile         `json:"people"`
	FirstKnock Scheme            `json:"firstKnock,omitempty"` // empty: Fedify's default, RFC 9421 and on a 401 cavage
	Takes      Scheme            `json:"takes,omitempty"`      // not empty: deliveries signed otherwise are answered 401
	Retry      bool              `json:"retry,omitempty"`      // queue deliveries and repeat failed ones every 0.2 to 2 s, 20 times
	Hosts      map[string]string `json:"hosts,omitempty"`      // where https://DOMAIN is found, as 127.0.0.1:PORT: for handles on another domain
}

// A Profile is a person on the server, or a bot (an actor of type Service).
type Profile struct {
	Name    string `json:"name"`              // [a-z0-9_]+
	Summary string `json:"summary,omitempty"` // HTML; where people write #nobot
	Bot     bool   `json:"bot,omitempty"`
}

// Fedify is a running server on Fedify.
type Fedify struct {
	Origin string // http://127.0.0.1:PORT
	p      *process
}

// StartFedify starts a server on Fedify, which runs until the test ends.
func StartFedify(t testing.TB, options FedifyOptions) *Fedify {
	t.Helper()
	if len(options.People) == 0 {
		options.People = []Profile{{Name: "carla"}}
	}
	p := start(t, "peer.mjs", options)
	return &Fedify{Origin: p.origin, p: p}
}

// Person returns one of the people the server was started with.
func (f *Fedify) Person(name string) *Person {
	id := f.Origin + "/users/" + name
	return &Person{
		Name: name, ID: id, Inbox: id + "/inbox", SharedInbox: f.Origin + "/inbox",
		Handle: "@" + name + "@" + strings.TrimPrefix(f.Origin, "http://"), f: f,
	}
}

// Received is everything that arrived and was verified, in order. A delivery that came twice is there twice.
func (f *Fedify) Received() []Received {
	f.p.t.Helper()
	return f.received("")
}

// A Problem is something that went wrong at the peer: a request whose signature did not verify, an activity it could not
// read, a delivery that failed.
type Problem struct {
	At       time.Time
	Where    string // "signature", "inbox", "reaction", "delivery", "outbox" or "server"
	Error    string
	Activity string // id, if known
	KeyID    string
}

// Problems lists the errors so far. A test that expects none checks for none.
func (f *Fedify) Problems() []Problem {
	f.p.t.Helper()
	var problems []Problem
	if err := f.p.get("/errors", &problems); err != nil {
		f.p.t.Fatalf("ask Fedify for its problems: %v", err)
	}
	return problems
}

func (f *Fedify) received(name string) []Received {
	f.p.t.Helper()
	var received []Received
	if err := f.p.get("/received?as="+url.QueryEscape(name), &received); err != nil {
		f.p.t.Fatalf("ask Fedify what it received: %v", err)
	}
	return received
}

// summary lists arrived activities and errors, for a test that waited in vain.
func (f *Fedify) summary(received []Received) string {
	var b strings.Builder
	for _, r := range received {
		fmt.Fprintf(&b, "\n\treceived %s from %s: %s", r.Type, r.Actor, r.ObjectID)
	}
	for _, problem := range f.Problems() {
		fmt.Fprintf(&b, "\n\tproblem (%s): %s %s", problem.Where, problem.Error, problem.Activity)
	}
	return b.String()
}
