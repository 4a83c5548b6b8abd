package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/origin"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// accept asks for the two media types of ActivityPub and no other.
const accept = as.ContentType + ", " + as.LDContentType

var errIDs = errors.New("its id leads to a document with another id")

// document holds the parts of a document that decide whether it may be
// believed.
type document struct {
	id      desk.ObjectID
	authors []desk.ActorID
	gone    bool // a Tombstone
}

// fetch gets url until read has been given a document that may be believed:
// the first, or the one that its id leads to.
func (r *Resolver) fetch(ctx context.Context, url string, read func(body []byte) (document, error)) error {
	asked := url
	for range 2 {
		response, err := r.get(ctx, url)
		if err != nil {
			return err
		}
		d, err := read(response.Body)
		if err != nil {
			return invalid(url, err)
		}
		verdict, err := origin.Fetched(url, response.URL.String(), d.id, d.authors)
		if err != nil {
			return invalid(url, err)
		}
		if verdict == origin.Trusted && d.gone {
			return &Error{Kind: Gone, URL: url, Status: response.Status}
		}
		if verdict == origin.Trusted {
			return nil
		}
		url = string(d.id)
	}
	return invalid(asked, errIDs)
}

// get makes one request, redirects and a second knock included, and returns an answer that is an
// ActivityPub document as far as its header says.
func (r *Resolver) get(ctx context.Context, url string) (*safehttp.Response, error) {
	host, err := r.permit(ctx, url)
	if err != nil {
		return nil, err
	}
	release, err := r.hosts.acquire(ctx, host, r.KnownHost(ctx, host))
	if err != nil {
		return nil, ours(url, err)
	}
	defer release()
	response, err := r.knock(ctx, host, url)
	if err != nil {
		e := asError(url, err)
		if e.Kind == Temporary && !e.own {
			r.acquaintances.remember(host, false)
		}
		return nil, e
	}
	c := conditionOf(ctx, url)
	if response.Status == http.StatusNotModified && c.tag != "" && response.URL.Host == string(host) {
		return nil, errUnchanged
	}
	if response.Status != http.StatusOK {
		return nil, statusError(url, response, r.o.Clock.Now())
	}
	if contentType := response.Header.Get("Content-Type"); !as.IsActivityPub(contentType) {
		return nil, invalid(url, fmt.Errorf("the media type is %q", contentType))
	}
	if now := response.Header.Get("ETag"); len(now) <= maxTag {
		c.now = now
	}
	return response, nil
}

// permit returns the host of a URL that may be fetched.
func (r *Resolver) permit(ctx context.Context, url string) (desk.Host, error) {
	host, err := desk.HostOf(url)
	if err != nil {
		return "", invalid(url, err)
	}
	switch err := r.o.Hosts.Host(ctx, host); {
	case errors.Is(err, safehttp.ErrOurs), errors.Is(err, safehttp.ErrBlocked):
		return "", invalid(url, err)
	case err != nil: // no peer is told that it is wrong
		return "", ours(url, err)
	}
	return host, nil
}

func (r *Resolver) prepare(ctx context.Context, hop *http.Request, scheme httpsig.Scheme) error {
	if _, err := r.permit(ctx, hop.URL.String()); err != nil {
		return err
	}
	hop.Header.Set("Accept", accept)
	if c := conditionOf(ctx, hop.URL.String()); c.tag != "" {
		hop.Header.Set("If-None-Match", c.tag)
	}
	if err := r.o.Sign(hop, scheme); err != nil {
		return ours(hop.URL.String(), fmt.Errorf("sign: %w", err))
	}
	return nil
}
