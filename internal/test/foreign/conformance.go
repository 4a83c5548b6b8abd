package foreign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// conformanceTime bounds a run; each of its cases has 10 s of its own and takes milliseconds.
const conformanceTime = 2 * time.Minute

// An Outcome is a verdict in the words of EARL 1.0.
type Outcome string

// The verdicts. CantTell is not a pass: the case found something it did not expect.
const (
	Passed       Outcome = "passed"
	Failed       Outcome = "failed"
	Inapplicable Outcome = "inapplicable"
	CantTell     Outcome = "cantTell"
)

// A Case is one case of activitypub-testing and its verdict.
type Case struct {
	Slug    string
	Name    string
	Outcome Outcome
	Info    string
}

// A Report is one run of activitypub-testing.
type Report struct {
	Cases   []Case   // by slug
	Skipped []string // slugs of cases the tool has but did not run: the actor lacks the tested part, e.g. a usable outbox
}

// Bad lists the cases that neither passed nor were inapplicable.
func (r Report) Bad() []Case {
	return slices.DeleteFunc(slices.Clone(r.Cases), func(c Case) bool { return c.Outcome == Passed || c.Outcome == Inapplicable })
}

// Count is the number of cases with an outcome.
func (r Report) Count(outcome Outcome) int {
	n := 0
	for _, c := range r.Cases {
		if c.Outcome == outcome {
			n++
		}
	}
	return n
}

// String is a table for the log.
func (r Report) String() string {
	var b strings.Builder
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "%-12s %s", c.Outcome, c.Slug)
		if c.Outcome != Passed && c.Info != "" {
			fmt.Fprintf(&b, " (%s)", c.Info)
		}
		b.WriteByte('\n')
	}
	for _, slug := range r.Skipped {
		fmt.Fprintf(&b, "%-12s %s\n", "not run", slug)
	}
	return b.String()
}

// RunConformance runs every case of npm activitypub-testing that takes an actor against one. Its client-to-server cases
// POST to the outbox and read "inapplicable" if that is answered with 405.
func RunConformance(t testing.TB, actor string) Report {
	t.Helper()
	where := need(t)
	ctx, cancel := context.WithTimeout(t.Context(), conformanceTime)
	defer cancel()

	output, err := where.activitypubTesting(ctx, "test", "actor", actor)
	if err != nil {
		t.Fatalf("run activitypub-testing against %s: %v", actor, err)
	}
	report, err := parseReport(output)
	if err != nil {
		t.Fatalf("read the report of activitypub-testing on %s: %v", actor, err)
	}
	output, err = where.activitypubTesting(ctx, "get", "tests", "--output=json")
	if err != nil {
		t.Fatalf("list the cases of activitypub-testing: %v", err)
	}
	if report.Skipped, err = notRun(output, report.Cases); err != nil {
		t.Fatalf("list the cases of activitypub-testing: %v", err)
	}
	return report
}

func (i installation) activitypubTesting(ctx context.Context, args ...string) ([]byte, error) {
	tool := filepath.Join(i.modules, "node_modules", "activitypub-testing", "src", "cli.js")
	cmd := exec.CommandContext(ctx, i.node, append([]string{tool}, args...)...)
	cmd.WaitDelay = stopTime
	var stderr tail
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, &stderr)
	}
	return output, nil
}

// parseReport reads the tool's assertions, one JSON object after the other.
func parseReport(output []byte) (Report, error) {
	var report Report
	assertions := json.NewDecoder(bytes.NewReader(output))
	for {
		var a struct {
			Result struct {
				Outcome Outcome
				Info    string
			}
			Test struct{ Slug, Name string }
		}
		err := assertions.Decode(&a)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Report{}, fmt.Errorf("decode assertion %d: %w", len(report.Cases)+1, err)
		}
		if a.Test.Slug == "" || a.Result.Outcome == "" {
			return Report{}, fmt.Errorf("assertion %d has no case or no outcome", len(report.Cases)+1)
		}
		report.Cases = append(report.Cases, Case{Slug: a.Test.Slug, Name: a.Test.Name, Outcome: a.Result.Outcome, Info: a.Result.Info})
	}
	if len(report.Cases) == 0 {
		return Report{}, errors.New("there are no assertions")
	}
	slices.SortFunc(report.Cases, func(a, b Case) int { return strings.Compare(a.Slug, b.Slug) })
	return report, nil
}

func notRun(catalogue []byte, ran []Case) ([]string, error) {
	var tests struct{ Items []struct{ Slug string } }
	if err := json.Unmarshal(catalogue, &tests); err != nil {
		return nil, fmt.Errorf("decode the catalogue: %w", err)
	}
	var slugs []string
	for _, item := range tests.Items {
		if !slices.ContainsFunc(ran, func(c Case) bool { return c.Slug == item.Slug }) {
			slugs = append(slugs, item.Slug)
		}
	}
	slices.Sort(slugs)
	return slugs, nil
}
