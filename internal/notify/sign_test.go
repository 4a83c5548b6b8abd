package notify

import (
	"net/http"
	"testing"
	"time"
)

// The vector is the example of Svix, whose scheme Standard Webhooks is.
const (
	vectorSecret = "whsec_plJ3nmyCDGBKInavdOK15jsl"
	vectorID     = "msg_loFOjxBNrRLzqYUf"
	vectorBody   = `{"event_type":"ping","data":{"success":true}}`
	vectorSigned = "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
)

var vectorAt = time.Unix(1731705121, 0)

func TestSign(t *testing.T) {
	h := http.Header{}
	if err := sign(h, []string{vectorSecret}, vectorID, vectorAt, []byte(vectorBody)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{headerID: vectorID, headerTimestamp: "1731705121", headerSignature: vectorSigned} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, other := range []func() (string, error){
		func() (string, error) { return signature("whsec_AAAA", vectorID, vectorAt, []byte(vectorBody)) },
		func() (string, error) { return signature(vectorSecret, vectorID+"x", vectorAt, []byte(vectorBody)) },
		func() (string, error) {
			return signature(vectorSecret, vectorID, vectorAt.Add(time.Second), []byte(vectorBody))
		},
		func() (string, error) { return signature(vectorSecret, vectorID, vectorAt, []byte(vectorBody+" ")) },
	} {
		if s, err := other(); err != nil || s == vectorSigned {
			t.Errorf("%q, %v: it must differ", s, err)
		}
	}
}

func TestSignRefusesOtherSecrets(t *testing.T) {
	for _, secret := range []string{"", "plJ3nmyCDGBKInavdOK15jsl", "whsec_***"} {
		if s, err := signature(secret, "i", vectorAt, nil); err == nil {
			t.Errorf("%q: signed as %q", secret, s)
		}
	}
}
