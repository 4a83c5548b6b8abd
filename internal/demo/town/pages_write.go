package town

import (
	"net/http"
	"strings"

	"earshot/internal/desk"
)

const maxForm = 64 << 10

// write publishes the composer's text, and leads to its thread.
func (t *Town) write(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		t.showError(w, desk.Invalid("town_form_unreadable", "The form could not be read."))
		return
	}
	person := r.PostForm.Get("as")
	id, err := t.Post(r.Context(), person, PostInput{
		Text:       r.PostForm.Get("text"),
		Visibility: desk.Visibility(r.PostForm.Get("visibility")),
		InReplyTo:  desk.ObjectID(r.PostForm.Get("reply")),
	})
	if err != nil {
		t.showError(w, err)
		return
	}
	http.Redirect(w, r, pathOf(id)+"#"+anchor(id), http.StatusSeeOther)
}

// do acts on a post or an actor, and leads back.
func (t *Town) do(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		t.showError(w, desk.Invalid("town_form_unreadable", "The form could not be read."))
		return
	}
	if err := t.act(r, r.PostForm.Get("as"), r.PostForm.Get("what")); err != nil {
		t.showError(w, err)
		return
	}
	back := r.PostForm.Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (t *Town) act(r *http.Request, person, what string) error {
	object := desk.ObjectID(r.PostForm.Get("object"))
	switch what {
	case "like":
		return t.Like(person, object)
	case "unlike":
		return t.Unlike(person, object)
	case "boost":
		return t.Boost(person, object)
	case "unboost":
		return t.Unboost(person, object)
	case "delete":
		return t.Delete(person, object)
	case "edit":
		return t.Edit(r.Context(), person, object, r.PostForm.Get("text"))
	case "vote":
		return t.Vote(person, object, r.PostForm.Get("option"))
	}
	target, err := t.Resolve(r.Context(), strings.TrimSpace(r.PostForm.Get("handle")))
	if err != nil {
		t.log.Info("handle not found", "error", err)
		return desk.NotFound("town_handle_not_found", "Nobody was found at %q. A handle looks like @help@acme.example.", r.PostForm.Get("handle"))
	}
	switch what {
	case "follow":
		return t.Follow(r.Context(), person, target)
	case "unfollow":
		return t.Unfollow(r.Context(), person, target)
	case "block":
		return t.Block(r.Context(), person, target)
	case "unblock":
		return t.Unblock(r.Context(), person, target)
	}
	return desk.Invalid("town_action_unknown", "There is no action %q.", what)
}

// anchor is where a post is on its page.
func anchor(id desk.ObjectID) string {
	s := string(id)
	return "p-" + s[strings.LastIndexByte(s, '/')+1:]
}
