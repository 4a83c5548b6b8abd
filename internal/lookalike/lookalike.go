// Package lookalike says whether a name could be taken for another: the same
// shapes in other letters (UTS 39), one letter more or less, or the name with
// something put beside it.
package lookalike

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mtibben/confusables"
	"golang.org/x/net/publicsuffix"
)

// Names that are shorter resemble too much.
const (
	minLength = 4 // to be found within another name
	minTypo   = 5 // to allow one letter of difference
)

// maxLength bounds the compared names, in bytes; no name is longer.
const maxLength = 253

// Name says whether a name, which is not ours, could be taken for ours. The
// very same name counts, because another account has it.
func Name(given, ours string) bool {
	if given == "" || ours == "" || len(given) > maxLength {
		return false
	}
	a, b := skeleton(given), skeleton(ours)
	if a == b {
		return true
	}
	length := utf8.RuneCountInString(ours) // a skeleton may be longer
	if length >= minTypo && oneApart([]rune(a), []rune(b)) {
		return true
	}
	return length >= minLength && strings.Contains(a, b)
}

// Host says whether a host name, in Unicode, could be taken for ours: as a
// whole, or because one of its labels could be taken for the name we registered.
func Host(given, ours string) bool {
	if given == ours || strings.HasSuffix(given, "."+ours) || len(given) > maxLength {
		return false
	}
	if skeleton(given) == skeleton(ours) {
		return true
	}
	own, _, _ := strings.Cut(registered(ours), ".")
	return slices.ContainsFunc(strings.Split(given, "."), func(label string) bool { return Name(label, own) })
}

// registered is the part of a host name that can be registered: acme.example of
// social.acme.example.
func registered(host string) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// skeleton is equal for names that look equal. Case counts for nothing, before
// and after: a zero looks like a capital O.
func skeleton(s string) string {
	s = strings.ToLower(confusables.Skeleton(strings.ToLower(s)))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_.", r) {
			return -1
		}
		return r
	}, s)
}

// oneApart says whether one insertion, deletion, replacement or exchange of
// neighbours makes one of the other.
func oneApart(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	n := 0
	for n < len(a) && a[n] == b[n] {
		n++
	}
	if len(a) < len(b) {
		return slices.Equal(a[n:], b[n+1:])
	}
	if n == len(a) {
		return true
	}
	return slices.Equal(a[n+1:], b[n+1:]) ||
		n+1 < len(a) && a[n] == b[n+1] && a[n+1] == b[n] && slices.Equal(a[n+2:], b[n+2:])
}
