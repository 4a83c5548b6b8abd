package arch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is a git repository with the script in it, which reads no
// configuration of this machine.
type repository struct {
	t    *testing.T
	root string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	for _, program := range []string{"git", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	r := repository{t, t.TempDir()}
	script, err := os.ReadFile(filepath.Join("..", "..", "..", "scripts", "subjects.sh"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(r.root, "scripts"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.root, "scripts", "subjects.sh"), script, 0o755); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r repository) run(program string, args ...string) (string, error) {
	cmd := exec.CommandContext(r.t.Context(), program, args...)
	cmd.Dir = r.root
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.root, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + filepath.Dir(r.root),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@a.example", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@a.example"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (r repository) git(args ...string) {
	r.t.Helper()
	if out, err := r.run("git", args...); err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (r repository) commit(subject string) {
	r.t.Helper()
	r.git("commit", "-q", "--allow-empty", "-m", subject)
}

// begin makes a commit before the rule, and the one that brings it.
func (r repository) begin() {
	r.t.Helper()
	r.git("init", "-q", "-b", "main")
	r.commit("Before the rule there were other subjects, and some were much longer than they should have been")
	r.git("add", ".")
	r.commit("make: check subjects")
}

// check runs the script. fails says whether it must fail, and want is a part of its output.
func (r repository) check(fails bool, want string, args ...string) {
	r.t.Helper()
	out, err := r.run("bash", append([]string{"scripts/subjects.sh"}, args...)...)
	if (err != nil) != fails || !strings.Contains(out, want) {
		r.t.Errorf("%v: it said %q, wanted %q", err, out, want)
	}
}

func TestSubjects(t *testing.T) {
	r := newRepository(t)
	r.begin()
	for _, c := range []struct{ name, subject, want string }{
		{"an imperative", "inbox: refuse long bodies", ""},
		{"a folder", "federation/inbox: process deletions first", ""},
		{"72 characters", "docs: " + strings.Repeat("ä", 66), ""},
		{"73 characters", "docs: " + strings.Repeat("ä", 67), "73 characters"},
		{"no area", "Refuse long bodies", "no `area: `"},
		{"two words before the colon", "the inbox: refuse", "no `area: `"},
		{"a capital letter", "inbox: Refuse long bodies", "lower case"},
		{"a full stop", "inbox: refuse long bodies.", "full stop"},
		{"an article", "docs: the changelog is grouped", `"the" is no imperative`},
		{"the past", "docs: added a page", `"added" is no imperative`},
		{"what it does", "docs: adds a page", `"adds" is no imperative`},
		{"a gerund", "docs: adding a page", `"adding" is no imperative`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := repository{t, r.root}
			r.commit(c.subject)
			if c.want == "" {
				r.check(false, "subjects: checked 1", "HEAD~1")
				return
			}
			r.check(true, c.want, "HEAD~1")
		})
	}
}

// Merges count, what a base has does not, and of a long history the last 50.
func TestSubjectsRange(t *testing.T) {
	r := newRepository(t)
	r.begin()
	r.git("checkout", "-q", "-b", "side")
	r.git("commit", "-q", "--allow-empty", "--date", "2001-01-01T00:00:00Z", "-m", "Written before the rule, merged after it")
	r.commit("docs: name the rule")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side")
	r.check(true, "Merge branch 'side'")
	r.git("tag", "base")
	r.commit("docs: go on")
	r.check(false, "subjects: checked 1", "base")
	r.check(true, "", "no-such-commit")
	for range 49 {
		r.commit("docs: go on")
	}
	r.check(false, "subjects: checked 50")
}

// A clone without its history, and an archive, have nothing to check.
func TestSubjectsWithoutHistory(t *testing.T) {
	archive := newRepository(t)
	archive.check(false, "skipped, no history")

	r := newRepository(t)
	r.begin()
	r.commit("Wrong")
	clone := repository{t, filepath.Join(r.root, "clone")}
	r.git("clone", "-q", "--depth", "1", "file://"+r.root, clone.root)
	clone.check(false, "skipped, the history is shallow")

	inside := newRepository(t)
	inside.git("init", "-q")
	inside.check(false, "skipped, no history")
	inside.commit("Before the rule")
	inside.check(false, "skipped, the rule is in no commit yet")
}
