package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"earshot/internal/test/pg"
	"earshot/internal/test/program"
)

// TestUpgrade fills an instance with a program built from an earlier commit,
// and goes on with the present one: `make upgrade FROM=COMMIT`. It does so on
// every store that the earlier program knows.
func TestUpgrade(t *testing.T) {
	from := os.Getenv("EARSHOT_UPGRADE_FROM")
	if from == "" {
		t.Skip("EARSHOT_UPGRADE_FROM names no commit: make upgrade FROM=…")
	}
	earlier, present := buildCommit(t, from), program.Build(t)
	t.Run("bolt", func(t *testing.T) { upgrade(t, earlier, present, "") })
	help, err := exec.Command(earlier, "init", "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err, string(help))
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		if !strings.Contains(string(help), "postgres") {
			t.Skipf("the program of %s knows no PostgreSQL", from)
		}
		server := pg.StartDurable(t)
		upgrade(t, earlier, present, pg.URL(server.DatabaseName(t), server))
	})
}

// buildCommit builds the program as it was.
func buildCommit(t *testing.T, commit string) string {
	t.Helper()
	source := t.TempDir()
	out, err := exec.Command("sh", "-c", `git -C ../.. archive "$0" | tar -x -C "$1"`, commit, source).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("taking %s out of git: %v %s", commit, err, out)
	}
	bin := filepath.Join(t.TempDir(), "earshot")
	c := program.Command(bin)
	c.Dir = source
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	return bin
}

// json runs a command line and returns what it prints as JSON.
func (p *process) json(args ...string) (v any) {
	p.t.Helper()
	b, err := exec.Command(p.bin, append([]string{"--data", p.data, "--json"}, args...)...).Output()
	p.must(err, fmt.Sprint(args))
	p.must(json.Unmarshal(b, &v), string(b))
	return v
}

// told is what an instance tells of itself, by command line.
func (p *process) told() map[string]any {
	p.t.Helper()
	all := map[string]any{}
	for _, list := range []string{"desk list", "block list", "optout list", "source list", "issue list"} {
		all[list] = p.json(strings.Fields(list)...)
	}
	for _, i := range all["issue list"].([]any) {
		id := i.(map[string]any)["id"].(string)
		all["issue "+id] = p.json("issue", "show", id)
	}
	return all
}

// missing lists the parts of one JSON value that are missing in another, which
// may have more members.
func missing(at string, was, is any) (out []string) {
	switch was := was.(type) {
	case map[string]any:
		is, _ := is.(map[string]any)
		for k, v := range was {
			out = append(out, missing(at+"."+k, v, is[k])...)
		}
	case []any:
		is, _ := is.([]any)
		if len(is) != len(was) {
			return []string{fmt.Sprintf("%s: %d are %d", at, len(was), len(is))}
		}
		for n, v := range was {
			out = append(out, missing(fmt.Sprintf("%s[%d]", at, n), v, is[n])...)
		}
	default:
		if was != is {
			out = append(out, fmt.Sprintf("%s: %v is %v", at, was, is))
		}
	}
	return out
}

func upgrade(t *testing.T, earlier, present, database string) {
	p := fill(t, earlier, database)
	was := p.told()
	if len(p.accepted) < 30 || len(was) < 30 {
		t.Fatalf("%d posts and %d answers: this test shows nothing", len(p.accepted), len(was))
	}
	p.keep(database)

	p.bin = present
	if lost := missing("", was, p.told()); len(lost) > 0 {
		t.Errorf("%d things are missing or differ:\n%s", len(lost), strings.Join(lost[:min(len(lost), 20)], "\n"))
	}
	out, err := p.earshot(p.data, "doctor") // without a server it reads all of the store
	if err != nil || !strings.Contains(out, "all of it was read, and it is consistent") {
		t.Error(err, out)
	}
	p.start()
	p.until("the reply that waited to go out", func() bool { return p.arrived("We look, said before the upgrade.") == 1 })
	n := len(p.accepted)
	p.post(http.DefaultClient, 5000)
	if len(p.accepted) != n+1 {
		t.Error("a new post is not taken")
	}
	p.checkHeard()
	if n := p.arrived("Said and sent before the upgrade."); n != 1 {
		t.Errorf("what was sent before the upgrade was sent %d times", n)
	}
}

// fill makes an instance with a program and has it do some of everything. It
// has stopped in the end, with a reply that nobody has sent yet.
func fill(t *testing.T, bin, database string) *process {
	var args []string
	if database != "" {
		args = []string{"--store", database}
	}
	p := makeProcess(t, bin, args...)
	do := func(args ...string) string {
		t.Helper()
		out, err := p.earshot(p.data, args...)
		p.must(err, fmt.Sprint(args), out)
		return out
	}
	do("desk", "add", "water", "--name", "Water", "--names", "acmewater")
	do("block", "add", "spam.example")
	do("optout", "add", "https://quiet.example/users/q")
	p.launch(p.addr, nil) // an earlier program may know no admin listener
	p.flood(context.Background(), 4, 40).Wait()
	p.until("posts to become issues", func() bool { return len(p.json("issue", "list", "--limit", "100").([]any)) == len(p.accepted) })
	ids := []string{}
	for _, i := range p.json("issue", "list").([]any) {
		ids = append(ids, i.(map[string]any)["id"].(string))
	}
	do("issue", "reply", ids[0], "Said and sent before the upgrade.", "--now")
	p.until("the reply to arrive", func() bool { return p.arrived("Said and sent before the upgrade.") == 1 })
	do("issue", "comment", ids[1], "Same as yesterday?")
	do("issue", "status", ids[2], "in_progress")
	do("issue", "link", ids[1], ids[2])
	do("broadcast", "send", "help", "The north is slow today.", "--now")
	p.must(p.cmd.Process.Signal(syscall.SIGTERM))
	p.must(p.wait())
	do("issue", "reply", ids[3], "We look, said before the upgrade.", "--now")
	return p
}

// arrived counts how many different activities with some words the peer got.
func (p *process) arrived(words string) int {
	ids := map[string]bool{}
	for _, g := range p.peer.Got() {
		if strings.Contains(string(g.Raw), words) {
			ids[fmt.Sprint(g.Body["id"])] = true
		}
	}
	return len(ids)
}

// keep writes the earlier program's data into the folder that
// EARSHOT_UPGRADE_KEEP names: so the fixtures of the stores were made.
func (p *process) keep(database string) {
	dir := os.Getenv("EARSHOT_UPGRADE_KEEP")
	if dir == "" {
		return
	}
	script, args := `gzip -9n < "$1" > "$0/format.db.gz"`, []string{filepath.Join(p.data, "earshot.db")}
	if database != "" {
		script, args = `pg_dump --inserts --no-owner --no-privileges "$1" | grep -v '^\\' | gzip -9n > "$0/format.sql.gz"`, []string{database}
	}
	out, err := exec.Command("sh", append([]string{"-c", script, dir}, args...)...).CombinedOutput()
	p.must(err, string(out))
}
