package desk

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// Email is an agent's e-mail address in the form in which addresses are
// compared: what ParseEmail returns. It names the agent for good: all that they
// did is stored under it. "" names no agent: the admin on this machine, or
// nobody, as the place says.
type Email string

// MaxEmail is the longest address, in bytes (RFC 5321 §4.5.3.1.3).
const MaxEmail = 254

// emailPattern is of characters that stand plainly in an address of ours.
var emailPattern = regexp.MustCompile(`^[a-z0-9!$&'*+=_~-]+(\.[a-z0-9!$&'*+=_~-]+)*@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// ParseEmail checks what a person typed and brings it into the form in which
// addresses are compared: lower case throughout, because nobody remembers how
// they wrote theirs, and punycode.
func ParseEmail(typed string) (Email, error) {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(typed)), "@")
	ascii, err := idna.Lookup.ToASCII(domain)
	e := local + "@" + ascii
	if err != nil || len(e) > MaxEmail || !emailPattern.MatchString(e) {
		return "", Invalid("email_invalid", "an e-mail address looks like bo@acme.example; %.100q does not", typed)
	}
	return Email(e), nil
}

// EmailOf returns the address under which to look for an agent, in any
// spelling. Text that is no address stays as it is: it names no agent, and the
// search says so.
func EmailOf(typed string) Email {
	e, err := ParseEmail(typed)
	if err != nil {
		return Email(typed)
	}
	return e
}
