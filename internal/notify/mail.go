package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
	"earshot/store"
)

// Post sends mail.
type Post interface {
	Send(context.Context, mail.Message) error
}

// smtpDone is what a server for mail says when it has a message (RFC 5321, section 4.2.3).
const smtpDone = 250

// toMailbox sends one mail about everything that was gathered.
func (n *Notifier) toMailbox(ctx context.Context, todo app.ToNotify) (*safehttp.Response, error) {
	var about app.MailBody
	if err := json.Unmarshal(todo.Body, &about); err != nil {
		return nil, fmt.Errorf("reading a mail: %w", err)
	}
	if err := n.Mail.Send(ctx, n.letter(todo, about)); err != nil {
		return nil, err
	}
	return &safehttp.Response{Status: smtpDone, Header: http.Header{}}, nil
}

// letter writes a mail. Each attempt has the same bytes but for the place where its parts
// are divided.
func (n *Notifier) letter(todo app.ToNotify, about app.MailBody) mail.Message {
	d, site := todo.Destination, n.App.Site()
	l, _ := n.Languages.Choose(d.Language, "")
	domain := string(site.HandleDomain)
	off := site.URL + "/mail/off/" + string(d.ID) + "/" + n.App.OffCode(d.ID)
	m := mail.Message{ID: todo.ID + "." + string(d.ID) + "@" + domain, Thread: thread(d, about) + "@" + domain, Name: domain, To: strings.TrimPrefix(d.URL, "mailto:"),
		Subject: l.T("mail.subject", "n", about.Count), Off: off, Language: l.Code, At: about.At}
	var text, rich strings.Builder
	for at, line := range about.Lines {
		says, link := n.line(l, line)
		if at == 0 && len(about.Lines) == 1 {
			m.Subject = says
		}
		fmt.Fprintf(&text, "%s\n%s\n\n", says, link)
		fmt.Fprintf(&rich, "<li><a href=\"%s\">%s</a></li>\n", html.EscapeString(link), html.EscapeString(says))
	}
	if more := about.Count - counted(about.Lines); more > 0 {
		says := l.T("mail.more", "n", more)
		fmt.Fprintf(&text, "%s\n\n", says)
		fmt.Fprintf(&rich, "<li>%s</li>\n", html.EscapeString(says))
	}
	why, end := l.T("mail.why", "domain", domain), l.T("mail.off")
	m.Text = fmt.Sprintf("%s-- \n%s\n%s: %s\n", text.String(), why, end, off)
	m.HTML = fmt.Sprintf("<!doctype html>\n<html lang=\"%s\"><meta charset=\"utf-8\"><title>%s</title>\n<ul>\n%s</ul>\n<p><small>%s <a href=\"%s\">%s</a></small></p>\n</html>\n",
		html.EscapeString(l.Code), html.EscapeString(m.Subject), rich.String(), html.EscapeString(why), html.EscapeString(off), html.EscapeString(end))
	return m
}

// line says one line of a mail, and where to look.
func (n *Notifier) line(l *locale.Language, line app.MailLine) (says, link string) {
	var about notice
	about.Type, about.Data.Issue = line.Kind, line.Issue
	if line.Desk != "" {
		about.Data.Desks = []desk.Handle{line.Desk}
	}
	says, link = n.words(l.Code, about)
	if line.N > 1 {
		says += fmt.Sprintf(" (%d×)", line.N)
	}
	return says, link
}

func counted(lines []app.MailLine) (n int) {
	for _, l := range lines {
		n += l.N
	}
	return n
}

// thread names what a mail is shown with: its issue, or the other mails of the day.
func thread(d store.Destination, about app.MailBody) string {
	var issue desk.IssueID
	for n, l := range about.Lines {
		if n > 0 && l.Issue != issue {
			issue = ""
			break
		}
		issue = l.Issue
	}
	if issue != "" {
		return "issue-" + string(issue)
	}
	return "day-" + about.At.UTC().Format(time.DateOnly) + "-" + string(d.ID)
}
