package notify

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/mail"
	"earshot/internal/test/npm"
	"earshot/store"
)

//go:embed all:testdata/smtp
var smtpFiles embed.FS

// postOffice is a server for mail that another project wrote.
type postOffice struct {
	server mail.Server
	mails  chan letter // the bounds of a test
}

type letter struct {
	From   string   `json:"from"`
	To     []string `json:"to"`
	Data   string   `json:"data"`
	Secure bool     `json:"secure"`
}

var installSMTP = sync.OnceValues(func() (string, error) {
	files, err := fs.Sub(smtpFiles, "testdata/smtp")
	if err != nil {
		return "", err
	}
	return npm.Packages{Name: "smtp", Files: files, Off: "EARSHOT_FOREIGN=off"}.Install(ctx)
})

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	if os.Getenv("EARSHOT_FOREIGN") == "off" {
		t.Skip("foreign implementations are off (EARSHOT_FOREIGN=off)")
	}
	dir, err := installSMTP()
	fine(t, err)
	cert, key, trust := certificate(t)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "server.mjs"), cert, key)
	cmd.Dir, cmd.Stderr = dir, t.Output()
	out, err := cmd.StdoutPipe()
	fine(t, err)
	fine(t, cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		t.Fatal("the server for mail did not start")
	}
	p := &postOffice{mails: make(chan letter, 100), server: mail.Server{Address: "127.0.0.1:" + lines.Text(), User: "earshot", Password: "a password", From: "desk@acme.example", Trust: trust}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines.Scan() {
			var l letter
			if json.Unmarshal(lines.Bytes(), &l) == nil {
				p.mails <- l
			}
		}
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); <-done })
	return p
}

