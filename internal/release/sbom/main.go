// Command sbom completes a CycloneDX list of a program's Go modules, which it
// reads on standard input: it adds the packages that npm brought into the
// program, and the time, and takes out the parts that differ between machines.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	lock := flag.String("lock", "", "the package-lock.json of the embedded library")
	seconds := flag.Int64("time", 0, "when the sources were made, in seconds since 1970")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *lock, time.Unix(*seconds, 0)); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// object is a JSON object of which most is passed on as it is.
type object = map[string]any

func run(in io.Reader, out io.Writer, lock string, made time.Time) error {
	var list object
	if err := json.NewDecoder(in).Decode(&list); err != nil {
		return fmt.Errorf("reading the list of modules: %w", err)
	}
	raw, err := os.ReadFile(lock)
	if err != nil {
		return err
	}
	packages, err := readLock(raw)
	if err != nil {
		return err
	}
	if err := complete(list, packages, made); err != nil {
		return err
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

// complete changes a list in place.
func complete(list object, packages []object, made time.Time) error {
	metadata, _ := list["metadata"].(object)
	program, _ := metadata["component"].(object)
	if list["bomFormat"] != "CycloneDX" || program["bom-ref"] == nil {
		return errors.New("that is no CycloneDX list of a program")
	}
	metadata["timestamp"] = made.UTC().Format(time.RFC3339)
	dropHashes(metadata)
	components, _ := list["components"].([]any)
	for _, p := range packages {
		components = append(components, p)
	}
	list["components"] = components
	return depend(list, program["bom-ref"], packages)
}

// dropHashes takes out those of the tool that made the list: they are of a
// binary that each machine builds for itself.
func dropHashes(metadata object) {
	tools, _ := metadata["tools"].([]any)
	for _, t := range tools {
		if tool, ok := t.(object); ok {
			delete(tool, "hashes")
		}
	}
}

// depend notes that the program needs the packages.
func depend(list object, program any, packages []object) error {
	all, _ := list["dependencies"].([]any)
	at := slices.IndexFunc(all, func(d any) bool { o, ok := d.(object); return ok && o["ref"] == program })
	if at < 0 {
		return errors.New("the list does not say what the program needs")
	}
	entry, _ := all[at].(object)
	needs, _ := entry["dependsOn"].([]any)
	for _, p := range packages {
		needs = append(needs, p["bom-ref"])
		all = append(all, object{"ref": p["bom-ref"]})
	}
	entry["dependsOn"], list["dependencies"] = needs, all
	return nil
}

// readLock returns the packages of a package-lock.json as components.
func readLock(raw []byte) ([]object, error) {
	var lock struct {
		Packages map[string]struct{ Version, Integrity, License string }
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		return nil, fmt.Errorf("reading the lock file of npm: %w", err)
	}
	var out []object
	for path, p := range lock.Packages {
		_, name, ok := strings.Cut(path, "node_modules/")
		if !ok { // the package that needs the others
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Integrity, "sha512-"))
		if err != nil || len(sum) != 64 {
			return nil, fmt.Errorf("the lock file of npm has no SHA-512 of %s", name)
		}
		purl := "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version
		out = append(out, object{"bom-ref": purl, "type": "library", "name": name, "version": p.Version, "scope": "required", "purl": purl,
			"hashes": []any{object{"alg": "SHA-512", "content": hex.EncodeToString(sum)}}, "licenses": []any{object{"license": object{"name": p.License}}}})
	}
	slices.SortFunc(out, func(a, b object) int { return strings.Compare(fmt.Sprint(a["purl"]), fmt.Sprint(b["purl"])) })
	return out, nil
}
