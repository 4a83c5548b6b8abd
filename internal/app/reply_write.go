package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// MaxText is the longest reply, comment or broadcast, in characters.
const MaxText = 10_000

// ReplyInput is what an agent says to a reporter.
type ReplyInput struct {
	Issue      desk.IssueID
	Only       desk.IssueID // the part whose reporter is answered; "" for all
	Text       string
	Named      bool            // {name} in the text is what each reporter is called
	Visibility desk.Visibility // "" for the default
	Language   string          // "" for the reporter's
	Change     desk.StatusChange
	Because    string // id of a timeline entry, with the status resolved
	Unwarned   bool   // take off the warning of the answered post
	Files      []FileInput
	Now        bool          // skip the take-back time
	After      time.Duration // how much later than that it goes out
}

// Reply writes a reply. It goes out after the take-back time, and the status
// it carries takes effect then. Of a merged issue each reporter gets a copy in their
// own thread; the first of them is returned.
func (a *App) Reply(ctx context.Context, by By, in ReplyInput) (desk.Post, error) {
	text, err := checkOutward(by, in.Text)
	if err == nil {
		in.Language, err = checkLanguage(in.Language)
	}
	if err != nil {
		return desk.Post{}, err
	}
	in.Text = text
	return a.oncePost(ctx, by, "issue.reply", func(tx *Tx) (desk.Post, error) {
		i, err := tx.home(in.Issue)
		if err != nil {
			return desk.Post{}, err
		}
		if err := tx.checkSeen(by, i); err != nil {
			return desk.Post{}, err
		}
		posts, err := tx.newReplies(by, i, in)
		if err != nil {
			return desk.Post{}, err
		}
		if !in.Now {
			for n := range posts {
				posts[n].DueAt = tx.Now.Add(a.takeBack + in.After)
			}
		}
		if err := tx.attach(by, posts, in.Files); err != nil {
			return desk.Post{}, err
		}
		if checked, err := tx.isChecked(by); err != nil {
			return desk.Post{}, err
		} else if checked {
			for n := range posts {
				posts[n].State, posts[n].DueAt = desk.PostUnchecked, time.Time{}
			}
		}
		return posts[0], tx.addReplies(by, i.ID, posts)
	})
}

// newReplies makes the reply that an agent wrote for each reporter, if the manners and
// the author of the answered post allow it: one at least. The refusal
// of one does not stop what the others get.
func (t *Tx) newReplies(by By, home desk.Issue, in ReplyInput) ([]desk.Post, error) {
	threads, err := t.addressees(home, in.Only)
	if err != nil {
		return nil, err
	}
	if in.Text, err = t.sign(by, in.Text); err != nil {
		return nil, err
	}
	refused := threads[0].MayReply(in.Change.To)
	threads = slices.DeleteFunc(threads, func(i desk.Issue) bool { return i.MayReply(in.Change.To) != nil })
	if len(threads) == 0 {
		return nil, refused
	}
	if in.Change, err = t.checkStatus(home, in.Change, in.Because); err != nil {
		return nil, err
	}
	var posts []desk.Post
	var narrower []desk.Issue // whose posts are not as public as the reply is to be
	refused = nil
	for _, i := range threads {
		p, err := t.newReply(by, i, in)
		switch {
		case err == nil:
			posts = append(posts, p)
			continue
		case in.Visibility != "" && desk.ErrorCode(err) == desk.CodeInvalid:
			narrower = append(narrower, i)
		case desk.ErrorCode(err) != desk.CodeForbidden:
			return nil, err
		}
		refused = cmp.Or(refused, err)
	}
	if len(posts) == 0 {
		return nil, refused
	}
	in.Visibility = ""
	for _, i := range narrower {
		p, err := t.newReply(by, i, in)
		if err != nil {
			return nil, err
		}
		posts = append(posts, p)
	}
	for n := range posts[1:] {
		p := &posts[n+1]
		p.CopyOf = posts[0].ID
		posts[0].Copies = append(posts[0].Copies, p.ID)
	}
	return posts, nil
}

