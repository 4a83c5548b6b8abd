package safehttp

import (
	"errors"
	"net"
	"testing"
)

// The way to the server of the settings leads to this machine, and neither to another
// host nor to a metadata service.
func TestDialServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := DialServer("127.0.0.1", nil)(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if _, err := DialServer("mail.acme.example", nil)(t.Context(), "tcp", l.Addr().String()); err == nil {
		t.Error("it connects to another host")
	}
	if _, err := DialServer("169.254.169.254", nil)(t.Context(), "tcp", "169.254.169.254:80"); !errors.Is(err, ErrForbiddenAddress) {
		t.Errorf("a metadata service: %v", err)
	}
}
