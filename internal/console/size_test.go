package console

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// fill opens issues without their posts, from the n-th to the one before m, in
// every status, some of them Bo's, with as many words as a list shows.
func (r *room) fill(n, m int) {
	r.Helper()
	const portion = 1000
	for ; n < m; n += portion {
		check(r.T, r.app.Update(r.Context(), func(tx *app.Tx) error {
			for i := n; i < min(n+portion, m); i++ {
				opened := tx.Now.Add(-time.Duration(i) * time.Minute)
				issue := desk.Issue{ID: desk.IssueID(fmt.Sprintf("issue-%05d", i)), Desk: "help", Reporter: desk.ActorID(fmt.Sprintf("https://m.example/users/%d", i%500)),
					Report: desk.ObjectID(fmt.Sprintf("https://m.example/objects/%d", i)), Heard: desk.HeardMention, Why: "mentions @help", Invited: true,
					Excerpt: strings.Repeat("Телефон молчит. ", 12), Status: desk.Statuses()[i%len(desk.Statuses())], OpenedAt: opened, UpdatedAt: opened}
				if issue.Status.Category() == desk.CategoryOpen {
					issue.WaitingSince = opened
				}
				if i%3 == 0 {
					issue.Assignee = bo
				}
				if _, err := tx.Issues().Add(issue); err != nil {
					return err
				}
				name := strings.Repeat("Anna-Maria ", 6)
				if err := tx.Actors().Put(desk.Actor{ID: issue.Reporter, Acct: fmt.Sprintf("anna%d@m.example", i%500), Name: name, URL: string(issue.Reporter)}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// A list of ten thousand issues is as small as one of four hundred, and takes
// as little reading: allocated memory shows how much is read, on every machine
// alike.
func TestTenThousandIssues(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(bo)
	home := must(url.Parse(r.server.URL))(t)
	show := func(path string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		for _, c := range b.http.Jar.Cookies(home) {
			req.AddCookie(c)
		}
		w := httptest.NewRecorder()
		r.server.Config.Handler.ServeHTTP(w, req)
		return w
	}
	paths := []string{"/console/issues/issue-00000?view=open"}
	for _, v := range viewOrder {
		paths = append(paths, query{View: v}.List(), query{View: v, Desk: "help"}.List())
	}
	asked := func(path string) float64 { return testing.AllocsPerRun(1, func() { show(path) }) }
	few := map[string]float64{}
	r.fill(0, 400)
	for _, path := range paths {
		few[path] = asked(path)
	}
	r.fill(400, 10_000)
	for _, path := range paths {
		if many := asked(path); many > 2*few[path] {
			t.Errorf("%s: %.0f allocations with 10,000 issues, %.0f with 400", path, many, few[path])
		}
		page := show(path)
		if n := page.Body.Len(); page.Code != http.StatusOK || n > 200_000 {
			t.Errorf("%s answers %d with %d bytes", path, page.Code, n)
		}
	}
	// The pages lead to every issue once.
	seen := map[string]bool{}
	for path := (query{View: viewMine}).List(); path != ""; {
		body := show(path).Body.String()
		lines := strings.Split(body, `<a class="line" href="/console/issues/`)[1:]
		for _, l := range lines {
			id, _, _ := strings.Cut(l, "?")
			if seen[id] {
				t.Fatalf("%s shows %s again", path, id)
			}
			seen[id] = true
		}
		_, older, _ := strings.Cut(body, `<p class="older"><a href="`)
		path, _, _ = strings.Cut(older, `"`)
		path = strings.ReplaceAll(path, "&amp;", "&")
	}
	if want := (10_000 + 2) / 3; len(seen) != want {
		t.Errorf("%d issues of Bo's are shown, want %d", len(seen), want)
	}
}

// Who opens the console for the first time fetches less than 100 kB for its list of a
// thousand issues, compressed: the page, and all that it loads.
func TestFirstPageIsLight(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.fill(0, 1000)
	b := r.signedIn(bo)
	weigh := func(body string) int {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_ = must(io.WriteString(z, body))(t)
		check(t, z.Close())
		return out.Len()
	}
	page := b.get("/console/issues?view=all").body
	total := weigh(page)
	t.Logf("the page: %d of %d bytes", total, len(page))
	for name, f := range r.desks.assets.byName {
		n := weigh(string(f.body))
		t.Logf("%s: %d of %d bytes", name, n, len(f.body))
		total += n
	}
	if total > 100_000 {
		t.Errorf("%d bytes", total)
	}
}
