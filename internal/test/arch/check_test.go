package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// matches says whether a package, or an import path, is what a pattern names.
func matches(pattern, p string) bool {
	if pattern == "..." {
		return true
	}
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == above || strings.HasPrefix(p, above+"/")
	}
	return p == pattern
}

func matchesAny(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, p) })
}

// short names an import: ours by its folder, others by their path.
func short(importPath string) string {
	if p, ok := ours(importPath); ok {
		return p
	}
	return importPath
}

// check returns the broken rules, in the order of the files.
func check(files []file) []string {
	var found []string
	report := func(f file, line int, format string, args ...any) {
		found = append(found, fmt.Sprintf("%s:%d: %s", f.name, line, fmt.Sprintf(format, args...)))
	}
	for _, f := range files {
		for _, i := range f.imports {
			checkImport(f, i, report)
		}
		for _, u := range f.uses {
			checkUse(f, u, report)
		}
		for _, u := range f.methods {
			checkMethod(f, u, report)
		}
	}
	return append(found, orphans(files)...)
}

type reporter func(f file, line int, format string, args ...any)

func checkImport(f file, i imported, report reporter) {
	p := short(i.path)
	_, isOurs := ours(i.path)
	if !f.test {
		for _, r := range only {
			if isOurs && matches(r.of, f.pkg) && !matchesAny(r.allowed, p) {
				report(f, i.line, "%s must not import %s: %s", f.pkg, p, r.why)
			}
		}
		if matchesAny(pure, f.pkg) && matchesAny(impure, p) {
			report(f, i.line, "%s is pure and must not import %s", f.pkg, p)
		}
		for _, r := range never {
			if matches(r.of, f.pkg) && matchesAny(r.forbidden, p) {
				report(f, i.line, "%s must not import %s: %s", f.pkg, p, r.why)
			}
		}
	}
	for _, r := range confined {
		if !matches(r.what, p) {
			continue
		}
		if !matchesAny(r.to, f.pkg) && (!r.tests || !f.test) && p != f.pkg {
			report(f, i.line, "%s must not import %s: %s", f.pkg, p, r.why)
		}
		break // the first that names it decides
	}
}

func checkUse(f file, u use, report reporter) {
	if u.path == "time" && !f.test && matchesAny(pure, f.pkg) && (u.name == "." || slices.Contains(timely, u.name)) {
		report(f, u.line, "%s is pure and must not use time.%s", f.pkg, u.name)
	}
	for _, r := range calls {
		if r.of != u.path || u.name != "." && !slices.Contains(r.names, u.name) {
			continue
		}
		excused := f.test && (r.tests || r.under != "" && f.has(r.under))
		if !matchesAny(r.to, f.pkg) && !matchesAny(r.to, f.name) && !excused {
			report(f, u.line, "%s must not use %s.%s: %s", f.pkg, path.Base(u.path), u.name, r.why)
		}
	}
}

func checkMethod(f file, u use, report reporter) {
	for _, r := range methods {
		if !f.test && matches(r.of, f.pkg) && slices.Contains(r.names, u.name) {
			report(f, u.line, "%s must not use a method %s: %s", f.pkg, u.name, r.why)
		}
	}
}

// orphans reports packages that nobody but tests imports: an empty room is
// clutter, an unused one too.
func orphans(files []file) []string {
	wanted := map[string]bool{}
	for _, f := range files {
		for _, i := range f.imports {
			if p, ok := ours(i.path); ok && !f.test && p != f.pkg {
				wanted[p] = true
			}
		}
	}
	var found []string
	seen := map[string]bool{}
	for _, f := range files {
		if f.test || f.main || seen[f.pkg] || wanted[f.pkg] {
			continue
		}
		seen[f.pkg] = true
		found = append(found, fmt.Sprintf("%s: nobody but tests imports this package", f.pkg))
	}
	slices.Sort(found)
	return found
}
