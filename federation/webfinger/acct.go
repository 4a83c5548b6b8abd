package webfinger

import (
	"strings"

	"earshot/internal/desk"
)

const maxAcct = 512 // bytes

// account is user@domain in canonical form.
type account struct {
	user   string // as written; compared without regard to case
	domain desk.Host
}

func (a account) String() string { return a.user + "@" + string(a.domain) }

func (a account) is(b account) bool {
	return a.domain == b.domain && strings.EqualFold(a.user, b.user)
}

// parseAcct reads user@domain, with or without `acct:` and a leading @.
func parseAcct(s, scheme string) (account, error) {
	bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "acct:"), "@")
	i := strings.LastIndexByte(bare, '@')
	if len(s) > maxAcct || i < 1 || !validUser(bare[:i]) || strings.ContainsAny(bare[i+1:], "/?#\\% ") {
		return account{}, desk.Invalid("acct_invalid", "an account looks like @user@domain.example, not %.100q", s)
	}
	domain, err := desk.CanonicalHost(bare[i+1:], scheme)
	if err != nil {
		return account{}, err
	}
	return account{bare[:i], domain}, nil
}

// validUser refuses characters that would change the meaning of an account or a
// URL.
func validUser(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune("@/?#\\%\uFFFD", r)
	})
}
