package arch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The repository keeps the rules.
func TestRules(t *testing.T) {
	files, err := wholeModule()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d Go files were found: is this the module's root?", len(files))
	}
	for _, v := range check(files) {
		t.Error(v)
	}
}

// A rule with a misspelt pattern would forbid nothing.
func TestRulesAreWellFormed(t *testing.T) {
	var patterns []string
	for _, r := range only {
		patterns = append(append(patterns, r.of), r.allowed...)
	}
	for _, r := range never {
		patterns = append(append(patterns, r.of), r.forbidden...)
	}
	for _, r := range confined {
		patterns = append(append(patterns, r.what), r.to...)
	}
	for _, p := range append(append(append(patterns, pure...), impure...), testOnly...) {
		if p == "" || strings.HasPrefix(p, module+"/") || strings.HasSuffix(strings.TrimSuffix(p, "/..."), "/") {
			t.Errorf("%q is no pattern: a folder of this module without its name, or an import path", p)
		}
	}
}

// planted is a violation that check must find, or a file in which it must not
// find anything.
type planted struct {
	name   string
	file   string // where it lies
	source string
	want   string // part of the report, "" for none
}

func imports(paths ...string) string {
	return "package x\n\nimport _ \"" + strings.Join(paths, "\"\nimport _ \"") + "\"\n"
}

// The checker itself finds planted mistakes and accepts allowed imports.
func TestCheckFindsWhatIsPlanted(t *testing.T) {
	for _, c := range []planted{
		{"the domain imports a store", "internal/desk/a.go", imports("earshot/store"), "internal/desk must not import store"},
		{"a folder below is another package", "internal/desk/sub/a.go", imports("earshot/store"), ""},
		{"the domain's test may", "internal/desk/a_test.go", imports("earshot/store"), ""},
		{"match imports desk", "internal/match/a.go", imports("earshot/internal/desk"), ""},
		{"match imports app", "internal/match/a.go", imports("earshot/internal/app"), "internal/match must not import internal/app"},
		{"origin imports as", "federation/origin/a.go", imports("earshot/federation/as"), "federation/origin must not import federation/as"},
		{"the contract imports a driver", "store/a.go", imports("earshot/store/bolt"), "store must not import store/bolt"},

		{"app imports federation", "internal/app/a.go", imports("earshot/federation/as"), "internal/app must not import federation/as"},
		{"app imports net/http", "internal/app/a.go", imports("net/http"), "internal/app must not import net/http"},
		{"federation imports the console", "federation/inbox/a.go", imports("earshot/internal/console"), "must not import internal/console"},
		{"federation imports the server", "federation/a.go", imports("earshot/internal/server"), "must not import internal/server"},
		{"the console imports federation", "internal/console/a.go", imports("earshot/federation"), "internal/console must not import federation"},
		{"the use cases import the program", "internal/app/a.go", imports("earshot/cmd/earshot"), "must not import cmd/earshot"},

		{"go-fed outside build", "federation/inbox/a.go", imports("github.com/go-fed/activity/streams/vocab"), "must not import github.com/go-fed/activity/streams/vocab"},
		{"go-fed in a test outside build", "federation/inbox/a_test.go", imports("github.com/go-fed/activity/streams"), "must not import github.com/go-fed/activity/streams"},
		{"go-fed in build", "federation/as/build/a.go", imports("github.com/go-fed/activity/streams/impl/activitystreams/type_note"), ""},
		{"all of go-fed in build", "federation/as/build/a.go", imports("github.com/go-fed/activity/streams"), "must not import github.com/go-fed/activity/streams"},
		{"go-fed where remote bytes are read", "federation/as/a.go", imports("github.com/go-fed/activity/streams"), "must not import github.com/go-fed/activity/streams"},
		{"go-fed's pub even in build", "federation/as/build/a.go", imports("github.com/go-fed/activity/pub"), "must not import github.com/go-fed/activity/pub"},
		{"the httpsig fork outside httpsig", "federation/delivery/a.go", imports("github.com/superseriousbusiness/httpsig"), "must not import github.com/superseriousbusiness/httpsig"},
		{"bbolt outside bolt", "store/storetest/a.go", imports("go.etcd.io/bbolt/errors"), "must not import go.etcd.io/bbolt/errors"},
		{"bbolt in bolt", "store/bolt/a.go", imports("go.etcd.io/bbolt"), ""},
		{"pgx outside postgres", "store/bolt/a.go", imports("github.com/jackc/pgx/v5"), "must not import github.com/jackc/pgx/v5"},
		{"a backend imported by a use case", "internal/app/a.go", imports("earshot/store/bolt"), "must not import store/bolt"},
		{"a backend imported by a test", "internal/app/a_test.go", imports("earshot/store/bolt"), ""},
		{"a backend imported by the program", "cmd/earshot/a.go", imports("earshot/store/bolt"), ""},
		{"a backend imported by a test's helper", "internal/test/fed/a.go", imports("earshot/store/bolt"), ""},
		{"a test's helper in the program", "cmd/earshot/a.go", imports("earshot/internal/test/foreign"), "must not import internal/test/foreign"},

		{"the domain logs", "internal/desk/a.go", imports("log/slog"), "is pure and must not import log/slog"},
		{"the domain reads files", "internal/desk/a.go", imports("os"), "is pure and must not import os"},
		{"the domain rolls dice", "internal/desk/a.go", imports("math/rand/v2"), "is pure and must not import math/rand/v2"},
		{"the domain parses URLs", "internal/desk/a.go", imports("net/url"), ""},
		{"the domain looks at the clock", "internal/desk/a.go", "package x\nimport \"time\"\nvar t = time.Now()\n", "internal/desk/a.go:3: internal/desk is pure and must not use time.Now"},
		{"under another name", "internal/match/a.go", "package x\nimport clock \"time\"\nvar t = clock.Since\n", "must not use time.Since"},
		{"without a name", "federation/origin/a.go", "package x\nimport . \"time\"\nvar t = Now()\n", "must not use time.."},
		{"the domain counts hours", "internal/desk/a.go", "package x\nimport \"time\"\nconst h = time.Hour\n", ""},
		{"a variable called time", "internal/desk/a.go", "package x\nimport \"time\"\nvar _ time.Time\nfunc f(time struct{ Now int }) int { return time.Now }\n", ""},

		{"a client of its own", "federation/delivery/a.go", "package x\nimport \"net/http\"\nvar c = http.Client{}\n", "federation/delivery must not use http.Client"},
		{"the shared client", "internal/api/a.go", "package x\nimport \"net/http\"\nfunc f() { http.Get(\"\") }\n", "must not use http.Get"},
		{"a client in a test", "internal/api/a_test.go", "package x\nimport \"net/http\"\nvar c http.Client\n", ""},
		{"a handler", "internal/api/a.go", "package x\nimport \"net/http\"\nvar h http.Handler\n", ""},
		{"a connection", "internal/app/a.go", "package x\nimport \"net\"\nvar d = net.Dial\n", "internal/app must not use net.Dial"},
		{"the guarded client", "internal/safehttp/a.go", "package x\nimport \"net\"\nvar d net.Dialer\n", ""},
		{"the socket's client", "internal/api/transport.go", "package x\nimport \"net\"\nvar d net.Dialer\n", ""},
		{"the service manager's socket", "internal/server/notify.go", "package x\nimport \"net\"\nvar d = net.DialUnix\n", ""},
		{"another socket", "internal/server/a.go", "package x\nimport \"net\"\nvar d = net.DialUnix\n", "internal/server must not use net.DialUnix"},
		{"beside the socket's client", "internal/api/a.go", "package x\nimport \"net\"\nvar d net.Dialer\n", "internal/api must not use net.Dialer"},
		{"the outbox composes a transaction", "federation/outbox/a.go", "package x\nfunc (o *O) f() { o.App.Update(nil, nil) }\n", "federation/outbox must not use a method Update"},
		{"the delivery reads the store", "federation/delivery/a.go", "package x\nfunc f(s S) { s.View(nil, nil) }\n", "federation/delivery must not use a method View"},
		{"a test of the outbox reads the store", "federation/outbox/a_test.go", "package x\nfunc f(s S) { s.View(nil, nil) }\n", ""},
		{"the inbox composes a transaction", "federation/inbox/a.go", "package x\nfunc f(s S) { s.View(nil, nil) }\n", ""},
		{"the outbox builds an Update", "federation/outbox/a.go", "package x\nimport \"earshot/federation/as/build\"\nvar u = build.Update\n", ""},

		{"a test sleeps", "internal/app/a_test.go", "package x\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", "must not use time.Sleep"},
		{"a test sleeps in a bubble", "internal/app/a_test.go", "package x\nimport \"time\"\nimport _ \"testing/synctest\"\nfunc f() { time.Sleep(1) }\n", ""},
		{"a queue sleeps", "internal/queue/a.go", "package x\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", "must not use time.Sleep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := read(c.file, c.source)
			if err != nil {
				t.Fatal(err)
			}
			importer := file{name: "cmd/other/main.go", pkg: "cmd/other", main: true, imports: []imported{{path: module + "/" + f.pkg}}}
			files := []file{f, importer}
			if f.test || matches("cmd/...", f.pkg) {
				files[0].main, files = true, files[:1]
			}
			got := strings.Join(check(files), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("reported %q, wanted %q", got, c.want)
			}
		})
	}
}

