package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// shownRounds is how many of the newest rounds are shown.
const shownRounds = 10

// maxFailed is up to how many failed voices are counted: each is read.
const maxFailed = 1000

// toldPage is who would be told of an incident, and who was.
type toldPage struct {
	incidentLine
	app.Audience
	Left      []leftVoices // by reason
	Minutes   int          // from the first to the last
	Rounds    []toldRound  // the newest first
	May       bool
	Untold    bool // the newest post is out, and the voices were not told of it
	Key       string
	Seen      string
	Wrong     sentence
	Uncounts  bool        // so many that their number must be typed
	Failed    []leftVoice // to which the newest word could not be delivered, the first of them
	Further   bool        // there are more
	AllFailed any         // how many failed, on all pages: see counted
}

// leftVoices are voices that are not told for one reason.
type leftVoices struct {
	Why    desk.VoiceWhy
	N      int
	Issues []leftVoice // the first of them
}

type leftVoice struct {
	desk.RoundVoice
	Address string
}

// toldRound is how far the telling of one post has come.
type toldRound struct {
	desk.Round
	By    string
	Waits int
}

// told shows the page.
func (c *Console) told(v *visit) error { return c.showTold(v, http.StatusOK, nil) }

func (c *Console) showTold(v *visit, status int, why error) error {
	ctx, which := v.Context(), v.incidentID()
	whole, err := c.app.ShowIncident(ctx, which)
	if err != nil {
		return err
	}
	now, i := c.app.Now(), whole.Incident
	p := toldPage{incidentLine: incidentLineOf(v.speech, i, now), May: v.agent.May(desk.ScopePublish), Key: id.New(), Seen: strconv.Itoa(i.Revision)}
	if why != nil {
		p.Wrong = mistakeIn(v.speech, why)
	}
	if p.Audience, err = c.app.Audience(ctx, which, "", app.TellInput{}); err != nil {
		return err
	}
	p.Minutes, p.Uncounts = int((p.Takes+time.Minute-1)/time.Minute), p.Replies > desk.MaxUncounted
	for _, why := range slices.Sorted(maps.Keys(p.Audience.Left)) {
		left := leftVoices{Why: why, N: p.Audience.Left[why]}
		for _, l := range p.List {
			if l.Why == why {
				left.Issues = append(left.Issues, leftVoice{l, query{View: viewOpen}.Issue(l.Issue)})
			}
		}
		p.Left = append(p.Left, left)
	}
	rounds, _, err := c.app.Told(ctx, which, store.Page{Limit: shownRounds})
	if err != nil {
		return err
	}
	staff, err := c.staff(ctx)
	if err != nil {
		return err
	}
	for _, r := range rounds {
		p.Rounds = append(p.Rounds, toldRound{r, staff.name(r.Agent), r.Waiting()})
	}
	if len(rounds) > 0 {
		page := func(p store.Page) ([]desk.RoundVoice, string, error) {
			return c.app.ToldVoices(ctx, store.VoiceFilter{Round: rounds[0].Post, State: desk.VoiceFailed}, p)
		}
		failed, next, err := page(store.Page{Limit: pageSize})
		if err != nil {
			return err
		}
		for _, f := range failed {
			p.Failed = append(p.Failed, leftVoice{f, query{View: viewOpen}.Issue(f.Issue)})
		}
		p.Further = next != ""
		if p.AllFailed, err = counted(len(failed), next, page); err != nil {
			return err
		}
	}
	newest := i.Root
	if n := len(whole.Updates); n > 0 {
		newest = whole.Updates[0].IncidentUpdate.Post
	}
	p.Untold = !i.Hidden() && i.Voices > 0 && (len(rounds) == 0 || rounds[0].Post != newest)
	return c.send(v, status, "incident_told", frame{Title: v.speech.T("console_told.title"), Said: v.saying(v.URL.Query().Get("said")), Data: p})
}

// counted counts voices, n of which were read, on further pages: "999+" are many.
func counted(n int, next string, page func(store.Page) ([]desk.RoundVoice, string, error)) (any, error) {
	for next != "" && n < maxFailed {
		some, further, err := page(store.Page{After: next, Limit: min(store.MaxLimit, maxFailed-n)})
		if err != nil {
			return 0, err
		}
		n, next = n+len(some), further
	}
	if n >= maxFailed {
		return fmt.Sprintf("%d+", maxFailed-1), nil
	}
	return n, nil
}

// tellOf reads whether a form asks that the voices are told; nil: it does not.
func tellOf(v *visit) *app.TellInput {
	if v.PostFormValue("tell") == "" {
		return nil
	}
	count, _ := strconv.Atoi(v.PostFormValue("count")) // another text counts as 0, which is asked again
	return &app.TellInput{Count: count}
}

// tellVoices tells the voices the newest post.
func (c *Console) tellVoices(v *visit) error {
	in := tellOf(v)
	if in == nil {
		in = &app.TellInput{}
	}
	if _, err := c.app.TellVoices(v.Context(), v.by(), v.incidentID(), *in); err != nil {
		return c.notTold(v, err)
	}
	return v.toTold("telling")
}

// holdRound pauses the telling, goes on with it, or stops it.
func (c *Console) holdRound(v *visit) (err error) {
	switch v.PostFormValue("do") {
	case "resume":
		_, err = c.app.ResumeRound(v.Context(), v.by(), v.incidentID())
	case "stop":
		_, err = c.app.HoldRound(v.Context(), v.by(), v.incidentID(), desk.RoundStopped)
	default:
		_, err = c.app.HoldRound(v.Context(), v.by(), v.incidentID(), desk.RoundPaused)
	}
	if err != nil {
		return c.notTold(v, err)
	}
	return v.toTold("saved")
}

// retryVoices tells those again whose servers did not take it.
func (c *Console) retryVoices(v *visit) error {
	if _, err := c.app.RetryVoices(v.Context(), v.by(), v.incidentID()); err != nil {
		return c.notTold(v, err)
	}
	return v.toTold("telling")
}

// notTold shows the page again, with the reason.
func (c *Console) notTold(v *visit, err error) error {
	switch desk.ErrorCode(err) {
	case desk.CodeStale:
		return c.showTold(v, http.StatusConflict, err)
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused, desk.CodeNotFound:
		return c.showTold(v, http.StatusUnprocessableEntity, err)
	}
	return err
}

func (v *visit) toTold(said string) error {
	http.Redirect(v.w, v.Request, incidentAddress(v.incidentID())+"/told?said="+said, http.StatusSeeOther)
	return nil
}
