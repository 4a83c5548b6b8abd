package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// vulnerability is one of the database that concerns a module of ours.
type vulnerability struct {
	id, summary   string
	module, fixed string // fixed is the version that has the fix, or ""
	called        string // a function that the program calls, or ""
}

func (v vulnerability) String() string {
	s := fmt.Sprintf("%s in %s: %s", v.id, v.module, v.summary)
	if v.called != "" {
		s += " (" + v.called + ")"
	}
	if v.fixed != "" {
		s += ", fixed in " + v.fixed
	}
	return s
}

// message is one of the stream of objects that `govulncheck -format json`
// prints; those that are not read here are left out.
// See https://pkg.go.dev/golang.org/x/vuln/internal/govulncheck#Message
type message struct {
	Config *struct {
		Scanner string `json:"scanner_name"`
		Level   string `json:"scan_level"`
	}
	OSV     *struct{ ID, Summary string }
	Finding *struct {
		OSV          string
		FixedVersion string `json:"fixed_version"`
		// Trace goes from the vulnerable code to ours. Only one with a function in
		// its first frame is about code that the program calls.
		Trace []struct{ Module, Package, Function, Receiver string }
	}
}

// readFound reads govulncheck's findings, one for each vulnerability, by id.
// Other input is an error: "nothing found" must mean that it looked.
func readFound(in io.Reader) ([]vulnerability, error) {
	summaries, found := map[string]string{}, map[string]vulnerability{}
	looked := false
	for d := json.NewDecoder(in); ; {
		var m message
		switch err := d.Decode(&m); {
		case errors.Is(err, io.EOF) && looked:
			return inOrder(found, summaries), nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("that is not the JSON of a govulncheck that looked at functions")
		case err != nil:
			return nil, fmt.Errorf("reading the findings of govulncheck: %w", err)
		case m.Config != nil:
			looked = m.Config.Scanner == "govulncheck" && m.Config.Level == "symbol"
		case m.OSV != nil:
			summaries[m.OSV.ID] = m.OSV.Summary
		case m.Finding != nil && len(m.Finding.Trace) > 0:
			at := m.Finding.Trace[0]
			v := found[m.Finding.OSV]
			v.id, v.module, v.fixed = m.Finding.OSV, at.Module, m.Finding.FixedVersion
			if at.Function != "" && v.called == "" {
				v.called = name(at.Package, at.Receiver, at.Function)
			}
			found[v.id] = v
		}
	}
}

// name is like net/url.Parse or net/http.(*Client).Do.
func name(pkg, receiver, function string) string {
	if strings.HasPrefix(receiver, "*") {
		receiver = "(" + receiver + ")"
	}
	if receiver != "" {
		function = receiver + "." + function
	}
	return pkg + "." + function
}

func inOrder(found map[string]vulnerability, summaries map[string]string) (out []vulnerability) {
	for _, id := range sorted(found) {
		v := found[id]
		v.summary = summaries[id]
		out = append(out, v)
	}
	return out
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
