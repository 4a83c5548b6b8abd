package notify

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// tab is a browser with a subscription.
type tab struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newTab(t testing.TB) tab {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	fine(t, err)
	auth := make([]byte, 16)
	_, err = rand.Read(auth)
	fine(t, err)
	return tab{key, auth}
}

func (b tab) keys() app.PushKeys {
	return app.PushKeys{P256dh: base64.RawURLEncoding.EncodeToString(b.key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(b.auth)}
}

// reads decrypts as a browser does: RFC 8291, section 3.4, and RFC 8188, section 2.1.
func (b tab) reads(t testing.TB, body string) (out shown) {
	t.Helper()
	salt, size, keyLen := []byte(body[:16]), binary.BigEndian.Uint32([]byte(body[16:20])), int(body[20])
	sender, sealed := []byte(body[21:21+keyLen]), []byte(body[21+keyLen:])
	if uint32(len(sealed)) > size {
		t.Fatalf("a record of %d bytes, where %d are the most", len(sealed), size)
	}
	point, err := ecdh.P256().NewPublicKey(sender)
	fine(t, err)
	shared, err := b.key.ECDH(point)
	fine(t, err)
	derive := func(secret, salt []byte, info string, n int) []byte {
		k, err := hkdf.Key(sha256.New, secret, salt, info, n)
		fine(t, err)
		return k
	}
	ikm := derive(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(sender), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	fine(t, err)
	aead, err := cipher.NewGCM(block)
	fine(t, err)
	plain, err := aead.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	fine(t, err)
	text := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(text, "\x02") { // the last record
		t.Fatalf("the padding is wrong: %q", text)
	}
	fine(t, json.Unmarshal([]byte(strings.TrimSuffix(text, "\x02")), &out))
	return out
}

// verify checks who sent a push: RFC 8292, sections 2 and 3.
func (o *office) verify(r received) {
	o.Helper()
	value, ok := strings.CutPrefix(r.header.Get("Authorization"), "vapid t=")
	token, k, found := strings.Cut(value, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !found || len(parts) != 3 {
		o.Fatalf("Authorization: %q", r.header.Get("Authorization"))
	}
	decode := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		fine(o, err)
		return b
	}
	ours, err := o.PushKey()
	fine(o, err)
	o.same("key", k, ours)
	point, signature := decode(k), decode(parts[2])
	public := &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(point[1:33]), Y: new(big.Int).SetBytes(point[33:])}
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(signature) != 64 || !ecdsa.Verify(public, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		o.Error("the signature does not fit")
	}
	var claims struct {
		Aud string `json:"aud"`
		Sub string `json:"sub"`
		Exp int64  `json:"exp"`
	}
	fine(o, json.Unmarshal(decode(parts[1]), &claims))
	o.same("who", claims.Sub, "mailto:postmaster@acme.example")
	o.same("for", claims.Aud, o.url)
	if left := time.Until(time.Unix(claims.Exp, 0)); left <= 0 || left > 24*time.Hour {
		o.Errorf("valid for %s", left)
	}
}

// within lets the notifier reach the receiver of the test.
func (o *office) within() {
	o.notifier.Strict = safehttp.New(safehttp.Options{AllowPrivate: true})
	o.Cleanup(o.notifier.Strict.CloseIdle)
}

func (o *office) addTab(agent desk.Email, path string, n app.NewDestination) (tab, app.MadeDestination) {
	o.Helper()
	b := newTab(o)
	n.Form, n.URL, n.Keys = desk.FormPush, path, b.keys()
	return b, o.add(agent, n, false)
}

// A push service sees that a message is ours, and cannot read it; the browser can. The
// words of the report stand in it only where its agent chose so, and only while they
// are there.
func TestWebPush(t *testing.T) {
	onStores(t, func(o *office) {
		o.within()
		plain, _ := o.addTab(bo, "/bo", app.NewDestination{Language: "de"})
		wordy, _ := o.addTab(cy, "/cy", app.NewDestination{Words: true})
		id := o.hears("ana", "1")
		o.run()
		got := o.takeAll()
		o.same("requests", len(got), 2)
		for _, r := range got {
			o.verify(r)
			o.same("headers", []string{r.header.Get("Content-Encoding"), r.header.Get("Ttl"), r.header.Get("Urgency")}, "[aes128gcm 86400 normal]")
			o.same("length", len(r.body), 4096)
			if strings.Contains(r.body, "Meldung") || strings.Contains(r.body, string(id)) || strings.Contains(fmt.Sprint(r.header), string(id)) {
				o.Error("the push service can read it")
			}
			link := "http://help.acme.example/console/issues/" + string(id)
			switch r.path {
			case "/bo":
				o.same("shown", plain.reads(o, r.body), shown{"acme.example", "Neue Meldung bei @help", link, string(id), "de"})
			case "/cy":
				o.same("shown", wordy.reads(o, r.body), shown{"New report at @help", "SECRET-WORDS", link, string(id), ""})
			}
		}
		o.hears("eve", "2")
		o.feed(o.feeder)
		fine(o, o.Remove(ctx, "https://m.example/notes/2", "https://m.example/eve"))
		o.run()
		for _, r := range o.takeAll() {
			if r.path == "/cy" {
				o.same("deleted", wordy.reads(o, r.body).Body, "New report at @help")
			}
		}
	})
}

// A subscription that has ended is removed, whether the service says 404 or 410; what
// waits for it is not sent.
func TestWebPushGone(t *testing.T) {
	onStores(t, func(o *office) {
		o.within()
		for n, status := range []int{http.StatusNotFound, http.StatusGone} {
			o.addTab(bo, "/bo", app.NewDestination{})
			o.hears("ana", fmt.Sprint("a", n))
			o.hears("eve", fmt.Sprint("e", n))
			o.status = status
			o.run()
			o.clock.Advance(time.Hour)
			o.run()
			all, err := o.Destinations(ctx, bo)
			fine(o, err)
			if len(all) != 0 {
				o.Errorf("%d: it stays", status)
			}
			if got := len(o.takeAll()); got < 1 || got > 2 { // both may be on their way at once
				o.Errorf("%d requests", got)
			}
		}
	})
}

// A browser has one subscription: who turns it on last is notified, and nobody else. An
// agent has a bounded number of them.
func TestWebPushOfOneBrowser(t *testing.T) {
	onStores(t, func(o *office) {
		o.within()
		o.addTab(bo, "/browser", app.NewDestination{})
		_, second := o.addTab(cy, "/browser", app.NewDestination{Reasons: []desk.NoticeReason{desk.NoticeMentioned}})
		_, third := o.addTab(cy, "/browser", app.NewDestination{})
		if second.ID == third.ID {
			o.Error("two subscriptions have one id")
		}
		for agent, want := range map[desk.Email]int{bo: 0, cy: 1} {
			all, err := o.Destinations(ctx, agent)
			fine(o, err)
			o.same(string(agent), len(all), want)
		}
		for n := range 9 {
			o.addTab(cy, fmt.Sprint("/", n), app.NewDestination{})
		}
		_, err := o.AddDestination(ctx, app.By{}, cy, app.NewDestination{Form: desk.FormPush, URL: o.url + "/more", Keys: newTab(o).keys()}, false)
		o.same("too many", desk.ErrorID(err), "destinations_many")
		_, err = o.AddDestination(ctx, app.By{}, bo, app.NewDestination{Form: desk.FormPush, URL: o.url, Keys: app.PushKeys{P256dh: "BAAA", Auth: "AAAA"}}, false)
		o.same("no keys", desk.ErrorID(err), "push_keys")
	})
}

// The address of a browser leads to public addresses only, also that of an admin.
func TestWebPushStrict(t *testing.T) {
	onStores(t, func(o *office) {
		n := app.NewDestination{Form: desk.FormPush, URL: strings.Replace(o.url, "http:", "https:", 1), Keys: newTab(o).keys()}
		d, err := o.AddDestination(ctx, app.By{}, bo, n, true)
		fine(o, err)
		o.hears("ana", "1")
		o.run()
		o.same("requests", len(o.takeAll()), 0)
		now := o.now(d)
		o.same("failures", now.Failures, 1)
		if !strings.Contains(now.Error, safehttp.ErrForbiddenAddress.Error()) {
			o.Errorf("it failed with %q", now.Error)
		}
	})
}
