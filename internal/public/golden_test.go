package public

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden pages")

// changing are the parts that differ from run to run: ids, and the style's
// checksum.
var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16}-style|earshot-[a-z2-7]{16}`)

// preload is missing in a build without the font.
var preload = regexp.MustCompile(`<link rel="preload"[^\n]*\n`)

// If you change a page or a text, see the result here: go test
// ./internal/public -run Golden -update
func TestGoldenPages(t *testing.T) {
	p, _, pages := exhibition(t)
	for _, page := range pages {
		if page.Steps != nil {
			continue // a browser does them
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, page.Path, nil)
		w := p.ask(r)
		got := changing.ReplaceAllString(preload.ReplaceAllString(w.Body.String(), ""), "CHANGING")
		file := filepath.Join("testdata", "golden", page.Name+".html")
		if *update {
			check(t, os.MkdirAll(filepath.Dir(file), 0o755))
			check(t, os.WriteFile(file, []byte(got), 0o644))
			continue
		}
		want := string(must(os.ReadFile(file))(t))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s is another page now (-was +is):\n%s", page.Path, diff)
		}
	}
}
