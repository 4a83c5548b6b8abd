package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"

	smtp "github.com/wneessen/go-mail"

	"earshot/internal/safehttp"
)

// Security is how the connection to the server is encrypted.
type Security string

// The kinds of security.
const (
	StartTLS Security = "starttls" // refused where the server cannot
	TLS      Security = "tls"      // from the first byte
	Plain    Security = "off"      // for a server on this machine; no password is sent
)

// timeout bounds a whole conversation with the server.
const timeout = 20 * time.Second

// Server is the server for mail of the settings. The zero value sends none.
type Server struct {
	Address  string // host and port, "" for no mail
	User     string
	Password string
	From     string // the sender's address
	Security Security
	Trust    *tls.Config // for tests with a CA of their own
}

// Set says whether mail can be sent.
func (s Server) Set() bool { return s.Address != "" }

// Message is a mail to one person.
type Message struct {
	ID         string // between the angle brackets
	Thread     string // the id of what it belongs to
	Name       string // of the sender
	To         string
	Subject    string
	Text, HTML string
	Off        string // the https address that turns such mails off: RFC 8058
	Language   string
	At         time.Time
}

// Send sends a message. The server may have it although an error is returned: the id
// stays the same when it is sent again.
func (s Server) Send(ctx context.Context, m Message) error {
	out := smtp.NewMsg()
	if err := out.FromFormat(m.Name, s.From); err != nil {
		return fmt.Errorf("writing the sender: %w", err)
	}
	if err := out.To(m.To); err != nil {
		return fmt.Errorf("writing the recipient: %w", err)
	}
	out.Subject(m.Subject)
	out.SetMessageIDWithValue(m.ID)
	out.SetDateWithValue(m.At)
	out.SetUserAgent("Earshot")
	thread := "<" + m.Thread + ">"
	for header, value := range map[smtp.Header]string{smtp.HeaderInReplyTo: thread, smtp.HeaderReferences: thread, "Auto-Submitted": "auto-generated", smtp.HeaderContentLang: m.Language} {
		out.SetGenHeader(header, value)
	}
	out.SetGenHeader(smtp.HeaderListUnsubscribe, "<"+m.Off+">")
	out.SetGenHeader(smtp.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	out.SetBodyString(smtp.TypeTextPlain, m.Text)
	out.AddAlternativeString(smtp.TypeTextHTML, m.HTML)
	c, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return c.DialAndSendWithContext(ctx, out)
}

// Check connects and signs in, and sends nothing.
func (s Server) Check(ctx context.Context) error {
	c, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := c.DialWithContext(ctx); err != nil {
		return err
	}
	return c.Close()
}

// InTheClear says whether mail goes unencrypted to another machine.
func (s Server) InTheClear() bool {
	host, _, _ := net.SplitHostPort(s.Address)
	return s.Security == Plain && host != "localhost" && !net.ParseIP(host).IsLoopback()
}

// client is the library's client, which connects through our guard.
func (s Server) client() (*smtp.Client, error) {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the server for mail: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("reading the port of the server for mail: %w", err)
	}
	trust := &tls.Config{}
	if s.Trust != nil {
		trust = s.Trust.Clone()
	}
	trust.ServerName, trust.MinVersion = host, tls.VersionTLS12
	auth, policy, dial := smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover), smtp.TLSMandatory, safehttp.DialServer(host, nil)
	switch s.Security {
	case TLS:
		// Our dialer has encrypted it already, which the library does not know.
		auth = smtp.WithOpportunisticSMTPAuth(smtp.SMTPAuthPlainNoEnc, smtp.SMTPAuthLoginNoEnc)
		policy, dial = smtp.NoTLS, safehttp.DialServer(host, trust)
	case Plain:
		policy = smtp.NoTLS
	}
	options := []smtp.Option{smtp.WithPort(number), smtp.WithTimeout(timeout), smtp.WithTLSConfig(trust), smtp.WithTLSPolicy(policy),
		smtp.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == host+":"+port { // the library writes no brackets around an IPv6 address
				address = s.Address
			}
			return dial(ctx, network, address)
		})}
	if s.User != "" {
		options = append(options, auth, smtp.WithUsername(s.User), smtp.WithPassword(s.Password))
	}
	return smtp.NewClient(host, options...)
}