// newReply makes the reply for one reporter.
func (t *Tx) newReply(by By, i desk.Issue, in ReplyInput) (desk.Post, error) {
	text, change := in.Text, in.Change
	if err := t.maySpeakFirst(i); err != nil {
		return desk.Post{}, err
	}
	target, err := t.replyTarget(i)
	if err != nil {
		return desk.Post{}, err
	}
	if _, err := t.checkReplyPermission(i.Desk, target); err != nil {
		return desk.Post{}, err
	}
	visibility, err := desk.ReplyVisibility(target.Visibility, in.Visibility)
	if err != nil {
		return desk.Post{}, err
	}
	if in.Named {
		who, _, err := t.Actors().Get(i.Reporter)
		if err != nil {
			return desk.Post{}, err
		}
		text = desk.Phrase{Text: text}.Fill(map[string]string{desk.PlaceholderName: who.Addressed()})
		if n := utf8.RuneCountInString(text); n > MaxText {
			return desk.Post{}, desk.Invalid("text_too_long", "the text has %d characters; %d are allowed", n, MaxText)
		}
	}
	p := desk.Post{
		ID: desk.PostID(t.NewID()), Issue: i.ID, Desk: i.Desk, Role: desk.RoleReply,
		Author: t.site.Desk(i.Desk), Text: text, HTML: markup.Render(text, nil),
		Language: cmp.Or(in.Language, target.Language), Visibility: visibility, InReplyTo: target.Object,
		Received: t.Now, Published: t.Now,
		Outgoing: desk.Outgoing{Agent: by.Agent, RequestedVisibility: in.Visibility, Unwarned: in.Unwarned, State: desk.PostPending, DueAt: t.Now,
			Status: change.To, Reason: change.Reason, Next: change.Next},
	}
	p.Object = t.site.Post(p.ID)
	return p, nil
}

// addReplies stores a reply with its copies. The agent who answers an issue that
// nobody has is assigned to it.
func (t *Tx) addReplies(by By, home desk.IssueID, posts []desk.Post) error {
	i, err := t.issue(home)
	if err != nil {
		return err
	}
	i.UpdatedAt = t.Now
	i.SeenBy(by.Agent)
	if i.Assignee == "" && by.Agent != "" {
		if err := t.assign(by, &i, by.Agent); err != nil {
			return err
		}
	}
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	for _, p := range posts {
		if err := t.addReply(by, p); err != nil {
			return err
		}
	}
	return nil
}

// addReply stores a reply with the job that publishes it, if no colleague looks first.
func (t *Tx) addReply(by By, p desk.Post) error {
	i, err := t.issue(p.Issue)
	if err != nil {
		return err
	}
	i.ReplyWritten(t.Now)
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	if err := t.storeOwn(p, desk.Event{Kind: desk.KindReply, Agent: by.Agent}); err != nil {
		return err
	}
	if p.State == desk.PostUnchecked {
		return t.awaitCheck(p)
	}
	return t.publishReply(i, p)
}

// publishReply adds the job that sends a reply. If the report is read again first, the
// job depends on its server, which may be slow.
func (t *Tx) publishReply(i desk.Issue, p desk.Post) error {
	var h desk.Host
	if readAgain(i) {
		h = i.Report.Host()
	}
	return t.addJobOf(h, store.QueuePublish, "create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
}

// checkOutward checks a text that leaves the instance.
func checkOutward(by By, s string) (string, error) {
	s, err := checkText(s)
	if err != nil || by.Meant {
		return s, err
	}
	return s, desk.CheckWords(s)
}

// checkLanguage brings a typed language into its usual form; "" stays.
func checkLanguage(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	tag, err := language.Parse(s)
	if err != nil || len(s) > maxLanguage {
		return "", desk.Invalid("language_invalid", "a language is a tag like de or pt-BR (BCP 47), not %.40q", s)
	}
	return tag.String(), nil
}

// maxLanguage is the longest tag that is in use, in bytes (RFC 5646 §4.4.1).
const maxLanguage = 35

func checkText(s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return "", desk.Invalid("text_empty", "there is no text to send")
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", desk.Invalid("text_not_utf8", "the text is not valid UTF-8")
	}
	if n := utf8.RuneCountInString(s); n > MaxText {
		return "", desk.Invalid("text_too_long", "the text has %d characters; %d are allowed", n, MaxText)
	}
	return s, nil
}

// replyTarget finds the post that a reply answers: the reporter's newest word that is
// still there.
func (t *Tx) replyTarget(i desk.Issue) (desk.Post, error) {
	for e, err := range t.newestFirst(store.ThreadQuery{Issue: i.ID, Part: store.ThreadMain}) {
		if err != nil {
			return desk.Post{}, err
		}
		p := e.Post
		if p == nil || p.Ours() || p.Deleted {
			continue
		}
		// A moved reporter's words are under the old account.
		if p.Author == i.Reporter || p.Role == desk.RoleReport {
			return *p, nil
		}
	}
	return desk.Post{}, desk.NotSent("reporter_erased")
}

// storeOwn stores a post of ours, indexes its words, and adds an entry to its
// issue's timeline. Broadcasts are in no issue.
func (t *Tx) storeOwn(p desk.Post, e desk.Event) error {
	if err := t.Posts().Put(p); err != nil || p.Issue == "" {
		return err
	}
	if err := t.index(p); err != nil {
		return err
	}
	e.Issue, e.Post = p.Issue, p.ID
	return t.event(e)
}
