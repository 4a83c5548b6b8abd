package safehttp

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/test/dns"
)

// In development names below localhost are this machine, and no resolver is asked.
// Elsewhere they are names like others.
func TestNamesBelowLocalhost(t *testing.T) {
	server, _ := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Host)) })
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	name := "a.b.localhost" + port
	for _, dev := range []bool{true, false} {
		tls := trusting(server)
		tls.ServerName = "example.com" // of the test's certificate
		c := New(Options{AllowPrivate: dev, TLS: tls, Resolver: dns.Names(t, []string{"192.0.2.9"})})
		defer c.CloseIdle()
		r, err := c.Get(t.Context(), "https://"+name+"/", nil)
		if dev && (err != nil || string(r.Body) != name) || !dev && !errors.Is(err, ErrForbiddenAddress) {
			t.Errorf("dev %t: %+v, %v", dev, r, err)
		}
	}
}
