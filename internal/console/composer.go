package console

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

// audience is who will read what is written.
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

// draft is what somebody is about to say.
type draft struct {
	Key      string // makes sending it twice one act
	Text     string
	To       audience
	Status   desk.Status
	Reason   desk.Reason
	Next     string
	Language string
	// Seen is the newest word the writer has read.
	Seen desk.EventID
	// Unread says what was said since, and what else speaks against sending;
	// it takes a second press of the button.
	Unread string
	Wrong  string // why it was not sent
}

// composer is the form in which something is said.
type composer struct {
	draft
	Choices  []choice
	Chosen   audience
	Statuses []desk.Status // that may go with a reply
	// Forbidden says why the manners allow no further word; "": they do.
	Forbidden string
	// OnlyOver: the one word still allowed is that it is over.
	OnlyOver bool
	Limit    int // characters that the reporter's server is sure to show
}

// usualLimit is what Mastodon shows, and most others at least.
const usualLimit = 500

func composerOf(v app.IssueView, d draft) composer {
	i := v.Issue
	c := composer{draft: d, Limit: usualLimit}
	name := "@" + v.Reporter.Acct
	if err := i.MayReply(""); err == nil {
		c.Choices = audiences(v, name)
		c.Statuses = []desk.Status{desk.StatusAcknowledged, desk.StatusInProgress, desk.StatusWaiting, desk.StatusFixed, desk.StatusClosed}
	} else if i.MayReply(desk.StatusFixed) == nil {
		c.Choices, c.OnlyOver = audiences(v, name), true
		c.Statuses = []desk.Status{desk.StatusFixed}
		c.Forbidden = desk.ErrorMessage(err)
	} else {
		c.Forbidden = desk.ErrorMessage(err)
	}
	c.Choices = append(c.Choices, choice{toDesk, "Comment", "Comment for colleagues", "Never leaves this instance."})
	c.Chosen = c.Choices[0].Audience
	for _, o := range c.Choices {
		if o.Audience == d.To {
			c.Chosen = d.To
		}
	}
	if c.Language == "" {
		c.Language = i.Language
	}
	return c
}

// audiences are those in which the reporter's newest word may be answered.
func audiences(v app.IssueView, name string) []choice {
	quiet := choice{toQuiet, "Quiet", "Reply quietly to " + name, "Public, but in no timeline: for them and whoever opens the thread."}
	public := choice{toPublic, "Public", "Reply in public to " + name, "Also to your followers. For answers that others should find."}
	direct := choice{toDirect, "Direct", "Reply directly to " + name, "For them alone. Not encrypted: the admins of both servers can read it."}
	asked := desk.VisibilityPublic
	for _, e := range v.Timeline {
		if p := e.Post; p != nil && !p.Ours() && !p.Deleted && (p.Author == v.Issue.Reporter || p.Role == desk.RoleReport) {
			asked = p.Visibility
		}
	}
	var out []choice
	for _, o := range []choice{quiet, public, direct} {
		if _, err := desk.ReplyVisibility(asked, desk.Visibility(o.Audience)); err == nil {
			out = append(out, o)
		}
	}
	return out
}
