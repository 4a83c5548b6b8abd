package inbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"earshot/internal/test/corpus"
)

// TestCorpus reads every payload of the corpus and compares what the inbox makes
// of it with testdata/corpus, a file for each platform and a block for each
// payload. Those files were checked by hand against the payloads: what -update
// writes is to be read the same way. They hold ids and facts, no words of others.
// With -v it says how much of each platform is understood.
func TestCorpus(t *testing.T) {
	read := map[string]*bytes.Buffer{}
	for _, p := range corpus.Payloads(t) {
		out := read[p.Platform]
		if out == nil {
			out = &bytes.Buffer{}
			read[p.Platform] = out
		}
		b := readPayload(p, p.Read(t))
		if b.why == "" && b.state != understood {
			t.Errorf("%s/%s is %s: say why", p.Platform, p.File, b.state)
		}
		for _, words := range wordsIn(t, p.Read(t)) {
			if strings.Contains(b.String(), words) {
				t.Errorf("%s/%s: a person's words would be stored: %q", p.Platform, p.File, words)
			}
		}
		fmt.Fprintf(out, "%s\n", b)
	}
	for platform, got := range read {
		t.Run(platform, func(t *testing.T) { compare(t, goldenOf(platform), got.Bytes()) })
	}
	for _, platform := range platforms(t) {
		if read[platform] == nil {
			t.Errorf("%s: the corpus has no such platform any more", goldenOf(platform))
		}
	}
}

// wordsIn lists what people wrote in a payload, and what they are called.
func wordsIn(t *testing.T, raw []byte) []string {
	t.Helper()
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var words []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			of, _ := v["type"].(string)
			for key, item := range v {
				s, _ := item.(string)
				text := key == "content" || key == "summary" || key == "name" && of == "Note"
				person := key == "name" && (of == "Person" || of == "Group" || of == "Organization")
				if text && len(s) > 10 || person && len(s) > 3 {
					words = append(words, s)
				}
				walk(item)
			}
		}
	}
	walk(doc)
	return words
}

// compare holds got against a golden file, block by block.
func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, after := blocks(want), blocks(got)
	for name, block := range after {
		if before[name] != block {
			t.Errorf("%s: got\n%s\nwant\n%s", name, block, before[name])
		}
	}
	for name := range before {
		if after[name] == "" {
			t.Errorf("%s: the corpus has no such payload any more", name)
		}
	}
}

// blocks cuts a golden file at its empty lines; a block begins with its name.
func blocks(file []byte) map[string]string {
	all := map[string]string{}
	for block := range strings.SplitSeq(strings.TrimSpace(string(file)), "\n\n") {
		name, _, _ := strings.Cut(block, ":")
		all[name] = strings.TrimSpace(block)
	}
	return all
}

func goldenOf(platform string) string {
	return filepath.Join("testdata", "corpus", platform+".txt")
}

// platforms lists the golden files.
func platforms(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(goldenOf("*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".txt"))
	}
	return names
}

// The table in docs/compatibility.md says what the golden files say. It needs no
// corpus.
func TestCorpusTable(t *testing.T) {
	const doc, begin, end = "../../docs/compatibility.md", "<!-- corpus -->\n", "<!-- /corpus -->\n"
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(text), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no place for the table", doc)
	}
	var rows []count
	for _, platform := range platforms(t) {
		golden, err := os.ReadFile(goldenOf(platform))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, countOf(platform, golden))
	}
	if testing.Verbose() {
		printCounts(os.Stdout, rows)
	}
	table := markdown(rows)
	if *update {
		if err := os.WriteFile(doc, []byte(head+begin+table+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if old != table {
		t.Errorf("the table in %s is not of these golden files; -update writes it:\n%s", doc, table)
	}
}

// count is a platform's line in the listing.
type count struct {
	platform string
	files    int
	states   map[state]int
	why      map[state][]string // each reason once
}

func countOf(platform string, golden []byte) count {
	c := count{platform, 0, map[state]int{}, map[state][]string{}}
	all := blocks(golden)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		line, _, _ := strings.Cut(strings.TrimPrefix(all[name], name+": "), "\n")
		s, why, _ := strings.Cut(line, ": ")
		c.files++
		c.states[state(s)]++
		if why != "" && !slices.Contains(c.why[state(s)], why) {
			c.why[state(s)] = append(c.why[state(s)], why)
		}
	}
	return c
}

// parsed are those that could be read, whatever came of them.
func (c count) parsed() int { return c.files - c.states[unreadable] - c.states[unread] }

func (c count) ignored() int { return c.states[ignored] + c.states[unread] }

func (c count) refused() int { return c.states[refused] + c.states[unreadable] }

func (c count) reasons() []string {
	return slices.Concat(c.why[ignored], c.why[unread], c.why[refused], c.why[unreadable])
}

func total(rows []count) count {
	sum := count{platform: "all", states: map[state]int{}}
	for _, c := range rows {
		sum.files += c.files
		for s, n := range c.states {
			sum.states[s] += n
		}
	}
	return sum
}

func markdown(rows []count) string {
	var b strings.Builder
	b.WriteString("| platform | payloads | parsed | understood | ignored | refused | why ignored or refused |\n|---|---|---|---|---|---|---|\n")
	for _, c := range append(rows, total(rows)) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %s |\n", c.platform, c.files, c.parsed(), c.states[understood],
			c.ignored(), c.refused(), strings.Join(c.reasons(), "; "))
	}
	return b.String()
}

func printCounts(w io.Writer, rows []count) {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "platform\tpayloads\tparsed\tunderstood\tignored\trefused\twhy ignored or refused")
	for _, c := range append(rows, total(rows)) {
		fmt.Fprintf(tab, "%s\t%d\t%d\t%d\t%d\t%d\t%s\n", c.platform, c.files, c.parsed(), c.states[understood],
			c.ignored(), c.refused(), strings.Join(c.reasons(), "; "))
	}
	tab.Flush()
}
