package town

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
)

// page fetches a page and checks the parts that every page must have.
func (p *place) page(path string, status int) string {
	p.t.Helper()
	answer := get(p.t, p.base+path, "text/html")
	body := bodyOf(p.t, answer)
	if answer.StatusCode != status {
		p.t.Fatalf("%s: status %d, want %d: %s", path, answer.StatusCode, status, body)
	}
	if csp := answer.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		p.t.Errorf("%s: policy %q", path, csp)
	}
	for _, never := range []string{"<script>", "style=", "onclick", "ZgotmplZ", "%!"} {
		if strings.Contains(body, never) {
			p.t.Errorf("%s: contains %s", path, never)
		}
	}
	return body
}

func (p *place) submit(path string, form url.Values, headers ...string) *http.Response {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodPost, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return do(p.t, r)
}

func contains(t *testing.T, body string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.Errorf("lacks %q in:\n%s", want, body)
		}
	}
}

func TestStoryThroughThePages(t *testing.T) {
	here, there, now := twoTowns(t)
	contains(t, here.page("/", 200), "It is quiet in town", `<option value="bob">Bob</option>`)

	answer := here.submit("/write", url.Values{"as": {"ana"}, "visibility": {"public"},
		"text": {"Down <script>alert(1)</script> " + there.handle("help") + " #fail"}})
	to := answer.Header.Get("Location")
	if answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/users/ana/posts/") {
		t.Fatalf("status %d, Location %q", answer.StatusCode, to)
	}
	settle(t, here, there)
	path, _, _ := strings.Cut(to, "#")
	report := desk.ObjectID(here.base + path)
	now.Advance(time.Minute)
	reply := there.write("help", PostInput{Text: here.handle("ana") + " since when?", InReplyTo: report, Visibility: desk.VisibilityQuiet})
	settle(t, here, there)

	body := here.page(path, 200)
	contains(t, body, "Down &lt;script&gt;alert(1)&lt;/script&gt;", "since when?", "@help@"+string(there.host), `class="badge" title="Public, but in no timeline">quiet`,
		`<input type="hidden" name="reply" value="`+string(reply)+`">`, ">@help@"+string(there.host)+" </textarea>")
	contains(t, here.page("/", 200), "1 answer", "since when?")
	contains(t, here.page("/users/ana", 200), "mentioned you", `<a href="`+path+`">@ana since when?</a>`)
	contains(t, here.page("/tags/fail", 200), "#<span>fail</span>")

	edit := here.page(path+"?as=ana&edit="+url.QueryEscape(string(report)), 200)
	contains(t, edit, "autofocus>Down &lt;script&gt;")
	if other := here.page(path+"?as=bob&edit="+url.QueryEscape(string(report)), 200); strings.Contains(other, "autofocus") || strings.Contains(other, `value="delete"`) {
		t.Error("bob may edit or delete what ana wrote")
	}
	for _, step := range []struct{ what, want string }{{"like", "Liked · 1"}, {"boost", "Boosted · 1"}, {"unlike", ">Like<"}} {
		answer := here.submit("/do", url.Values{"as": {"ana"}, "what": {step.what}, "object": {string(reply)}, "back": {path + "?as=ana"}})
		if answer.Header.Get("Location") != path+"?as=ana" {
			t.Errorf("%s: %d %q", step.what, answer.StatusCode, answer.Header.Get("Location"))
		}
		contains(t, here.page(path, 200), step.want)
	}
	here.submit("/do", url.Values{"as": {"ana"}, "what": {"edit"}, "object": {string(report)}, "text": {"Fine now"}})
	contains(t, here.page(path, 200), "Fine now", `<span class="badge">edited</span>`)
	here.submit("/do", url.Values{"as": {"ana"}, "what": {"delete"}, "object": {string(report)}})
	contains(t, here.page(path, 200), "was deleted")
}

