package browser

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/internal/test/npm"
)

//go:embed npm/package.json npm/package-lock.json npm/.npmrc
var packages embed.FS

// Finding is one thing that axe-core has against a page.
type Finding struct {
	Rule   string   `json:"id"`
	Impact string   `json:"impact"` // minor, moderate, serious or critical
	Help   string   `json:"help"`
	Where  []string `json:"where"` // the elements
}

// Serious says whether it keeps a person from using the page.
func (f Finding) Serious() bool { return f.Impact == "serious" || f.Impact == "critical" }

func (f Finding) String() string {
	return fmt.Sprintf("%s (%s): %s at %s", f.Rule, f.Impact, f.Help, strings.Join(f.Where, "; "))
}

// Axe is axe-core's own text.
type Axe string

// LoadAxe installs axe-core, the first time, and reads it.
func LoadAxe(t testing.TB) Axe {
	t.Helper()
	find(t)
	text, err := readAxe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return Axe(text)
}

func readAxe(ctx context.Context) ([]byte, error) {
	files, err := fs.Sub(packages, "npm")
	if err != nil {
		return nil, err
	}
	dir, err := npm.Packages{Name: "browser", Files: files, Off: "EARSHOT_BROWSER=off"}.Install(ctx)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
}

// report is the script that runs axe-core; %s are its rules.
const report = `axe.run(document, {resultTypes: ["violations"], runOnly: %s})
	.then(r => r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, where: v.nodes.map(n => n.target.join(" ") + " " + n.html.slice(0, 120) + " " + (n.any[0] ? n.any[0].message : ""))})))`

// The rules that axe-core checks: WCAG 2.2 A and AA, and good practice.
const everything = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// colours are what a colour scheme alone can change.
const colours = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`

// Check returns what axe-core finds on the page that the tab shows, as it is
// looked at now.
func (a Axe) Check(tab *Tab) []Finding { tab.t.Helper(); return a.check(tab, everything) }

// CheckColours is Check for the colours only, and quicker.
func (a Axe) CheckColours(tab *Tab) []Finding { tab.t.Helper(); return a.check(tab, colours) }

func (a Axe) check(tab *Tab, rules string) []Finding {
	tab.t.Helper()
	if !Eval[bool](tab, `!!window.axe`) {
		Eval[any](tab, string(a)+"; true")
	}
	return Eval[[]Finding](tab, fmt.Sprintf(report, rules))
}
