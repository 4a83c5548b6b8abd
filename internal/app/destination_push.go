package app

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/store"
)

// PushKeys are what a browser made for its subscription, in base64url (RFC 8291,
// section 2): its public key, and a secret.
type PushKeys struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// check says whether something can be encrypted for the browser.
func (k PushKeys) check() error {
	point, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.P256dh, "="))
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	secret, wrong := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.Auth, "="))
	if err != nil || wrong != nil || len(secret) != 16 {
		return desk.Invalid("push_keys", "these are no keys of a browser")
	}
	return nil
}

// ParsePushKeys reads the keys of a browser as they were sealed.
func ParsePushKeys(plain string) (k PushKeys, err error) {
	if err := json.Unmarshal([]byte(plain), &k); err != nil {
		return k, fmt.Errorf("reading the keys of a browser: %w", err)
	}
	return k, nil
}

// PushKey is the public key by which browsers know our pushes.
func (a *App) PushKey() (string, error) {
	_, public, err := a.secrets.PushKey()
	return public, err
}

// replaces removes what was sent to the same browser or mailbox before. A browser has
// one subscription, so what was for another agent would be read by this one. A mailbox
// keeps its id, so that the links of all mails before still turn them off. What its agent
// turned off is not turned on again from this machine.
func (t *Tx) replaces(by By, d *store.Destination) error {
	if d.Form != desk.FormPush && d.Form != desk.FormMail {
		return nil
	}
	var old []desk.DestinationID
	for other, err := range store.Each(t.Destinations().List) {
		if err != nil {
			return err
		}
		if other.Form == d.Form && other.URL == d.URL {
			self := by.Via == store.ViaConsole || by.Via == store.ViaToken
			if d.Form == desk.FormMail && other.PausedBy == d.Agent && !self {
				return errPaused
			}
			old = append(old, other.ID)
		}
	}
	if d.Form == desk.FormMail && len(old) > 0 {
		d.ID = old[0]
	}
	for _, id := range old {
		if err := t.removeDestination(id); err != nil {
			return err
		}
	}
	return nil
}

// firstWords is how many letters of a post stand in a push.
const firstWords = 200

// FirstWords returns the beginning of a post of the other side, as it is now: with a
// warning only that, and "" where the agent may not see it, or where it was deleted or its words have expired.
func (a *App) FirstWords(ctx context.Context, to desk.Email, id desk.PostID) (words string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		who, err := tx.Agent(to)
		if err != nil {
			return err
		}
		tx.only = who.Desks
		p, ok, err := tx.Posts().Get(id)
		if err != nil || !ok || p.Deleted || p.Role != desk.RoleReport && p.Role != desk.RolePost {
			return err
		}
		words = strings.Join(strings.Fields(p.Text), " ")
		if p.Warning != "" {
			words = p.Warning
		}
		return nil
	})
	if utf8.RuneCountInString(words) > firstWords {
		words = string([]rune(words)[:firstWords-1]) + "…"
	}
	return words, err
}