func TestDirectPostOnThePages(t *testing.T) {
	here, _, _ := twoTowns(t)
	id := here.write("ana", PostInput{Text: "@bob secret", Visibility: desk.VisibilityDirect})
	contains(t, here.page(pathOf(id), 200), "secret")
	contains(t, here.page(pathOf(id)+"?as=bob", 200), "secret")
	for _, path := range []string{"/", "/users/bob"} {
		if body := here.page(path, 200); path == "/" && strings.Contains(body, "secret") {
			t.Errorf("%s shows a direct post", path)
		}
	}
	quiet := build(t, nil, "ana", "bob", "chi")
	id = quiet.write("ana", PostInput{Text: "@bob secret", Visibility: desk.VisibilityDirect})
	quiet.page(pathOf(id)+"?as=chi", 404)
}

func TestPageFormsFollowAndBlock(t *testing.T) {
	here, there, _ := twoTowns(t)
	form := url.Values{"as": {"ana"}, "what": {"follow"}, "handle": {there.handle("help")}, "back": {"/users/ana"}}
	if got := here.submit("/do", form); got.StatusCode != http.StatusSeeOther {
		t.Fatal(bodyOf(t, got))
	}
	settle(t, here, there)
	there.write("help", PostInput{Text: "Everything works"})
	settle(t, here, there)
	contains(t, here.page("/users/ana", 200), "Everything works", ">@help@"+string(there.host)+"</a>")
	form.Set("what", "block")
	here.submit("/do", form)
	if strings.Contains(here.page("/users/ana", 200), "Everything works") {
		t.Error("shows posts of a blocked person")
	}
}

func TestPageErrors(t *testing.T) {
	here := build(t, nil, "ana")
	here.page("/users/nobody", 404)
	here.page("/users/ana/posts/none", 404)
	tests := []struct {
		name    string
		path    string
		form    url.Values
		headers []string
		status  int
	}{
		{"empty", "/write", url.Values{"as": {"ana"}, "text": {"  "}}, nil, 400},
		{"nobody", "/write", url.Values{"as": {"eve"}, "text": {"x"}}, nil, 404},
		{"visibility", "/write", url.Values{"as": {"ana"}, "text": {"x"}, "visibility": {"loud"}}, nil, 400},
		{"no such post", "/do", url.Values{"as": {"ana"}, "what": {"like"}, "object": {"http://x/y"}}, nil, 404},
		{"no such act", "/do", url.Values{"as": {"ana"}, "what": {"dance"}, "handle": {"ana"}}, nil, 400},
		{"another site", "/write", url.Values{"as": {"ana"}, "text": {"x"}}, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another origin", "/do", url.Values{"as": {"ana"}, "what": {"like"}}, []string{"Origin", "https://evil.example"}, 403},
	}
	for _, test := range tests {
		if got := here.submit(test.path, test.form, test.headers...); got.StatusCode != test.status {
			t.Errorf("%s: status %d, want %d", test.name, got.StatusCode, test.status)
		}
	}
	id := here.write("ana", PostInput{Text: "x"})
	got := here.submit("/do", url.Values{"as": {"ana"}, "what": {"like"}, "object": {string(id)}, "back": {"//evil.example"}})
	if to := got.Header.Get("Location"); to != "/" {
		t.Errorf("leads to %q", to)
	}
}

func TestStaticAndEvents(t *testing.T) {
	here := build(t, nil, "ana")
	for path, media := range map[string]string{"town.css": "text/css", "live.js": "text/javascript", "town.svg": "image/svg+xml"} {
		answer := get(t, here.base+"/static/"+path, "*/*")
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || !strings.HasPrefix(got, media) {
			t.Errorf("%s: %d %s", path, answer.StatusCode, got)
		}
	}
	css := bodyOf(t, get(t, here.base+"/static/town.css", "*/*"))
	contains(t, css, "--title:", "--paper:")
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(css, -1) {
		if answer := get(t, here.base+"/static/"+m[1], "*/*"); answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "font/woff2" {
			t.Errorf("%s: %d %v", m[1], answer.StatusCode, answer.Header)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, here.base+"/events", nil)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Scan() // retry: the stream stands
	here.write("ana", PostInput{Text: "news"})
	for lines.Scan() && lines.Text() != "data: changed" {
	}
	if lines.Text() != "data: changed" {
		t.Errorf("no event: %v", lines.Err())
	}
	here.Close()
	for lines.Scan() {
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream does not end with the town: %v", err)
	}
}
