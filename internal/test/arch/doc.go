// Package arch holds the import rules of this repository as a test: which
// package may know which, where a third-party module may be used, which imports
// the pure packages avoid, and that no package is unused. The rules are the
// tables in rules_test.go; each says why.
//
// It also holds the list of words that the documents do not use (words_test.go),
// and compares docs/architecture.md and the table of use cases in internal/app
// with the code.
//
// It reads the source files themselves and not a build, so that files for
// other systems and other build tags are covered too.
package arch
