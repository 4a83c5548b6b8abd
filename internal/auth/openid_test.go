package auth

import (
	"bufio"
	"embed"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
	"earshot/internal/test/npm"
)

//go:embed all:testdata/openid
var openIDProvider embed.FS

// provider starts a provider that another project wrote, and returns its address.
func provider(t *testing.T, redirect string, people map[string]any) string {
	t.Helper()
	if os.Getenv("EARSHOT_FOREIGN") == "off" {
		t.Skip("foreign implementations are off (EARSHOT_FOREIGN=off)")
	}
	files, err := fs.Sub(openIDProvider, "testdata/openid")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := npm.Packages{Name: "openid", Files: files, Off: "EARSHOT_FOREIGN=off"}.Install(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(people)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "provider.mjs"), redirect, string(list))
	cmd.Dir, cmd.Stderr = dir, t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return lines.Text()
		}
	}
	t.Fatal("the provider did not start")
	return ""
}

// place is an instance at whose console agents sign in at a provider.
type place struct {
	*fixture
	server   *httptest.Server
	accounts *Accounts
}

// newPlace makes an instance for people at a provider. change sets up our side.
func newPlace(t *testing.T, people map[string]any, change func(*OpenID)) *place {
	t.Helper()
	p := &place{server: httptest.NewUnstartedServer(nil)}
	home := "http://" + p.server.Listener.Addr().String()
	p.fixture = newFixture(t, home)
	p.clock.Advance(time.Since(p.clock.Now())) // the provider has the real time
	o := OpenID{Issuer: provider(t, home+OpenIDAnswerPath, people), ClientID: "earshot", Secret: "a secret of the provider", Name: "Acme ID", Claim: "groups",
		Client: safehttp.New(safehttp.Options{AllowPrivate: true})}
	change(&o)
	p.accounts = New(Deps{App: p.app, Log: p.log, Addr: NoAddr, OpenID: o})
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, to string, err error) {
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, desk.ErrorID(err)) // a test reads it
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
	}
	mux.HandleFunc(OpenIDPath, func(w http.ResponseWriter, r *http.Request) {
		to, err := p.accounts.BeginOpenID(r.Context(), w, "/console/you", p.accounts.Client(r))
		answer(w, to, err)
	})
	mux.HandleFunc(OpenIDAnswerPath, func(w http.ResponseWriter, r *http.Request) {
		secret, to, err := p.accounts.FinishOpenID(r.Context(), w, r)
		if err == nil {
			p.accounts.SetCookie(w, secret)
		}
		answer(w, to, err)
	})
	mux.HandleFunc("/console/you", func(w http.ResponseWriter, r *http.Request) {
		who, err := p.accounts.session(r.Context(), p.accounts.Session(r))
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, string(who.Agent.Email)+" "+string(who.Agent.Role)+" "+who.Agent.Name)
	})
	p.server.Config.Handler = mux
	p.server.Start()
	t.Cleanup(p.server.Close)
	return p
}

var (
	formAction = regexp.MustCompile(`action="([^"]+)"`)
	prompt     = regexp.MustCompile(`name="prompt" value="(\w+)"`)
)

// signsIn goes through the provider's pages as a person, and returns what ours says.
func (p *place) signsIn(t *testing.T, as string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	page := func(res *http.Response, err error) (*url.URL, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.Request.URL, string(b)
	}
	at, body := page(c.Get(p.server.URL + OpenIDPath))
	for range 4 { // who one is, and whether we may know it
		if strings.HasPrefix(at.String(), p.server.URL) {
			return body
		}
		action, asks := formAction.FindStringSubmatch(body), prompt.FindStringSubmatch(body)
		if action == nil || asks == nil {
			break
		}
		to, err := at.Parse(action[1])
		if err != nil {
			t.Fatal(err)
		}
		at, body = page(c.PostForm(to.String(), url.Values{"prompt": {asks[1]}, "login": {as}, "password": {"any"}}))
	}
	t.Fatalf("at %s, the provider says %s", at, body)
	return ""
}

