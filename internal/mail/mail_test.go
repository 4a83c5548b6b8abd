package mail

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve answers one connection as a server for mail does that offers only the mechanism
// LOGIN, and returns what it was told.
func serve(t *testing.T, l net.Listener) <-chan []string {
	t.Helper()
	t.Cleanup(func() { _ = l.Close() })
	told := make(chan []string, 1)
	go func() {
		var lines []string
		defer func() { told <- lines }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "220 mail.acme.example\r\n")
		next := map[string]string{"EHLO": "250-mail.acme.example\r\n250 AUTH LOGIN", "AUTH": "334 VXNlcm5hbWU6", "QUIT": "221 bye", "NOOP": "250 fine"}
		words := []string{"334 UGFzc3dvcmQ6", "235 welcome"}
		for in := bufio.NewScanner(c); in.Scan(); {
			lines = append(lines, in.Text())
			verb, _, _ := strings.Cut(in.Text(), " ")
			answer, known := next[verb]
			if !known && len(words) > 0 {
				answer, words = words[0], words[1:]
			}
			fmt.Fprint(c, answer+"\r\n")
		}
	}()
	return told
}

// Over TLS we sign in also where a server knows LOGIN alone.
func TestLoginOverTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	t.Cleanup(web.Close)
	trust := x509.NewCertPool()
	trust.AddCert(web.Certificate())
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	told := serve(t, l)
	s := Server{Address: l.Addr().String(), User: "earshot", Password: "a password", Security: TLS, Trust: &tls.Config{RootCAs: trust}}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	all := strings.Join(<-told, "\n")
	for _, word := range []string{"earshot", "a password"} {
		if !strings.Contains(all, base64.StdEncoding.EncodeToString([]byte(word))) {
			t.Errorf("%q was not sent: %s", word, all)
		}
	}
}

// A server may have an IPv6 address.
func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	told := serve(t, l)
	if err := (Server{Address: l.Addr().String(), Security: Plain}).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if all := <-told; len(all) == 0 || !strings.HasPrefix(all[0], "EHLO") {
		t.Errorf("it was told %q", all)
	}
}
