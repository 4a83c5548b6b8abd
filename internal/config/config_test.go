package config

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
)

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func folder(t *testing.T, settings string) string {
	t.Helper()
	dir := t.TempDir()
	if settings != "" {
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadDefaults(t *testing.T) {
	got, err := Load(folder(t, ""), env(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Listen != "127.0.0.1:8080" || got.TakeBack != 10*time.Second || got.Dev || got.LogFormat != "text" {
		t.Errorf("defaults: %+v", got)
	}
}

func TestLoadFile(t *testing.T) {
	got, err := Load(folder(t, `
listen = ":80"
take_back = "20s"
max_requests = 10
admin_listen = '127.0.0.1:9090'
max_waiting = 7
max_open = 200
max_open_of_server = 30
max_text_of_stranger = 4000
words_expire = 30
heard_within = 24
tell_first = 5
tell_at_once = 10
tell_a_day = 50
trusted_proxies = ["10.1.2.3/8", "::1"]
private_hosts = ["social.intern.example", "Town.example loopback"]
secure_mode = true
flood_limits = false
[log]
level = "debug"
format = "json"
[store]
max_size = "2GiB"
[openid]
issuer = "https://id.acme.example/realms/staff"
client_secret = "of ours"
roles = ["on call=agent", "heads=lead"]
any_email = "on"
[smtp]
server = "smtp.intern.example:465"
user = "earshot"
password = "a password"
from = "desk@acme.example"
security = "tls"
`), env(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{Listen: ":80", WordsExpire: 30 * 24 * time.Hour, HeardWithin: 24 * time.Hour, TakeBack: 20 * time.Second, MaxRequests: 10, AdminListen: "127.0.0.1:9090", MaxWaiting: 7, Room: desk.Room{Issues: 200, Domain: 30, Text: 4000}, TellFirst: 5, TellAtOnce: 10, TellADay: 50, LogLevel: slog.LevelDebug, LogFormat: "json", StoreMaxSize: 2 << 30, SecureMode: true,
		Mail: mail.Server{Address: "smtp.intern.example:465", User: "earshot", Password: "a password", From: "desk@acme.example", Security: mail.TLS},
		OpenID: auth.OpenID{Issuer: "https://id.acme.example/realms/staff", ClientID: "earshot", Secret: "of ours", Name: "id.acme.example", Claim: "groups", AnyEmail: true,
			Roles: []auth.GroupRole{{Group: "on call", Role: desk.RoleAgent}, {Group: "heads", Role: desk.RoleLead}}},
		PrivateHosts:   []safehttp.PrivateHost{{Host: "social.intern.example"}, {Host: "town.example", Loopback: true}},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func TestPrecedence(t *testing.T) {
	dir := folder(t, "listen = ':1'\ntake_back = '11s'\n[log]\nlevel = 'warn'\n")
	got, err := Load(dir, env(map[string]string{"EARSHOT_LISTEN": ":2", "EARSHOT_LOG_LEVEL": "error"}), map[Flag]string{FlagListen: ":3"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Listen != ":3" || got.LogLevel != slog.LevelError || got.TakeBack != 11*time.Second {
		t.Errorf("flag, variable, file: %+v", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		file  string
		env   map[string]string
		flags map[Flag]string
		want  []string
	}{
		"unknown key":      {file: "listen = ':1'\n\nlisten_on = ':2'\n", want: []string{"line 3", `"listen_on"`}},
		"unknown in table": {file: "[log]\ncolour = 'red'\n", want: []string{"line 2", `"log.colour"`}},
		"wrong type":       {file: "listen = 80\n", want: []string{"line 1"}},
		"no switch":        {file: "dev = 'maybe'\n", want: []string{"dev", "on or off"}},
		"number as switch": {file: "dev = 7\n", want: []string{"dev", "on or off"}},
		"no TOML":          {file: "listen\n", want: []string{"line 1"}},
		"wrong value":      {file: "[store]\nmax_size = 'much'\n", want: []string{"store.max_size", "much"}},
		"wrong variable":   {env: map[string]string{"EARSHOT_TAKE_BACK": "soon"}, want: []string{"EARSHOT_TAKE_BACK", "soon"}},
		"wrong flag":       {flags: map[Flag]string{FlagListen: "8080"}, want: []string{"--listen", "8080"}},
		"long take-back":   {flags: map[Flag]string{FlagTakeBack: "2h"}, want: []string{"at most 1h0m0s"}},
		"private address":  {file: "private_hosts = ['10.0.0.1']\n", want: []string{"private_hosts", "10.0.0.1"}},
		"private word":     {env: map[string]string{"EARSHOT_PRIVATE_HOSTS": "a.example, b.example private"}, want: []string{"EARSHOT_PRIVATE_HOSTS", "b.example private"}},
		"private hosts":    {env: map[string]string{"EARSHOT_PRIVATE_HOSTS": strings.Repeat("a.example,", 101)}, want: []string{"at most 100"}},
		"no address":       {file: "[openid]\nissuer = 'keycloak'\n", want: []string{"openid.issuer", "keycloak"}},
		"mail server":      {file: "[smtp]\nserver = 'smtp.acme.example'\n", want: []string{"smtp.server", "smtp.acme.example:587"}},
		"mail security":    {env: map[string]string{"EARSHOT_SMTP_SECURITY": "ssl"}, want: []string{"EARSHOT_SMTP_SECURITY", "ssl"}},
		"mail sender":      {env: map[string]string{"EARSHOT_SMTP_FROM": "Desk <a@b.example>"}, want: []string{"EARSHOT_SMTP_FROM"}},
		"no role":          {env: map[string]string{"EARSHOT_OPENID_ROLES": "staff=boss"}, want: []string{"EARSHOT_OPENID_ROLES", "staff=boss"}},
		"proxies":          {flags: map[Flag]string{FlagProxies: "me"}, want: []string{`"me"`}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(folder(t, tc.file), env(tc.env), tc.flags)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, w := range tc.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}

// The guide says on and off; programs say true and false.
func TestSwitches(t *testing.T) {
	for spelled, want := range map[string]bool{"on": true, "On": true, "yes": true, "true": true, "1": true, "off": false, "OFF": false, "no": false, "false": false, "0": false} {
		got, err := Load(folder(t, "secure_mode = '"+spelled+"'\n"), env(map[string]string{"EARSHOT_FLOOD_LIMITS": spelled}), nil)
		if err != nil || got.SecureMode != want || got.FloodLimits != want {
			t.Errorf("%s: %v, %v, %v", spelled, got.SecureMode, got.FloodLimits, err)
		}
	}
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "17": 17, "1kB": 1000, "2 MiB": 2 << 20, "3TB": 3e12} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "GB", "-1", "1.5GB", "1Gi", "9999999TiB"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q: %d", s, got)
		}
	}
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	if _, err := Secret(dir, env(nil)); err == nil {
		t.Error("a missing secret was found")
	}
	if err := MakeSecret(dir, env(nil)); err != nil {
		t.Fatal(err)
	}
	first, err := Secret(dir, env(nil))
	if err != nil || len(first) < minSecret {
		t.Fatalf("%q, %v", first, err)
	}
	info, err := os.Stat(filepath.Join(dir, SecretName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's mode is %v, %v", info.Mode(), err)
	}
	if err := MakeSecret(dir, env(nil)); err != nil {
		t.Fatal(err)
	}
	if again, _ := Secret(dir, env(nil)); again != first {
		t.Error("a secret was replaced")
	}
	long := strings.Repeat("x", minSecret)
	if s, err := Secret(dir, env(map[string]string{"EARSHOT_SECRET": long})); err != nil || s != long {
		t.Errorf("%q, %v", s, err)
	}
	if _, err := Secret(dir, env(map[string]string{"EARSHOT_SECRET": "short"})); err == nil {
		t.Error("a short secret was accepted")
	}
}
