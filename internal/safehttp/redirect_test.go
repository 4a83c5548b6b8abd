package safehttp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestRedirectsAreFollowedAndSignedAfresh(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var seen []string
		server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.Method+r.URL.Path+" "+strings.Join(r.Header.Values("Signature"), "|"))
			if r.URL.Path != "/3" {
				w.Header().Set("Location", fmt.Sprintf("/%c#fragment", r.URL.Path[1]+1))
				w.WriteHeader(status)
			}
		})
		got, err := c.Get(t.Context(), server.URL+"/0", func(r *http.Request) error {
			r.Header.Add("Signature", "for "+r.URL.Path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"GET/0 for /0", "GET/1 for /1", "GET/2 for /2", "GET/3 for /3"}
		if !slices.Equal(seen, want) || got.URL.String() != server.URL+"/3" {
			t.Errorf("%d: saw %q, ended at %s", status, seen, got.URL)
		}
	}
}

func TestRedirectLoop(t *testing.T) {
	requests := 0
	server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	_, err := c.Get(t.Context(), server.URL, nil)
	if !errors.Is(err, ErrRedirect) || !Permanent(err) || requests != MaxRedirects+1 {
		t.Errorf("got %v after %d requests", err, requests)
	}
}

func TestRedirectsThatAreRefused(t *testing.T) {
	for location, want := range map[string]error{
		"http://127.0.0.1/":                ErrRedirect,
		"ftp://example.com/":               ErrRedirect,
		"https://user:pass@example.com/":   ErrRedirect,
		"https://":                         ErrRedirect,
		"https://example.com:port/":        ErrRedirect,
		"https://127.0.0.1:1/":             ErrForbiddenAddress,
		"https://localhost/":               ErrForbiddenAddress,
		"https://10.0.0.1/":                ErrForbiddenAddress,
		"https://169.254.169.254/latest/":  ErrForbiddenAddress,
		"https://[::1]/":                   ErrForbiddenAddress,
		"https://[::ffff:127.0.0.1]/":      ErrForbiddenAddress,
		"https://[64:ff9b::7f00:1]/":       ErrForbiddenAddress,
		"//192.168.0.1/without-the-scheme": ErrForbiddenAddress,
	} {
		server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
		if _, err := c.Get(t.Context(), server.URL, nil); !errors.Is(err, want) || !Permanent(err) {
			t.Errorf("%s: %v", location, err)
		}
	}
}

func TestRedirectNeverLeavesTheScheme(t *testing.T) {
	asked := false
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer plain.Close()
	server, c := serve(t, Options{AllowPrivate: true}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	})
	if _, err := c.Get(t.Context(), server.URL, nil); !errors.Is(err, ErrRedirect) || asked {
		t.Errorf("https to http in --dev: %v, asked %v", err, asked)
	}
}

func TestRedirectToAnotherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) }))
	defer other.Close()
	first := httptest.NewServer(http.RedirectHandler(other.URL+"/x", http.StatusFound))
	defer first.Close()
	c := New(Options{AllowPrivate: true})
	defer c.CloseIdle()
	var hosts []string
	got, err := c.Get(t.Context(), first.URL, func(r *http.Request) error { hosts = append(hosts, r.Host); return nil })
	if err != nil || got.URL.String() != other.URL+"/x" || string(got.Body) != hosts[1] || hosts[0] == hosts[1] {
		t.Errorf("got %v, %v, hosts %q", got, err, hosts)
	}
}

func TestRedirectWithoutLocation(t *testing.T) {
	server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusFound) })
	if got, err := c.Get(t.Context(), server.URL, nil); err != nil || got.Status != http.StatusFound {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPostNeverFollows(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		requests := 0
		server, c := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			requests++
			body, _ := io.ReadAll(r.Body)
			if r.Method != http.MethodPost || string(body) != "{}" || r.ContentLength != 2 {
				t.Errorf("got %s %q", r.Method, body)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			io.WriteString(w, "moved")
		})
		got, err := c.Post(t.Context(), server.URL+"/inbox", []byte("{}"), nil)
		if err != nil || got.Status != status || requests != 1 || string(got.Body) != "moved" || got.URL.Path != "/inbox" {
			t.Errorf("got %v, %v after %d requests", got, err, requests)
		}
	}
}
