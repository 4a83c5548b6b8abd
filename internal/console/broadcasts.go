package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/locale"
)

// broadcasts is what a desk told its followers.
type broadcasts struct {
	Desk  desk.Desk
	Desks []desk.Desk
	On    string // as in composer
	Kept  string // as in draft
	Key   string
	May   bool
	Limit int // characters that most servers show
	Draft app.BroadcastInput
	At    string // Draft.At as it was typed, in the agent's zone
	typed draft  // what else the form said, and why it was not sent
	// Preview is the broadcast as followers see it; nil: it was not asked for.
	Preview   *preview
	previewed []desk.Post
	// Pictures are those of the form.
	Pictures filing
	// Rewrite is the new text of a broadcast that was refused; nil: nothing was.
	Rewrite   *draft
	Followers int
	now       time.Time
	zone      *time.Location
	speech    *locale.Language
	staff     staff
	kept      func(on string) *draft
	staged    map[string][]desk.Upload // by the form
	shown     func(*desk.Post) ([]shownPicture, []desk.Attachment)
}

// Wrong says why it was not sent, and Meant is as in draft.
func (b broadcasts) Wrong() sentence { return b.typed.Wrong }
func (b broadcasts) Meant() string   { return b.typed.Meant }

// Shown are the pictures of a broadcast.
func (b broadcasts) Shown(p desk.Post) []shownPicture {
	pictures, _ := b.shown(&p)
	return pictures
}

// Refiled are the pictures in the form with the new text of a post.
func (b broadcasts) Refiled(p desk.Post) filing {
	d := b.Rewrites(p)
	if d == nil {
		d = &draft{}
	}
	return filingOf(p.Attachments, b.staged[app.DraftOnPost(p.ID)], *d)
}

// Name is what a colleague is called.
func (b broadcasts) Name(agent desk.Email) string { return b.staff.name(agent) }

// Left is how many seconds a post can still be taken back.
func (b broadcasts) Left(due time.Time) int { return max(int(due.Sub(b.now).Seconds()), 1) }

// Later is when a post goes out, on the agent's clock; "": within a minute.
func (b broadcasts) Later(due time.Time) string {
	if due.Sub(b.now) <= time.Minute {
		return ""
	}
	return localTime(b.speech, due.In(b.zone)) + " " + due.In(b.zone).Format("MST")
}

// Rewrites is the new text of a post that was refused, or not sent; nil for all others.
func (b broadcasts) Rewrites(p desk.Post) *draft {
	if b.Rewrite != nil && b.Rewrite.Rewrites == p.ID {
		return b.Rewrite
	}
	return b.kept(app.DraftOnPost(p.ID))
}

// Zone is the name of the agent's time zone.
func (b broadcasts) Zone() string { return b.zone.String() }

func (c *Console) broadcasts(v *visit) error {
	return c.showBroadcasts(v, http.StatusOK, broadcasts{Key: id.New(), Draft: app.BroadcastInput{Desk: desk.Handle(v.URL.Query().Get("desk"))}})
}

func (c *Console) showBroadcasts(v *visit, status int, more broadcasts) error {
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	if len(desks) == 0 {
		return desk.NotFound("desk_needed", "there is no desk yet: make one under Desks")
	}
	more.Desk, more.Desks, more.May, more.Limit, more.now = desks[0], desks, v.agent.May(desk.ScopePublish), usualLimit, c.app.Now()
	more.zone, more.speech = v.agent.Zone(), v.speech
	for _, d := range desks {
		if d.Handle == more.Draft.Desk {
			more.Desk = d
		}
	}
	more.On = app.DraftOnDesk(more.Desk.Handle)
	drafts, err := c.app.Drafts(v.Context(), v.agent.Email)
	if err != nil {
		return err
	}
	more.kept = func(on string) *draft { return keptOf(v, drafts, on, more.now) }
	if d, ok := drafts[more.On]; ok && more.Draft.Text == "" {
		more.Draft.Text, more.Draft.Language, more.Draft.Warning, more.typed.Files = d.Text, d.Language, d.Warning, d.Files
		if !d.GoesOut.IsZero() {
			more.At = d.GoesOut.In(more.zone).Format(windowLayout)
		}
		more.Kept = ago(v.speech, more.now.Sub(d.At))
	}
	if more.staged, err = c.app.Uploads(v.Context(), v.agent.Email); err != nil {
		return err
	}
	more.Pictures, more.shown = filingOf(nil, more.staged[more.On], more.typed), c.picturesOf
	if more.Preview = c.previewOf(v.speech, more.Desk, composer{draft: draft{Previewed: more.previewed, Pictures: more.Pictures}, Limit: more.Limit}); more.Preview != nil {
		more.Preview.Title = v.speech.T("console_broadcast.previewed")
	}
	if more.Followers, err = c.app.Followers(v.Context(), more.Desk.Handle); err != nil {
		return err
	}
	list, next, err := c.app.Broadcasts(v.Context(), more.Desk.Handle, v.page())
	if err != nil {
		return err
	}
	if more.staff, err = c.staff(v.Context()); err != nil {
		return err
	}
	s := sheetOf(v, list, next)
	s.More = more
	return c.showAs(v, status, "broadcasts", s)
}

