package resolve

import (
	"context"
	"net/http"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// maxSchemeHosts bounds the hosts of which it is remembered that they take
// RFC 9421 only.
const maxSchemeHosts = 4096

// schemes remembers how fetches from a host are signed, where that is not by
// draft-cavage. Misskey answers a signature that it does not understand with a
// stripped document and not with 401, so draft-cavage has to come first.
type schemes struct {
	mu    sync.Mutex
	hosts *simplelru.LRU[desk.Host, struct{}]
}

func newSchemes() *schemes {
	lru, _ := simplelru.NewLRU[desk.Host, struct{}](maxSchemeHosts, nil) // fails for a size below 1 only
	return &schemes{hosts: lru}
}

// of returns how to sign for a host, first and second.
func (s *schemes) of(h desk.Host) [2]httpsig.Scheme {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.hosts.Get(h); ok {
		return [2]httpsig.Scheme{httpsig.RFC9421, httpsig.Cavage}
	}
	return [2]httpsig.Scheme{httpsig.Cavage, httpsig.RFC9421}
}

// worked takes down that a second knock was let in.
func (s *schemes) worked(h desk.Host, scheme httpsig.Scheme) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if scheme == httpsig.RFC9421 {
		s.hosts.Add(h, struct{}{})
	} else {
		s.hosts.Remove(h)
	}
}

// knock makes a GET, signed as the host is known to want it, and once more by
// the other scheme if the answer is 401, or 400 to RFC 9421. A 403 is no matter
// of signatures here: it says that we are not wanted.
func (r *Resolver) knock(ctx context.Context, host desk.Host, url string) (*safehttp.Response, error) {
	order := r.schemes.of(host)
	first, err := r.request(ctx, url, order[0])
	if err != nil || first.Status != http.StatusUnauthorized && (first.Status != http.StatusBadRequest || order[0] == httpsig.Cavage) {
		return first, err
	}
	second, err := r.request(ctx, url, order[1])
	if err != nil {
		return nil, err
	}
	if second.Status == http.StatusOK {
		r.schemes.worked(host, order[1])
		return second, nil
	}
	if order[0] == httpsig.Cavage {
		return first, nil
	}
	return second, nil // the answer to draft-cavage stands
}

func (r *Resolver) request(ctx context.Context, url string, scheme httpsig.Scheme) (*safehttp.Response, error) {
	return r.o.Client.Get(ctx, url, func(hop *http.Request) error { return r.prepare(ctx, hop, scheme) })
}
