package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"earshot/internal/desk"
)

// OptOutRequest is a request of a person without an account here.
type OptOutRequest struct {
	Actor  desk.ActorID
	Forget bool // erase our records of them, too
}

// codeValidFor is how long a code may stand in a profile: one lives through the
// day it was made on, and this long after.
const codeValidFor = 24 * time.Hour

// OptOutCode returns the code that a person puts into their profile to prove
// that the request is theirs. It is made from the account, the request and the
// day, so we store nothing about a person who only asks, and the code of one
// request is not valid for another.
func (a *App) OptOutCode(ctx context.Context, l OptOutRequest) (string, error) {
	if err := a.PrepareDeletions(ctx); err != nil {
		return "", err
	}
	key, err := a.optOutKey(ctx)
	return optOutCode(key, l, a.clock.Now()), err
}

func (a *App) optOutKey(ctx context.Context) (key string, err error) {
	err = a.View(ctx, func(tx *Tx) error { key, err = tx.deletionKey(false); return err })
	return key, err
}

func optOutCode(key string, l OptOutRequest, at time.Time) string {
	h := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(h, "leave\n%t\n%s\n%s", l.Forget, at.UTC().Format(time.DateOnly), l.Actor)
	return "earshot-" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:10]))
}

// OptOutByCode carries out a request if the profile, just fetched from the actor's
// own server, shows its code: only the actor can write there. proven says whether
// the code was there. Of a forgotten person we keep only the address, to leave them
// alone.
func (a *App) OptOutByCode(ctx context.Context, l OptOutRequest, profile string) (proven bool, err error) {
	key, err := a.optOutKey(ctx)
	if err != nil || key == "" { // without a key no code was ever made
		return false, err
	}
	now, words := a.clock.Now(), strings.ToLower(profile)
	if !strings.Contains(words, optOutCode(key, l, now)) && !strings.Contains(words, optOutCode(key, l, now.Add(-codeValidFor))) {
		return false, nil
	}
	err = a.Update(ctx, func(tx *Tx) error {
		return tx.optOut(desk.OptOut{Actor: l.Actor, Cause: desk.OptOutStop, Since: tx.Now, Remark: "asked for on the page /stop"})
	})
	for more := l.Forget; more && err == nil; {
		more, err = a.RemoveActor(ctx, l.Actor)
	}
	return err == nil, err
}
