package config

import (
	"strings"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	for name, want := range map[string]string{
		"EARSHOT_LISTN":         "EARSHOT_LISTEN",
		"EARSHOT_LISTEN_ADDR":   "EARSHOT_LISTEN",
		"earshot_listen":        "EARSHOT_LISTEN",
		"EARSHOT_LOGLEVEL":      "EARSHOT_LOG_LEVEL",
		"EARSHOT_TRUSTED_PROXY": "EARSHOT_TRUSTED_PROXIES",
		"EARSHOT_PROXIES":       "EARSHOT_TRUSTED_PROXIES",
		"EARSHOT_STORE_SIZE":    "EARSHOT_STORE_MAX_SIZE",
		"EARSHOT_SECRET_FILE":   "EARSHOT_SECRET",
		"EARSHOT_SECURE":        "EARSHOT_SECURE_MODE",
		"EARSHOT_DTA":           "EARSHOT_DATA",
		"EARSHOT_FLOODLIMIT":    "EARSHOT_FLOOD_LIMITS",
		// Of scripts and tests around the program.
		"EARSHOT_BIN": "", "EARSHOT_SITE": "", "EARSHOT_DATABASE_URL": "", "EARSHOT_POSTGRES": "", "EARSHOT_PROGRAM": "", "EARSHOT_VERSION": "",
		"EARSHOT_FAILPOINT": "", "EARSHOT_CRASH_ROUNDS": "",
	} {
		got := UnknownVariables([]string{"HOME=/root", name + "=x", "EARSHOT_LISTEN=:1"})
		if len(got) != 1 || got[0] != (Unknown{name, want}) {
			t.Errorf("%s: %+v, want %q", name, got, want)
		}
		if err := Misspelt([]string{name + "=x"}); (err == nil) != (want == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
	known := []string{"EARSHOT_PORT=tcp://10.0.0.1:80", "EARSHOT_PORT_80_TCP_ADDR=10.0.0.1", "EARSHOT_SERVICE_HOST=10.0.0.1", "EARSHOT_STORE_SERVICE_PORT_DB=5432", "NOT_EARSHOT_LISTN=1"}
	for _, v := range Variables() {
		known = append(known, v.Name+"=1")
	}
	if got := UnknownVariables(known); len(got) > 0 {
		t.Errorf("unknown: %+v", got)
	}
}

func TestUnreadable(t *testing.T) {
	for pair, want := range map[string]bool{
		"EARSHOT_TAKE_BACK=soon": false, "EARSHOT_TAKE_BACK=20s": true, "EARSHOT_DEV=maybe": false, "EARSHOT_DEV=off": true,
		"EARSHOT_MAX_REQUESTS=-1": false, "EARSHOT_SECRET=short": false, "EARSHOT_SECRET=": true, "EARSHOT_TRUSTED_PROXIES=here": false,
		"EARSHOT_PRIVATE_HOSTS=a.example loopback": true,
	} {
		name, _, _ := strings.Cut(pair, "=")
		if err := Unreadable(Getenv([]string{pair})); (err == nil) != want || err != nil && !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", pair, err)
		}
	}
}
