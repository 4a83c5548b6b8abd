package console

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// browserKeys are those of a made-up subscription.
func browserKeys(t *testing.T) (p256dh, auth string) {
	key := must(ecdh.P256().GenerateKey(rand.Reader))(t)
	return base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(make([]byte, 16))
}

// An agent turns a browser on, sees it by its name, and has a test sent. A subscription
// without keys is refused.
func TestPushForm(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(bo)
	b.get("/console/notify").wants(t, http.StatusOK, must(r.app.PushKey())(t), "Notify me in this browser")
	form := url.Values{"form": {"push"}, "url": {"https://push.example/abc"}, "reason": {"mentioned"}, "quiet": {"22:00-07:00"}, "words": {"yes"}}
	bad := b.post("/console/notify", form)
	bad.wants(t, http.StatusBadRequest, "these are no keys of a browser")
	mine, other, _ := strings.Cut(bad.body[strings.Index(bad.body, `id="push"`):], "</section>")
	for _, want := range []string{"these are no keys", `name="words" value="yes" checked`, `value="mentioned" checked`, `value="22:00-07:00"`} {
		if !strings.Contains(mine, want) || strings.Contains(other, want) {
			t.Errorf("%q belongs in the card of the browser alone", want)
		}
	}
	if strings.Contains(other, "push.example") {
		t.Error("the form for other destinations has the browser's address")
	}
	p256dh, auth := browserKeys(t)
	form.Set("p256dh", p256dh)
	form.Set("auth", auth)
	b.post("/console/notify", form).wants(t, http.StatusOK, "in a browser", "with the first words of the post", `data-push="https://push.example/abc"`, "quiet 22:00-07:00", "mentioned")
	d := must(r.app.Destinations(t.Context(), bo))(t)
	if len(d) != 1 || !d[0].Words || d[0].ByAdmin {
		t.Fatalf("%+v", d)
	}
	act := func(do string) seen {
		return b.post("/console/notify/act", url.Values{"destination": {string(d[0].ID)}, "do": {do}})
	}
	act("tested").wants(t, http.StatusOK, "A test is on its way.")
	act("paused").wants(t, http.StatusOK, "paused since")
	act("tested").wants(t, http.StatusConflict, "resume it first")
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                    "Firefox, Linux",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":           "Chrome, Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":     "Safari, macOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0": "Edge, Windows",
		"curl/8": "",
	} {
		if got := browserName(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

// A phone can put the console on its Home Screen, signed in or not: each page names the
// manifest, and the policy of pages lets it be read.
func TestManifest(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(bo)
	page := b.get("/console/notify")
	page.wants(t, http.StatusOK, `<link rel="manifest" href="/console/manifest.webmanifest">`, `id="no-push" hidden`, "Home Screen")
	if !strings.Contains(page.header.Get("Content-Security-Policy"), "manifest-src 'self'") {
		t.Error("the policy forbids the manifest")
	}
	got := b.get("/console/manifest.webmanifest")
	got.wants(t, http.StatusOK, `"start_url":"/console/"`, `"display":"standalone"`, `"src":"/favicon.svg"`)
	if kind := got.header.Get("Content-Type"); kind != "application/manifest+json" {
		t.Errorf("it is served as %s", kind)
	}
}

// A real browser is turned on, and the service worker of the console runs in it.
func TestPushInBrowser(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	s := r.screen(browser.View{})
	s.open("/console/notify")
	signIn(bo)(s.Tab)
	p256dh, auth := browserKeys(t)
	s.AllowNotifications(s.server.URL, fmt.Sprintf(`{endpoint: "https://push.example/1", keys: {p256dh: %q, auth: %q}}`, p256dh, auth))
	s.click("#push button")
	s.wants("main", "in a browser", "Chrome, Linux")
	d := must(r.app.Destinations(t.Context(), bo))(t)
	if len(d) != 1 || d[0].URL != "https://push.example/1" {
		t.Fatalf("%+v", d)
	}
	if !browser.Eval[bool](s.Tab, `navigator.serviceWorker.ready.then((r) => r.active.scriptURL.endsWith("/console/worker.js"))`) {
		t.Error("the service worker does not run")
	}
	s.calm()
}
