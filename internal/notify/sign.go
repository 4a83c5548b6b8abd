package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks 1.0.0
// (https://github.com/standard-webhooks/standard-webhooks, spec, "Webhook headers").
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

const secretPrefix = "whsec_"

// signature is that of one secret over "ID.TIMESTAMP.BODY": "v1," and the HMAC-SHA256
// in base64.
func signature(secret, id string, at time.Time, body []byte) (string, error) {
	encoded, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !ok {
		return "", fmt.Errorf("the secret does not begin with %s, or is no base64", secretPrefix)
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%d.", id, at.Unix())
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

// sign sets the headers of a webhook. Each of the secrets signs: a receiver that knows
// one of them accepts it.
func sign(h http.Header, secrets []string, id string, at time.Time, body []byte) error {
	var all []string
	for _, secret := range secrets {
		s, err := signature(secret, id, at, body)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	h.Set(headerID, id)
	h.Set(headerTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(headerSignature, strings.Join(all, " "))
	return nil
}