// broadcast sends a post to the followers. If it fails, the form comes back
// with the reason, and no text is lost.
func (c *Console) broadcast(v *visit) error {
	in, by, d := broadcastOf(v), v.by(), draftOf(v)
	by.Draft = app.DraftOnDesk(in.Desk)
	typed := v.PostFormValue("at")
	files, brought, err := c.filed(v, by.Draft)
	if err == nil {
		err = checkDescribed(v, files)
	}
	if err == nil {
		in.At, err = dueTime(typed, v.agent.Zone())
	}
	if in.Files = files; err == nil {
		_, err = c.app.Broadcast(v.Context(), by, in)
	}
	if err == nil {
		c.sentAgain(v, brought)
	}
	if err != nil {
		kept := draft{Text: in.Text, Language: in.Language, Warning: in.Warning, GoesOut: in.At, Files: d.Files}
		if err := c.keep(v, by.Draft, kept); err != nil {
			return err
		}
	}
	switch desk.ErrorCode(err) {
	case "":
		if typed != "" {
			return v.done(broadcastsOf(in.Desk), "broadcast_later")
		}
		return v.done(broadcastsOf(in.Desk), "broadcast")
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused:
		d.ask(v, err)
		return c.showBroadcasts(v, http.StatusUnprocessableEntity, broadcasts{Key: keyAfter(d.Key, err), Draft: in, At: typed, typed: d})
	}
	return err
}

// previewBroadcast answers with the form, the words, and the broadcast as it would go out.
func (c *Console) previewBroadcast(v *visit) error {
	in, d := broadcastOf(v), draftOf(v)
	on, typed := app.DraftOnDesk(in.Desk), v.PostFormValue("at")
	_, _, err := c.filed(v, on)
	if kept := c.keep(v, on, d); kept != nil {
		return kept
	}
	if err == nil {
		in.At, err = dueTime(typed, v.agent.Zone())
	}
	var p desk.Post
	if err == nil {
		p, err = c.app.PreviewBroadcast(v.Context(), v.by(), in)
	}
	again := broadcasts{Key: d.Key, Draft: in, At: typed, typed: d}
	switch desk.ErrorCode(err) {
	case "":
		again.previewed = []desk.Post{p}
		return c.showBroadcasts(v, http.StatusOK, again)
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden:
		again.typed.Wrong = mistakeIn(v.speech, err)
		return c.showBroadcasts(v, http.StatusUnprocessableEntity, again)
	}
	return err
}

// broadcastOf is what the form says, but for its time and its pictures.
func broadcastOf(v *visit) app.BroadcastInput {
	return app.BroadcastInput{Desk: desk.Handle(v.PostFormValue("desk")), Text: v.PostFormValue("text"), Language: strings.TrimSpace(v.PostFormValue("language")),
		Warning: v.PostFormValue("warning")}
}

// dueTime reads when a broadcast goes out; "": after the time to take it back.
func dueTime(typed string, zone *time.Location) (at time.Time, err error) {
	if typed == "" {
		return at, nil
	}
	if at, err = time.ParseInLocation(windowLayout, typed, zone); err != nil {
		return at, desk.Invalid("broadcast_at_unreadable", "write the time as a day and an hour, like 2026-03-01T14:30, not %.40q", typed)
	}
	return at, nil
}

// undoBroadcast takes one back that has not gone out yet.
func (c *Console) undoBroadcast(v *visit) error {
	p, err := c.app.Undo(v.Context(), v.by(), v.PostFormValue("post"))
	if err != nil {
		return err
	}
	return v.done(broadcastsOf(p.Desk), "undo")
}

// broadcastsOf is the page of a desk's broadcasts, below Root.
func broadcastsOf(h desk.Handle) string {
	return "/broadcasts?" + url.Values{"desk": {string(h)}}.Encode()
}
