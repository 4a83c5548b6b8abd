package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"earshot/internal/desk"
)

// The bounds of a password, in characters. Only the length counts (NIST SP
// 800-63B §3.1.1); there are no rules about kinds of characters.
const (
	MinPassword = 12
	MaxPassword = 256
)

// The parameters of argon2id: OWASP's first choice for servers that are small.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024 // KiB
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// hasher hashes passwords, a few at once: each takes memory.
type hasher struct {
	slots   chan struct{}
	waiting chan struct{}
	// nobody is compared with where there is no agent, so that it takes as long.
	nobody string
}

func newHasher() hasher {
	slots := max(2, runtime.GOMAXPROCS(0))
	h := hasher{slots: make(chan struct{}, slots), waiting: make(chan struct{}, slots*maxWaiting)}
	h.nobody = encodeHash(make([]byte, argonSalt), make([]byte, argonKey))
	return h
}

// checkPassword refuses passwords that attackers guess first.
func checkPassword(password string, about desk.Agent) (string, error) {
	if !utf8.ValidString(password) {
		return "", desk.Invalid("password_not_text", "a password is text")
	}
	password = norm.NFC.String(password)
	n := utf8.RuneCountInString(password)
	switch {
	case n < MinPassword:
		return "", desk.Invalid("password_too_short", "a password has at least %d characters; three or four words make a good one", MinPassword)
	case n > MaxPassword:
		return "", desk.Invalid("password_too_long", "a password has at most %d characters", MaxPassword)
	case simple(password, about):
		return "", desk.Invalid("password_common", "that password is among the first that others would guess: take three or four words that have nothing to do with each other")
	}
	return password, nil
}

// simple says whether a password is something short over and over, a run of
// neighbours like 123456789012, or the agent's own name or address.
func simple(password string, about desk.Agent) bool {
	p := strings.ToLower(password)
	for period := 1; period <= 4; period++ {
		if strings.HasPrefix(p, p[period:]) {
			return true
		}
	}
	steps := 0
	for i := 1; i < len(p); i++ {
		if d := int(p[i]) - int(p[i-1]); d == 1 || d == -1 {
			steps++
		}
	}
	if steps >= len(p)-3 { // 1234567890 12 has a break
		return true
	}
	p = letters(p)
	for _, own := range []string{string(about.Email), about.Name} {
		if own = letters(strings.ToLower(own)); own != "" && (strings.Contains(own, p) || len(strings.ReplaceAll(p, own, "")) < 4) {
			return true
		}
	}
	return false
}

// letters leaves the letters and digits of a text.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, s)
}

// hash makes the stored form of a password, a PHC string.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	key, err := h.derive(ctx, password, salt, argonTime, argonMemory, argonThreads, argonKey)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, key), nil
}

func encodeHash(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// maxWaiting is how many wait for one turn: a second or two's work. More than
// that is no desk's people, who are told at once and not after minutes.
const maxWaiting = 30

// derive waits for its turn: many at once would take all memory.
func (h hasher) derive(ctx context.Context, password string, salt []byte, time, memory uint32, threads uint8, size uint32) ([]byte, error) {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, desk.Unavailable("sign_in_busy", "too many are signing in at this moment: try again in a few seconds")
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, time, memory, threads, size), nil
}

// verify compares a password with its stored form. kept "" takes as long and is
// never right.
func (h hasher) verify(ctx context.Context, password, kept string) (bool, error) {
	real := kept != ""
	if !real {
		kept = h.nobody
	}
	var version int
	var memory, time uint32
	var threads uint8
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("a password is kept in an unknown form")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil {
		return false, fmt.Errorf("reading a kept password: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("reading a kept password: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("reading a kept password: %w", err)
	}
	got, err := h.derive(ctx, norm.NFC.String(password), salt, time, memory, threads, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && real, nil
}
