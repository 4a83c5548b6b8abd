package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/config"
	"earshot/internal/desk"
	"earshot/internal/test/feeds"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"earshot": main})
}

// TestScripts runs the command lines of testdata/script against the real
// program. In each, EARSHOT_DATA is an empty folder and PORT a free port.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("PORT", fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
			e.Setenv("EARSHOT_DATA", filepath.Join(e.WorkDir, "data"))
			// The race detector waits a second at the end of a program; a script runs dozens.
			e.Setenv("GORACE", strings.TrimSpace("atexit_sleep_ms=10 "+os.Getenv("GORACE")))
			return l.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready": ready, "get": get, "hear": hear, "crowd": crowd, "held": held, "jsonenv": jsonenv, "mode": mode, "servers": servers, "logo": logo, "lamp": lamp,
		},
	})
}

// ready waits until the server on PORT is ready.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if status, _, err := fetch(ctx, ts, http.MethodGet, "/readyz"); err == nil && status == http.StatusOK {
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("the server did not become ready")
		case <-again.C:
		}
	}
}

func fetch(ctx context.Context, ts *testscript.TestScript, method, path string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1:"+ts.Getenv("PORT")+path, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// get METHOD PATH STATUS asks the server on PORT; the body is then stdout.
func get(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: get METHOD PATH STATUS")
	}
	status, body, err := fetch(context.Background(), ts, args[0], args[1])
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), body)
	if fmt.Sprint(status) != args[2] {
		ts.Fatalf("%s %s: %d, want %s: %s", args[0], args[1], status, args[2], body)
	}
}

// hear VAR TEXT [TIMES] has the instance hear a report that says the text, so many times,
// with no server running, and sets VAR to its issue and VAR_END to the end of that.
func hear(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 3 {
		times, err := strconv.Atoi(args[2])
		ts.Check(err)
		args[1] = strings.Repeat(args[1], times)
	} else if len(args) != 2 {
		ts.Fatalf("usage: hear VAR TEXT [TIMES]")
	}
	ctx := context.Background()
	in, err := openInstance(ctx, ts.Getenv("EARSHOT_DATA"), config.Default(), ts.Getenv, slog.New(slog.DiscardHandler), func(error) {})
	ts.Check(err)
	defer func() { ts.Check(in.close()) }()
	ana := desk.Actor{ID: "https://m.example/users/ana", Acct: "ana@m.example", Name: "Ana", URL: "https://m.example/@ana", Inbox: "https://m.example/inbox"}
	now := clock.System{}.Now()
	r, err := in.app.Hear(ctx, app.Heard{Author: ana, Source: app.Inbox, Post: desk.Post{Object: desk.ObjectID("https://m.example/notes/" + args[0]),
		Author: ana.ID, URL: "https://m.example/@ana/" + args[0], Text: args[1], HTML: "<p>" + args[1] + "</p>", Language: "en",
		Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: now}})
	ts.Check(err)
	if r.Outcome != app.Opened {
		ts.Fatalf("it was %s: %s", r.Outcome, r.Why)
	}
	ts.Setenv(args[0], string(r.Issue))
	ts.Setenv(args[0]+"_END", short(r.Issue))
}

// crowd N TEXT has so many people report at once, with no server running.
func crowd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: crowd N TEXT")
	}
	people, err := strconv.Atoi(args[0])
	ts.Check(err)
	ctx := context.Background()
	in, err := openInstance(ctx, ts.Getenv("EARSHOT_DATA"), config.Default(), ts.Getenv, slog.New(slog.DiscardHandler), func(error) {})
	ts.Check(err)
	defer func() { ts.Check(in.close()) }()
	for n := range people {
		who := desk.ActorID(fmt.Sprintf("https://s%d.example/users/p%d", n%3, n))
		_, err := in.app.Hear(ctx, app.Heard{Author: desk.Actor{ID: who, Acct: fmt.Sprintf("p%d@s%d.example", n, n%3), Inbox: string(who) + "/inbox"}, Source: app.Inbox,
			Post: desk.Post{Object: desk.ObjectID(string(who) + "/1"), Author: who, Text: fmt.Sprint(args[1], " ", n), Language: "en", Tags: []string{"acme", "fail"},
				Visibility: desk.VisibilityPublic, Published: clock.System{}.Now()}})
		ts.Check(err)
	}
}

// held N TEXT has so many people on each of two servers mention a stranger beside the desk,
// so that it is held back, with no server running. Their posts are https://sX.example/p/N.
func held(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: held N TEXT")
	}
	people, err := strconv.Atoi(args[0])
	ts.Check(err)
	ctx := context.Background()
	in, err := openInstance(ctx, ts.Getenv("EARSHOT_DATA"), config.Default(), ts.Getenv, slog.New(slog.DiscardHandler), func(error) {})
	ts.Check(err)
	defer func() { ts.Check(in.close()) }()
	for n := range 2 * people {
		host := fmt.Sprintf("https://s%d.example", n%2)
		who := desk.ActorID(fmt.Sprintf("%s/users/p%d", host, n/2))
		r, err := in.app.Hear(ctx, app.Heard{Author: desk.Actor{ID: who, Acct: fmt.Sprintf("p%d@s%d.example", n/2, n%2), Inbox: string(who) + "/inbox"}, Source: app.Inbox,
			Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("%s/p/%d", host, n/2)), Author: who, Text: args[1], Visibility: desk.VisibilityPublic, Published: clock.System{}.Now(),
				Mentions: []desk.ActorID{in.app.Site().Desk("help"), "https://stranger.example/users/you"}}})
		ts.Check(err)
		if r.Outcome != app.HeldBack {
			ts.Fatalf("it was %s", r.Outcome)
		}
	}
}

// jsonenv VAR KEY sets VAR to a member of the JSON object on stdout, or of the
// first of an array.
func jsonenv(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: jsonenv VAR KEY")
	}
	out := strings.TrimSpace(ts.ReadFile("stdout"))
	if strings.HasPrefix(out, "[") {
		var list []json.RawMessage
		ts.Check(json.Unmarshal([]byte(out), &list))
		if len(list) == 0 {
			ts.Fatalf("the array is empty")
		}
		out = string(list[0])
	}
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(out), &object))
	v, ok := object[args[1]]
	if !ok {
		ts.Fatalf("there is no %q in %s", args[1], out)
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

// servers starts a server with the APIs of Mastodon and Misskey, whose token is "secret",
// and sets SERVER to its address. /actor is a relay there, /group a group.
func servers(ts *testscript.TestScript, _ bool, _ []string) {
	feed := &feeds.Server{Clock: clock.System{}, Token: "secret", Rules: []string{"Be kind."}}
	server := httptest.NewServer(feed)
	ts.Defer(server.Close)
	ts.Defer(feed.Cut)
	feed.Wrong = func(w http.ResponseWriter, r *http.Request) bool {
		kind, ok := map[string]string{"/actor": "Application", "/group": "Group"}[r.URL.Path]
		if !ok {
			return false
		}
		id := server.URL + r.URL.Path
		w.Header().Set("Content-Type", "application/activity+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "inbox": id + "/inbox", "preferredUsername": "relay"})
		return true
	}
	ts.Setenv("SERVER", server.URL)
}

// mode PERM FILE checks a file's permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: mode PERM FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}