// certificate makes one for this machine, and what trusts it.
func certificate(t *testing.T) (certFile, keyFile string, trust *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fine(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	fine(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	fine(t, err)
	write := func(name, kind string, b []byte) string {
		name = filepath.Join(t.TempDir(), name)
		fine(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600))
		return name
	}
	cert, err := x509.ParseCertificate(der)
	fine(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private), &tls.Config{RootCAs: pool}
}

// next returns the next mail, and that there is no other one: the server prints a mail
// before it answers.
func (p *postOffice) next(o *office) (*netmail.Message, string, string) {
	o.Helper()
	var l letter
	select {
	case l = <-p.mails:
	case <-o.Context().Done():
		o.Fatal("no mail came")
	}
	if !l.Secure || l.From != "desk@acme.example" {
		o.Errorf("sent by %s, secure: %t", l.From, l.Secure)
	}
	m, err := netmail.ReadMessage(strings.NewReader(l.Data))
	fine(o, err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	fine(o, err)
	var texts []string
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		fine(o, err)
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		fine(o, err)
		texts = append(texts, strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	o.same("parts", len(texts), 2)
	return m, texts[0], texts[1]
}

func (o *office) mailing(post Post) {
	o.App = app.New(app.Deps{Store: o.Store(), Clock: o.clock, Site: site, Log: quiet, Keys: noKeys{}, Secrets: o.notifier.Secrets.(app.SecretSealer), Mails: true})
	o.notifier.App, o.notifier.Mail = o.App, post
	o.feeder = o.Feeder()
}

// Events of ten minutes make one mail, in the agent's language, without a word of the
// report; with one issue it stands in that issue's thread, with several in the day's.
func TestMail(t *testing.T) {
	onStores(t, func(o *office) {
		p := newPostOffice(o.T)
		o.mailing(p.server)
		d, err := o.AddDestination(ctx, app.By{}, bo, app.NewDestination{Form: desk.FormMail, Language: "de"}, false)
		fine(o, err)
		id := o.hears("ana", "1")
		o.run()
		o.same("mails at once", len(p.mails), 0)
		o.clock.Advance(11 * time.Minute)
		o.run()
		m, text, html := p.next(o)
		decoded, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
		fine(o, err)
		o.same("subject", decoded, "Neue Meldung bei @help")
		off := site.URL + "/mail/off/" + string(d.ID) + "/" + o.OffCode(d.ID)
		for header, want := range map[string]string{
			"To": "<bo@acme.example>", "References": "<issue-" + string(id) + "@acme.example>", "In-Reply-To": "<issue-" + string(id) + "@acme.example>",
			"List-Unsubscribe": "<" + off + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated", "Content-Language": "de",
			"Date": o.Now().Add(-11 * time.Minute).Format(time.RFC1123Z),
		} {
			o.same(header, m.Header.Get(header), want)
		}
		link := "http://help.acme.example/console/issues/" + string(id)
		for _, want := range []string{"Neue Meldung bei @help\n" + link, off} {
			if !strings.Contains(text, want) {
				o.Errorf("the text lacks %q: %s", want, text)
			}
		}
		if !strings.Contains(html, `<a href="`+link+`">Neue Meldung bei @help</a>`) || strings.Contains(text+html, "SECRET") {
			o.Errorf("the HTML: %s", html)
		}
		var surge []desk.IssueID
		for n := range 60 {
			surge = append(surge, o.hears(fmt.Sprint("p", n), fmt.Sprint("p", n)))
		}
		for _, id := range surge { // so that it stands in no pile
			_, err := o.Assign(ctx, app.By{Agent: cy}, id, cy)
			fine(o, err)
		}
		o.run()
		o.clock.Advance(11 * time.Minute)
		o.run()
		m, text, _ = p.next(o)
		o.same("subject", m.Header.Get("Subject"), "61 Ereignisse beim Helpdesk")
		o.same("thread", m.Header.Get("References"), "<day-2026-03-01-"+string(d.ID)+"@acme.example>")
		o.same("lines", []int{strings.Count(text, "Neue Meldung"), strings.Count(text, "und 11 weitere Ereignisse")}, "[49 1]")
		o.same("more mails", len(p.mails), 0)
		o.same("the log", o.log(d), "[mail delivered 1 mail delivered 1]")
	})
}

// A pause sends no mail early, so what happens afterwards stands in it too; what is sent
// once more stays as it was.
func TestMailGathersOverAPause(t *testing.T) {
	onStores(t, func(o *office) {
		p := &box{}
		o.mailing(p)
		d, err := o.AddDestination(ctx, app.By{}, bo, app.NewDestination{Form: desk.FormMail}, false)
		fine(o, err)
		o.hears("ana", "1")
		o.run()
		_, err = o.PauseDestination(ctx, app.By{}, bo, d.ID)
		fine(o, err)
		_, err = o.ResumeDestination(ctx, app.By{}, bo, d.ID)
		fine(o, err)
		o.run()
		o.same("mails at once", len(p.mails), 0)
		o.hears("eve", "2")
		o.run()
		o.clock.Advance(11 * time.Minute)
		o.run()
		o.same("mails", []any{len(p.mails), p.mails[0].Subject}, "[1 2 events at the desk]")
		o.hears("ivo", "3")
		o.run()
		log, _, err := o.Notifications(ctx, bo, d.ID, store.Page{})
		fine(o, err)
		_, err = o.Attempted(ctx, d.ID, log[0].ID, app.Attempt{OK: true}) // another node's clock is before ours
		fine(o, err)
		_, err = o.Redeliver(ctx, app.By{}, bo, d.ID, log[0].ID)
		fine(o, err)
		o.hears("uma", "4")
		o.feed(o.feeder)
		o.run()
		o.clock.Advance(11 * time.Minute)
		o.run()
		o.same("mails", []int{len(p.mails), strings.Count(p.mails[1].Text, "/issues/"), strings.Count(p.mails[2].Text, "/issues/")}, "[3 1 1]")
	})
}

// box is a mailbox that takes everything.
type box struct{ mails []mail.Message }

func (b *box) Send(_ context.Context, m mail.Message) error {
	b.mails = append(b.mails, m)
	return nil
}

// Turned on again, mail keeps the link of all mails before; what its agent turned off is
// not turned on again from this machine.
func TestMailKeepsItsLink(t *testing.T) {
	onStores(t, func(o *office) {
		o.mailing(&box{})
		mine := app.By{Agent: bo, Via: store.ViaConsole}
		on := func(by app.By) (app.MadeDestination, error) {
			return o.AddDestination(ctx, by, bo, app.NewDestination{Form: desk.FormMail, Token: "none"}, false)
		}
		first, err := on(app.By{})
		fine(o, err)
		o.hears("ana", "1")
		o.run()
		second, err := on(mine)
		fine(o, err)
		o.same("id", second.ID, first.ID)
		o.same("waiting", []int{o.now(second).Waiting, len(o.log(second))}, "[0 0]")
		ok, err := o.TurnMailOff(ctx, first.ID, o.OffCode(first.ID))
		o.same("off", []any{ok, err, o.now(second).Paused()}, "[true <nil> true]")
		log, _, err := o.AuditEntries(ctx, store.AuditFilter{}, store.Page{})
		fine(o, err)
		o.same("audit", []any{log[0].What, log[0].Via, log[0].Agent}, "[destination.pause link ]")
		_, err = on(app.By{Agent: bo, Via: store.ViaMachine})
		o.same("by the machine", desk.ErrorID(err), "destination_is_paused")
		third, err := on(mine)
		fine(o, err)
		o.same("on again", []any{third.ID, o.now(third).Paused()}, []any{first.ID, false})
	})
}

// In quiet hours no mail is sent; a link in a mail turns them off, once and for all who
// know it only; a mail that is refused is sent again under the same id.
func TestMailQuietAndOff(t *testing.T) {
	onStores(t, func(o *office) {
		p := newPostOffice(o.T)
		o.mailing(p.server)
		hours, err := desk.ParseQuietHours("12:00-14:00", "")
		fine(o, err)
		d, err := o.AddDestination(ctx, app.By{}, bo, app.NewDestination{Form: desk.FormMail, Quiet: hours}, false)
		fine(o, err)
		o.hears("ana", "1")
		o.run()
		o.clock.Advance(119 * time.Minute)
		o.run()
		o.same("mails in quiet hours", len(p.mails), 0)
		o.clock.Advance(2 * time.Minute)
		good := p.server
		bad := good
		bad.Password = "wrong"
		o.notifier.Mail = bad
		o.run()
		o.same("failures", o.now(d).Failures, 1)
		if err := bad.Check(ctx); err == nil || good.Check(ctx) != nil {
			o.Errorf("the check: %v, %v", err, good.Check(ctx))
		}
		o.notifier.Mail = good
		o.clock.Advance(time.Minute)
		o.run()
		m, _, _ := p.next(o)
		var log []store.Notification
		log, _, err = o.Notifications(ctx, bo, d.ID, store.Page{})
		fine(o, err)
		o.same("id", m.Header.Get("Message-ID"), "<"+log[0].ID+"."+string(d.ID)+"@acme.example>")
		if ok, err := o.TurnMailOff(ctx, d.ID, "wrong"); err != nil || ok || o.now(d).Paused() {
			o.Errorf("a wrong code: %t %v", ok, err)
		}
		for range 2 {
			if ok, err := o.TurnMailOff(ctx, d.ID, o.OffCode(d.ID)); err != nil || !ok {
				o.Errorf("the right code: %t %v", ok, err)
			}
		}
		o.same("paused by", []any{o.now(d).Paused(), o.now(d).PausedBy}, []any{true, bo})
		_, err = o.TestDestination(ctx, app.By{}, bo, d.ID)
		o.same("a test", desk.ErrorID(err), "destination_is_paused")
		_, err = o.AddDestination(ctx, app.By{}, bo, app.NewDestination{Form: desk.FormMail, URL: "mailto:eve@m.example"}, true)
		o.same("to others", desk.ErrorID(err), "mail_own")
	})
}
