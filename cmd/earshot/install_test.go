package main

import (
	"debug/buildinfo"
	goversion "go/version"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// checkout is the folder of the Makefile.
var checkout = filepath.Join("..", "..")

// makeIt runs make with variables, and returns its output.
func makeIt(t *testing.T, target string, variables ...string) (string, error) {
	t.Helper()
	c := exec.Command("make", append([]string{"-s", "-C", checkout, target}, variables...)...)
	out, err := c.CombinedOutput()
	return string(out), err
}

// madeBinary is the program as `make build` makes it.
func madeBinary(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("make"); err != nil || runtime.GOOS != "linux" {
		t.Skip("it needs make, on Linux")
	}
	binary := filepath.Join(t.TempDir(), "earshot")
	if out, err := makeIt(t, "build", "BINARY="+binary, "VERSION=1.2.3-test"); err != nil {
		t.Fatal(err, out)
	}
	return binary
}

func filesBelow(t *testing.T, root string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, strings.TrimPrefix(path, root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMakeInstall(t *testing.T) {
	binary := madeBinary(t)
	t.Run("it is as new as go.mod asks", func(t *testing.T) { checkToolchain(t, binary) })

	root := filepath.Join(t.TempDir(), "a root")
	vars := []string{"BINARY=" + binary, "DESTDIR=" + root, "PREFIX=/opt/earshot"}
	if out, err := makeIt(t, "install", vars...); err != nil {
		t.Fatal(err, out)
	}
	want := []string{
		"/opt/earshot/bin/earshot", "/opt/earshot/lib/systemd/system/earshot.service", "/opt/earshot/lib/systemd/system/earshot.socket", "/opt/earshot/share/bash-completion/completions/earshot",
		"/opt/earshot/share/fish/vendor_completions.d/earshot.fish", "/opt/earshot/share/man/man1/earshot.1", "/opt/earshot/share/zsh/site-functions/_earshot",
	}
	if got := filesBelow(t, root); !slices.Equal(got, want) {
		t.Errorf("installed:\n%q\nwant\n%q", got, want)
	}
	for name, has := range map[string]string{
		want[1]: "\nExecStart=/opt/earshot/bin/earshot serve\n", want[2]: "\nListenStream=127.0.0.1:8080\n", want[3]: completionScripts["bash"], want[4]: completionScripts["fish"],
		want[5]: `"earshot 1.2.3\-test"`, want[6]: completionScripts["zsh"],
	} {
		if b, err := os.ReadFile(root + name); err != nil || !strings.Contains(string(b), has) {
			t.Errorf("%s: %q is missing (%v)", name, has, err)
		}
	}
	if out, err := exec.Command(root+want[0], "version").Output(); err != nil || !strings.HasPrefix(string(out), "earshot 1.2.3-test (") {
		t.Errorf("the installed program: %s, %v", out, err)
	}

	own := root + "/opt/earshot/share/man/man1/other.1"
	if err := os.WriteFile(own, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := makeIt(t, "uninstall", vars[1:]...); err != nil {
		t.Fatal(err, out)
	}
	if got := filesBelow(t, root); !slices.Equal(got, []string{strings.TrimPrefix(own, root)}) {
		t.Errorf("left after uninstall, beside what others installed: %q", got)
	}
}

// checkToolchain fails when a binary was built by an older Go than the
// toolchain line of go.mod names: the fixes of the standard library would be
// missing in it. A go command with GOTOOLCHAIN=local ignores that line.
func checkToolchain(t *testing.T, binary string) {
	mod, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^toolchain (go\S+)$`).FindSubmatch(mod)
	if line == nil {
		t.Fatal("go.mod has no toolchain line")
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if needed := string(line[1]); !goversion.IsValid(info.GoVersion) || goversion.Compare(info.GoVersion, needed) < 0 {
		t.Errorf("the binary was built with %s, and go.mod asks for %s: build with make, which sets GOTOOLCHAIN", info.GoVersion, needed)
	}
}

func TestMakeInstallRefuses(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "earshot")
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("it needs make")
	}
	if out, err := makeIt(t, "install", "BINARY="+binary, "DESTDIR="+t.TempDir()); err == nil || !strings.Contains(out, "run make build first") {
		t.Errorf("without a binary: %v, %s", err, out)
	}
	if out, err := makeIt(t, "uninstall", "DESTDIR="+t.TempDir(), "PREFIX=usr"); err == nil || !strings.Contains(out, "absolute path") {
		t.Errorf("with a relative PREFIX: %v, %s", err, out)
	}
}