func TestOrphans(t *testing.T) {
	lib := file{name: "internal/a/a.go", pkg: "internal/a"}
	user := func(f file) file {
		f.imports = []imported{{path: module + "/internal/a"}}
		return f
	}
	for _, c := range []struct {
		name  string
		files []file
		want  string
	}{
		{"nobody", []file{lib}, "internal/a: nobody but tests imports this package"},
		{"only itself", []file{user(lib)}, "internal/a: nobody but tests imports this package"},
		{"only a test", []file{lib, user(file{pkg: "internal/b", test: true})}, "internal/a: nobody but tests imports this package"},
		{"a program", []file{lib, user(file{pkg: "cmd/b", main: true})}, ""},
		{"tests have it for themselves", []file{{name: "store/storetest/a.go", pkg: "store/storetest", test: true}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(orphans(c.files), "\n"); got != c.want {
				t.Errorf("reported %q, wanted %q", got, c.want)
			}
		})
	}
}

// Files that the go command never builds are not read; files for other systems
// are.
func TestLoadSkips(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module x", "seen/seen.go": "package seen", "seen/seen_windows.go": "package seen", "seen/notes.txt": "not Go",
		".hidden/a.go": "package a", "_left/a.go": "package a", "node_modules/a.go": "package a", "seen/testdata/a.go": "package a",
		"module/go.mod": "module other", "module/a.go": "package a",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	if got := strings.Join(names, " "); got != "seen/seen.go seen/seen_windows.go" {
		t.Errorf("read %q", got)
	}
}
