package webfinger

import (
	"encoding/json"
	"errors"
	"fmt"

	"earshot/federation/as"
	"earshot/internal/desk"
)

const (
	jrdType  = "application/jrd+json"
	maxLinks = 64 // of a JRD that are looked at
)

// jrd is a JSON Resource Descriptor (RFC 7033, section 4.4), as far as it is used.
type jrd struct {
	Subject string   `json:"subject,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
	Links   []link   `json:"links"`
}

type link struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

var (
	errNoSubject = errors.New("the answer has no subject that is an account")
	errNoSelf    = errors.New("the answer names no ActivityPub actor")
)

// finding is what a JRD says: this account is that actor.
type finding struct {
	account account
	actor   desk.ActorID
}

// readJRD reads the subject and the first link to an ActivityPub actor.
func readJRD(raw []byte, scheme string) (finding, error) {
	var d struct {
		Subject string `json:"subject"`
		Links   []link `json:"links"`
	}
	if err := json.Unmarshal(as.Bare(raw), &d); err != nil {
		return finding{}, fmt.Errorf("read JRD: %w", err)
	}
	subject, err := parseAcct(d.Subject, scheme)
	if err != nil {
		return finding{}, errNoSubject
	}
	// A link without the profile is good enough: the document says what it is.
	for _, fits := range []func(string) bool{as.IsActivityPub, as.MayBeActivity} {
		for _, l := range d.Links[:min(len(d.Links), maxLinks)] {
			if l.Rel != "self" || !fits(l.Type) {
				continue
			}
			if _, err := desk.HostOf(l.Href); err == nil {
				return finding{subject, desk.ActorID(l.Href)}, nil
			}
		}
	}
	return finding{}, errNoSelf
}