// Agents sign in at a provider that another project wrote; groups are roles.
func TestOpenID(t *testing.T) {
	person := func(name string, verified bool, groups ...string) map[string]any {
		return map[string]any{"email": name + "@acme.example", "email_verified": verified, "name": strings.ToUpper(name), "groups": groups}
	}
	people := func(apart bool) map[string]any {
		return map[string]any{"": map[string]any{"apart": apart}, "bo": person("bo", true), "cy": person("cy", true, "staff"), "di": person("di", true, "staff", "heads"),
			"eve": person("eve", false, "staff"), "fay": person("fay", true, "guests"), "gus": person("gus", true, "staff"), "nobody": map[string]any{"name": "Nobody"}}
	}
	roles := []GroupRole{{"heads", desk.RoleLead}, {"staff", desk.RoleAgent}}
	for _, apart := range []bool{false, true} {
		t.Run(map[bool]string{false: "all in the token", true: "more at another address"}[apart], func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, people(apart), func(o *OpenID) { o.Roles = roles })
			p.add(t, "di@acme.example", desk.RoleAgent)
			p.add(t, "gus@acme.example", desk.RoleAgent)
			disabled := true
			if _, err := p.app.EditAgent(t.Context(), app.By{}, "gus@acme.example", app.AgentEdit{Disabled: &disabled}); err != nil {
				t.Fatal(err)
			}
			for as, want := range map[string]string{"cy": "cy@acme.example agent CY", "di": "di@acme.example lead Bo Ek", "eve": "openid_email", "fay": "openid_group",
				"gus": "openid_disabled", "nobody": "openid_email", "bo": "openid_group"} {
				if got := p.signsIn(t, as); got != want {
					t.Errorf("%s: %q, want %q", as, got, want)
				}
			}
			if got := p.signsIn(t, "cy"); got != "cy@acme.example agent CY" {
				t.Errorf("for the second time: %q", got)
			}
		})
	}
	t.Run("without roles, and whatever the provider says of addresses", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t, people(false), func(o *OpenID) { o.AnyEmail = true })
		p.add(t, "eve@acme.example", desk.RoleAdmin)
		for as, want := range map[string]string{"eve": "eve@acme.example admin Bo Ek", "cy": "openid_unknown"} {
			if got := p.signsIn(t, as); got != want {
				t.Errorf("%s: %q, want %q", as, got, want)
			}
		}
	})
}

// What comes back from the provider is for the browser that began, once, soon.
func TestOpenIDAnswers(t *testing.T) {
	p := newPlace(t, map[string]any{"bo": map[string]any{"email": "bo@acme.example", "email_verified": true}}, func(*OpenID) {})
	p.add(t, "bo@acme.example", desk.RoleAgent)
	for name, change := range map[string]func(*http.Request, url.Values){
		"another browser's":   func(r *http.Request, _ url.Values) { r.Header.Del("Cookie") },
		"a state that is not": func(_ *http.Request, q url.Values) { q.Set("state", "x") },
		"a code that is not":  func(_ *http.Request, q url.Values) { q.Set("code", "x") },
		"a refusal":           func(_ *http.Request, q url.Values) { q.Set("error", "access_denied") },
	} {
		w := httptest.NewRecorder()
		to, err := p.accounts.BeginOpenID(t.Context(), w, "", Client{})
		if err != nil {
			t.Fatal(err)
		}
		asked, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		if q := asked.Query(); q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("redirect_uri") != p.server.URL+OpenIDAnswerPath {
			t.Errorf("asks with %v", q)
		}
		r := httptest.NewRequest(http.MethodGet, OpenIDAnswerPath, nil)
		for _, c := range w.Result().Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("the cookie is %v", c)
			}
			r.AddCookie(c)
		}
		q := url.Values{"state": {asked.Query().Get("state")}, "code": {"unknown"}}
		change(r, q)
		r.URL.RawQuery = q.Encode()
		if _, _, err := p.accounts.FinishOpenID(t.Context(), httptest.NewRecorder(), r); desk.ErrorCode(err) != desk.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A provider that is away, or at an address that may not be asked, keeps nobody from
// signing in with a password, and is asked again.
func TestOpenIDAway(t *testing.T) {
	f := newFixture(t, "https://help.acme.example")
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was asked") }))
	t.Cleanup(inside.Close)
	a := New(Deps{App: f.app, Log: f.log, Addr: NoAddr, OpenID: OpenID{Issuer: inside.URL, Name: "Acme ID", Client: safehttp.New(safehttp.Options{})}})
	for range 2 {
		if _, err := a.BeginOpenID(t.Context(), httptest.NewRecorder(), "", Client{}); desk.ErrorID(err) != "openid_away" {
			t.Error(err)
		}
	}
	if none := f.node(); none.OpenIDName() != "" {
		t.Error("there is a provider that nobody set")
	}
}
