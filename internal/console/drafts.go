package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// keep keeps what was typed into a form that did not send it. What no draft can be of
// comes back with the form only.
func (c *Console) keep(v *visit, on string, d draft) error {
	err := c.app.SaveDraft(v.Context(), v.by(), keptAs(on, d))
	if desk.ErrorCode(err) == desk.CodeInternal {
		return err
	}
	return nil
}

func keptAs(on string, d draft) store.Draft {
	return store.Draft{On: on, Text: d.Text, To: string(d.To), Status: d.Status, Reason: d.Reason, Next: d.Next, Language: d.Language, Unwarned: d.Unwarned, Only: d.Only, Warning: d.Warning, GoesOut: d.GoesOut, Files: d.Files}
}

// keptOf is what an agent typed into a form and did not send; nil: nothing.
func keptOf(v *visit, drafts map[string]store.Draft, on string, now time.Time) *draft {
	d, ok := drafts[on]
	if !ok {
		return nil
	}
	return &draft{Text: d.Text, To: audience(d.To), Status: d.Status, Reason: d.Reason, Next: d.Next, Language: d.Language, Unwarned: d.Unwarned, Only: d.Only, Files: d.Files, Kept: ago(v.speech, now.Sub(d.At))}
}

// keepDraft keeps the words as they are typed: the page's script sends it now and then, and
// without a script a button does.
func (c *Console) keepDraft(v *visit) error {
	if err := c.app.SaveDraft(v.Context(), v.by(), keptAs(v.PostFormValue("on"), draftOf(v))); err != nil {
		return err
	}
	if _, err := c.described(v); err != nil {
		return err
	}
	if v.PostFormValue("quiet") != "" {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.toForm("draft")
}

// discardDraft forgets what was typed.
func (c *Console) discardDraft(v *visit) error {
	if err := c.app.DiscardDraft(v.Context(), v.by(), v.PostFormValue("on")); err != nil {
		return err
	}
	return v.toForm("discarded")
}

// toForm redirects to the page of a form.
func (v *visit) toForm(said string) error {
	to := formPage(v.PostForm)
	if id, ok := strings.CutPrefix(to, Root+"/issues/"); ok {
		return v.back(desk.IssueID(id), said)
	}
	return v.done(strings.TrimPrefix(to, Root), said)
}

// formPage is the page on which a form is.
func formPage(form url.Values) string {
	kind, id, _ := strings.Cut(form.Get("on"), "/")
	switch {
	case kind == "posts" && form.Get("issue") == "" && form.Get("desk") != "":
		return Root + broadcastsOf(desk.Handle(form.Get("desk")))
	case kind == "posts":
		id = form.Get("issue")
		fallthrough
	case kind == "issues" && id != "":
		return Root + "/issues/" + url.PathEscape(id)
	case kind == "incidents" && id != "":
		return Root + "/incidents/" + url.PathEscape(id)
	case kind == app.DraftOnSeveral && len(form["shown"]) > 0:
		return Root + severalAddress(form)
	case kind == "desks":
		return Root + broadcastsOf(desk.Handle(id))
	}
	return Root + "/issues"
}

// typed are the fields of a form that a draft keeps.
var typed = []string{"on", "issue", "title", "text", "audience", "to", "status", "reason", "next", "language", "only", "warned", "warning"}

// carried is what an agent typed who turned out to be signed out: the page where they
// sign in carries it, so that it is kept as soon as they are in.
func carried(form url.Values) map[string]string {
	if form.Get("on") == "" || strings.TrimSpace(form.Get("text")) == "" {
		return nil
	}
	out := map[string]string{}
	for _, name := range typed {
		if value := form.Get(name); value != "" {
			out[name] = value
		}
	}
	if files := typedFiles(form); files != nil {
		if all, err := json.Marshal(files); err == nil {
			out["described"] = string(all)
		}
	}
	return out
}
