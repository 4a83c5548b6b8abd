package public

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"earshot/internal/desk"
)

// peers is other servers, as a test has them.
type peers struct {
	people   map[string]desk.ActorID // by handle
	profiles map[desk.ActorID]string
	shown    string // as whose handle people are shown, "" for the true one
	down     bool
	asked    int
}

func (p *peers) FollowPage(_ context.Context, who string, actor desk.ActorID) (string, error) {
	p.asked++
	if p.down {
		return "", &desk.Error{Code: desk.CodeUnavailable, Message: "down"}
	}
	if !strings.Contains(who, ".") {
		return "", desk.Invalid("no_server", "no server")
	}
	return "https://" + who[strings.LastIndexByte(who, '@')+1:] + "/authorize_interaction?uri=" + url.QueryEscape(string(actor)), nil
}

func (p *peers) Person(_ context.Context, pasted string) (desk.ActorID, string, error) {
	p.asked++
	if p.down {
		return "", "", &desk.Error{Code: desk.CodeUnavailable, Message: "down"}
	}
	id, ok := p.people[pasted]
	if !ok {
		return "", "", desk.NotFound("nobody", "nobody")
	}
	return id, cmp.Or(p.shown, pasted), nil
}

func (p *peers) Profile(_ context.Context, id desk.ActorID) (string, string, error) {
	p.asked++
	words, ok := p.profiles[id]
	if !ok {
		return "", "", desk.NotFound("nobody", "nobody")
	}
	return cmp.Or(p.shown, "@"+reporterUser+"@m.example"), words, nil
}

// refusing lets nobody ask.
type refusing struct{}

func (refusing) Allowed(*http.Request) bool { return false }
func (refusing) Count(*http.Request)        {}
