package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// modules is such a list as cyclonedx-gomod writes, shortened.
const modules = `{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "metadata": {"tools": [{"name": "cyclonedx-gomod", "version": "v1", "hashes": [{"alg": "MD5", "content": "00"}]}],
  "component": {"bom-ref": "pkg:golang/x@1", "name": "x"}},
 "components": [{"bom-ref": "pkg:golang/y@2", "hashes": [{"alg": "SHA-256", "content": "11"}]}],
 "dependencies": [{"ref": "pkg:golang/y@2"}, {"ref": "pkg:golang/x@1", "dependsOn": ["pkg:golang/y@2"]}]}`

func lockOf(sum string) string {
	return fmt.Sprintf(`{"packages": {"": {"version": "0"}, "node_modules/@a/b": {"version": "3", "integrity": %q, "license": "MIT"}}}`, sum)
}

var sum = bytes.Repeat([]byte{7}, 64)

func complain(in, lock string) error {
	var list object
	if err := json.Unmarshal([]byte(in), &list); err != nil {
		return err
	}
	packages, err := readLock([]byte(lock))
	if err != nil {
		return err
	}
	return complete(list, packages, time.Unix(0, 0))
}

func TestComplete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "package-lock.json")
	if err := os.WriteFile(path, []byte(lockOf("sha512-"+base64.StdEncoding.EncodeToString(sum))), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(strings.NewReader(modules), &out, path, time.Unix(1772323200, 0)); err != nil {
		t.Fatal(err)
	}
	var got, want object
	b := `{"bom-ref": "pkg:npm/%40a/b@3", "type": "library", "name": "@a/b", "version": "3", "scope": "required", "purl": "pkg:npm/%40a/b@3",
	  "hashes": [{"alg": "SHA-512", "content": "` + hex.EncodeToString(sum) + `"}], "licenses": [{"license": {"name": "MIT"}}]}`
	if err := json.Unmarshal([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.6",
	 "metadata": {"timestamp": "2026-03-01T00:00:00Z", "tools": [{"name": "cyclonedx-gomod", "version": "v1"}], "component": {"bom-ref": "pkg:golang/x@1", "name": "x"}},
	 "components": [{"bom-ref": "pkg:golang/y@2", "hashes": [{"alg": "SHA-256", "content": "11"}]}, `+b+`],
	 "dependencies": [{"ref": "pkg:golang/y@2"}, {"ref": "pkg:golang/x@1", "dependsOn": ["pkg:golang/y@2", "pkg:npm/%40a/b@3"]}, {"ref": "pkg:npm/%40a/b@3"}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRefuses(t *testing.T) {
	good := lockOf("sha512-" + base64.StdEncoding.EncodeToString(sum))
	for name, c := range map[string]struct{ in, lock, want string }{
		"another form":     {`{"spdxVersion": "2.3"}`, good, "no CycloneDX"},
		"no dependencies":  {strings.Replace(modules, `"ref": "pkg:golang/x@1"`, `"ref": "z"`, 1), good, "what the program needs"},
		"a short checksum": {modules, lockOf("sha512-AAAA"), "no SHA-512 of @a/b"},
		"no checksum":      {modules, lockOf(""), "no SHA-512 of @a/b"},
		"no lock":          {modules, "", "lock file"},
	} {
		if err := complain(c.in, c.lock); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// The list can be made from the files that the console really embeds.
func TestOwnLock(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "console", "npm", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	packages, err := readLock(raw)
	var names []string
	for _, p := range packages {
		names = append(names, fmt.Sprint(p["name"]))
	}
	if err != nil || !slices.Equal(names, []string{"@fontsource-variable/figtree", "htmx.org"}) {
		t.Errorf("%v, %v", names, err)
	}
}
