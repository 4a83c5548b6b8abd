package console

import (
	"time"

	"cmp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// audience is who will read the text.
type audience string

const (
	toQuiet  audience = "quiet"
	toPublic audience = "public"
	toDirect audience = "direct"
	toDesk   audience = "comment" // a comment: to colleagues only
)

// choice is an audience as the composer offers it.
type choice struct {
	Audience audience
	Name     string
	Button   string // says who will read it
	Hint     string
}

// draft is a text that an agent has not sent yet.
type draft struct {
	Key      string // makes sending it twice one act
	Text     string
	To       audience
	Status   desk.Status
	Reason   desk.Reason
	Next     string
	Language string
	// Unwarned: without the warning of the answered post.
	Unwarned bool
	Only     desk.IssueID // the part of a merged issue that is answered alone
	// Seen is the newest word the writer has read.
	Seen desk.EventID
	// Warning and GoesOut are of a broadcast.
	Warning string
	GoesOut time.Time
	// Unread lists the newer entries; sending then takes a second press of the
	// button.
	Unread string
	// Meant is the digest of a text that was asked about; sending it then takes a
	// second press.
	Meant string
	Wrong sentence // why it was not sent
	// Kept is how long ago it was kept without being sent; "": it was not.
	Kept string
	// Files is what was typed of the pictures of the form, Pictures are all of them.
	// AsksAlt: what they show is asked for.
	Files    []store.DraftFile
	Pictures filing
	AsksAlt  bool
	// AsksTongue is what the form says of the language that was asked about: sending it
	// then takes a second press.
	AsksTongue string
	// Rewrites is the post of which this is a new text; "": it is a new post.
	Rewrites desk.PostID
	// Returns is the colleague's reply that was to be sent back with Word.
	Returns desk.PostID
	Word    string
	// Previewed is what would go out to each reporter, where that was asked.
	Previewed []desk.Post
}

// composer is the form in which something is said.
type composer struct {
	draft
	On       string // the form, as store.Draft.On
	Choices  []choice
	Chosen   audience
	Statuses []desk.Status // that may go with a reply
	// Forbidden says why the manners allow no further word; empty: they do.
	Forbidden sentence
	// OnlyOver: the one word still allowed is that it is over.
	OnlyOver bool
	// Limit is how many characters a post on Host, the reporter's server, may
	// have; Host is "" where that is not known, and Limit the usual one.
	Limit int
	Host  desk.Host
	// Warning and Sensitive are those of the post that is answered.
	Warning   string
	Sensitive bool
	// Caveats are those of the reporter's server.
	Caveats []desk.Caveat
	Preview *preview        // the reply as the reporter's app shows it; nil: it was not asked for
	Tongues []locale.Tongue // in which it can be said to be written
	Phrases []desk.Phrase   // that can be inserted, those in the language of the reply first
	// Parts are those of a merged issue that can be answered, if there are several.
	Parts []app.Part
}

// usualLimit is Mastodon's, and that of most others at least.
const usualLimit = 500

func composerOf(l *locale.Language, v app.IssueView, d draft) composer {
	i := v.Issue
	c := composer{draft: d, On: app.DraftOnIssue(i.ID), Limit: usualLimit, Warning: v.Warning, Sensitive: v.Sensitive, Caveats: v.Caveats}
	if v.MaxCharacters > 0 {
		c.Limit, c.Host = v.MaxCharacters, i.Reporter.Host()
	}
	name := "@" + v.Reporter.Acct
	for _, p := range v.Parts {
		if p.Issue.MayReply(desk.StatusFixed) == nil {
			c.Parts = append(c.Parts, p)
		}
	}
	switch len(c.Parts) {
	case 0:
	case 1:
		name, c.Parts = "@"+c.Parts[0].Reporter.Acct, nil
	default:
		name = l.T("console_composer.reporters", "n", len(c.Parts))
	}
	if err := mayReply(v, ""); err == nil {
		c.Choices = audiences(l, v, name)
		c.Statuses = []desk.Status{desk.StatusAcknowledged, desk.StatusInProgress, desk.StatusWaiting, desk.StatusFixed, desk.StatusClosed}
	} else if mayReply(v, desk.StatusFixed) == nil {
		c.Choices, c.OnlyOver = audiences(l, v, name), true
		c.Statuses = []desk.Status{desk.StatusFixed}
		c.Forbidden = mistakeIn(l, err)
	} else {
		c.Forbidden = mistakeIn(l, err)
	}
	c.Choices = append(c.Choices, choiceOf(l, toDesk, name))
	c.Chosen = c.Choices[0].Audience
	for _, o := range c.Choices {
		if o.Audience == d.To {
			c.Chosen = d.To
		}
	}
	if c.Language == "" {
		c.Language = i.Language
	}
	c.Tongues = locale.Tongues(c.Language)
	return c
}

// mayReply says whether a reply can be sent to one of the reporters at least.
func mayReply(v app.IssueView, status desk.Status) error {
	err := v.Issue.MayReply(status)
	for _, p := range v.Parts {
		if err == nil {
			break
		}
		if p.Issue.MayReply(status) == nil {
			return nil
		}
	}
	return err
}

func choiceOf(l *locale.Language, a audience, name string) choice {
	return choice{a, l.T("console_to." + string(a)), l.T("console_button."+string(a), "name", name), l.T("console_hint." + string(a))}
}

// audiences are those in which the reporter's newest word may be answered.
func audiences(l *locale.Language, v app.IssueView, name string) []choice {
	asked := cmp.Or(v.Answered, desk.VisibilityPublic)
	var out []choice
	for _, a := range []audience{toQuiet, toPublic, toDirect} {
		if _, err := desk.ReplyVisibility(asked, desk.Visibility(a)); err == nil {
			out = append(out, choiceOf(l, a, name))
		}
	}
	return out
}
