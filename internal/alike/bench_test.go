package alike_test

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
	"earshot/internal/test/crowds"
)

// BenchmarkSuggest compares 20,000 reports of one outage.
func BenchmarkSuggest(b *testing.B) {
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	d := crowds.New(11)
	var reports []alike.Report
	for n, p := range d.Outage(crowds.Internet, 20_000, now.Add(-time.Hour), time.Hour) {
		reports = append(reports, alike.Report{Issue: desk.IssueID(fmt.Sprint(n)), Person: desk.ActorID(p.Person), At: p.At, Text: p.Text, Tags: p.Tags, Language: p.Language})
	}
	known := alike.Known{Now: now, Since: now.Add(-24 * time.Hour), Names: []string{"acme"}, Calls: []string{"fail"}}
	for b.Loop() {
		alike.Suggest(reports, known)
	}
}
