package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	config = `{"config": {"protocol_version": "v1.0.0", "scanner_name": "govulncheck", "scan_level": "symbol"}}
{"progress": {"message": "Fetching vulnerabilities from the database..."}}
`
	entry = `{"osv": {"schema_version": "1.3.1", "id": "GO-2026-0001", "summary": "Endless loop in example.org/m"}}
`
	required = `{"finding": {"osv": "GO-2026-0001", "fixed_version": "v1.2.4", "trace": [{"module": "example.org/m", "version": "v1.2.3"}]}}
`
	imported = `{"finding": {"osv": "GO-2026-0001", "fixed_version": "v1.2.4", "trace": [{"module": "example.org/m", "version": "v1.2.3", "package": "example.org/m/p"}]}}
`
	called = `{"finding": {"osv": "GO-2026-0001", "fixed_version": "v1.2.4", "trace": [
 {"module": "example.org/m", "version": "v1.2.3", "package": "example.org/m/p", "function": "Read", "receiver": "*T", "position": {"line": 1}},
 {"module": "earshot", "package": "earshot/cmd/earshot", "function": "main"}]}}
`
	other = `{"finding": {"osv": "GO-2026-0002", "trace": [{"module": "stdlib", "version": "v1.26.0", "package": "net/url", "function": "Parse"}]}}
`
	reason = "GO-2026-0001 only our own files are read by it\n"
)

func try(t *testing.T, in, allow string) (bool, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "allow")
	if err := os.WriteFile(path, []byte(allow), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ok, err := run(strings.NewReader(in), &out, path)
	return ok, out.String(), err
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		in, allow string
		ok        bool
		says      string
	}{
		"nothing found":                 {config, "", true, "0 known vulnerabilities"},
		"required only":                 {config + entry + required, "", true, "not called  GO-2026-0001 in example.org/m: Endless loop"},
		"imported only":                 {config + entry + required + imported, "", true, "not called  GO-2026-0001"},
		"called":                        {config + entry + required + imported + called, "", false, "CALLED      GO-2026-0001 in example.org/m: Endless loop in example.org/m (example.org/m/p.(*T).Read), fixed in v1.2.4"},
		"called, said first":            {config + entry + called + imported + required, "", false, "CALLED      GO-2026-0001"},
		"called and allowed":            {config + entry + called, reason, true, "allowed     GO-2026-0001"},
		"its reason is told":            {config + entry + called, reason, true, ": only our own files are read by it"},
		"another one is allowed":        {config + entry + called + other, reason, false, "CALLED      GO-2026-0002 in stdlib"},
		"allowed, not found":            {config, reason, false, "NOT NEEDED  GO-2026-0001"},
		"allowed, not called":           {config + entry + imported, reason, false, "NOT NEEDED  GO-2026-0001"},
		"rows for people are passed by": {config + entry + called, "# why\n\n" + reason, true, "allowed"},
	} {
		ok, out, err := try(t, c.in, c.allow)
		if err != nil || ok != c.ok || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v, %v, want %v and %q in\n%s", name, ok, err, c.ok, c.says, out)
		}
	}
}

// A report that cannot be read never counts as "nothing found".
func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct{ in, allow, want string }{
		"no output":         {"", "", "not the JSON of a govulncheck"},
		"cut off":           {config + called[:40], "", "unexpected EOF"},
		"text":              {"No vulnerabilities found.", "", "reading the findings of govulncheck"},
		"not to functions":  {strings.Replace(config, "symbol", "module", 1), "", "that looked at functions"},
		"another scanner":   {strings.Replace(config, `"govulncheck"`, `"x"`, 1), "", "not the JSON of a govulncheck"},
		"no reason":         {config, "GO-2026-0001\n", "line 1: GO-2026-0001 needs a reason"},
		"a lazy reason":     {config, "# x\nGO-2026-0001 ok\n", "line 2: GO-2026-0001 needs a reason"},
		"twice":             {config, reason + reason, "line 2: GO-2026-0001 is there twice"},
		"no id":             {config, "all of them, because we are in a hurry\n", `"all" is no id`},
		"another data base": {config, "CVE-2026-0001 that is no id of this database\n", "is no id"},
	} {
		if ok, _, err := try(t, c.in, c.allow); err == nil || ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, ok, err, c.want)
		}
	}
	if _, err := run(strings.NewReader(config), &bytes.Buffer{}, filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a list that is missing was taken for an empty one")
	}
}

// The list that `make vulncheck` reads is well-formed.
func TestOwnList(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "..", "scripts", "vulncheck.allow"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := readAllowed(f); err != nil {
		t.Error(err)
	}
}
