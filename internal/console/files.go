package console

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// filesPath is where a picture is put into a form.
const filesPath = "/files"

// large says whether a form may bring a picture.
func large(path string) bool {
	path, ok := strings.CutPrefix(path, Root)
	return ok && (path == picturePath || path == filesPath || path == "/broadcasts" || path == "/broadcasts/preview" || path == "/posts/edit" ||
		strings.HasPrefix(path, "/issues/") && (strings.HasSuffix(path, "/say") || strings.HasSuffix(path, "/preview")))
}

// filing is the part of a form with pictures.
type filing struct {
	Files []fileRow
	Stay  int // how many of them are not to be taken away
	// Undescribed is the digest of those without a description, if that was asked for;
	// sending then takes a second press.
	Undescribed string
}

// fileRow is a picture in a form.
type fileRow struct {
	ID     desk.FileID
	Alt    string
	At     string // its address here
	Staged bool   // it is not sent yet
	Drop   bool   // the post has it, and it is to be taken away
}

// Most is how large one may be, in bytes, and MostMB in megabytes.
func (f filing) Most() int   { return app.MaxUpload }
func (f filing) MostMB() int { return app.MaxUpload >> 20 }

// Room says whether one more has room.
func (f filing) Room() bool { return f.Stay < desk.MaxFiles }

// filingOf is the part of a form: of the pictures that its post has, and of those that
// wait in it, as they were described in the form.
func filingOf(has []desk.Attachment, staged []desk.Upload, d draft) (f filing) {
	for _, a := range has {
		if a.File != "" {
			f.Files = append(f.Files, fileRow{ID: a.File, Alt: a.Alt, At: fileAt(a.File)})
		}
	}
	for _, u := range staged {
		f.Files = append(f.Files, fileRow{ID: u.ID, Alt: u.Alt, At: fileAt(u.ID), Staged: true})
	}
	var stay []app.FileInput
	for n := range f.Files {
		r := &f.Files[n]
		for _, typed := range d.Files {
			if typed.ID == r.ID {
				r.Alt, r.Drop = typed.Alt, typed.Drop && !r.Staged
			}
		}
		if !r.Drop {
			stay = append(stay, app.FileInput{ID: r.ID, Alt: r.Alt})
		}
	}
	if f.Stay = len(stay); d.AsksAlt {
		f.Undescribed = undescribed(stay)
	}
	return f
}

// typedFiles is what a form says of its pictures.
func typedFiles(form url.Values) (out []store.DraftFile) {
	if carried := form.Get("described"); carried != "" { // through signing in
		if json.Unmarshal([]byte(carried), &out) != nil {
			return nil
		}
		return out
	}
	for _, id := range form["attached"] {
		out = append(out, store.DraftFile{ID: desk.FileID(id), Alt: strings.ReplaceAll(strings.TrimSpace(form.Get("alt-"+id)), "\r\n", "\n"), Drop: slices.Contains(form["drop"], id)})
	}
	return out
}

func fileAt(id desk.FileID) string { return Root + filesPath + "/" + string(id) }

// undescribed is the digest of the pictures without a description, "" if there are none.
func undescribed(files []app.FileInput) string {
	out := ""
	for _, f := range files {
		if strings.TrimSpace(f.Alt) == "" {
			out += string(f.ID) + "\n"
		}
	}
	if out == "" {
		return ""
	}
	return digest(out)
}

// filed are the pictures that a form names, with one that it brings. What was typed of them
// is kept, however the form ends.
func (c *Console) filed(v *visit, on string) (files []app.FileInput, brought desk.FileID, err error) {
	if files, err = c.described(v); err != nil {
		return files, "", err
	}
	raw, err := chosenFile(v)
	if err != nil || raw == nil {
		return files, "", err
	}
	u, err := c.app.Upload(v.Context(), v.who.By(""), on, raw)
	if err != nil {
		return files, "", err
	}
	return append(files, app.FileInput{ID: u.ID}), u.ID, nil
}

// described keeps what was typed of the pictures of a form.
func (c *Console) described(v *visit) (files []app.FileInput, err error) {
	for _, f := range typedFiles(v.PostForm) {
		if !f.Drop {
			files = append(files, app.FileInput{ID: f.ID, Alt: f.Alt})
		}
	}
	return files, c.app.Describe(v.Context(), v.who.By(""), files)
}

// chosenFile reads the picture that a form brings; nil: none.
func chosenFile(v *visit) ([]byte, error) {
	if v.MultipartForm == nil {
		return nil, nil
	}
	file, about, err := v.FormFile("picture")
	if errors.Is(err, http.ErrMissingFile) || err == nil && about.Size == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// checkDescribed asks once what the pictures show.
func checkDescribed(v *visit, files []app.FileInput) error {
	if lacks := undescribed(files); lacks != "" && v.PostFormValue("undescribed") != lacks {
		return desk.Invalid("alt_missing", "say what each picture shows, for those who do not see it; press again to send it without")
	}
	return nil
}

// attach puts a picture into a form, and leads back to where it is described.
func (c *Console) attach(v *visit) error {
	on, d := v.PostFormValue("on"), draftOf(v)
	if err := c.keepTyped(v, on, d); err != nil {
		return err
	}
	files, brought, err := c.filed(v, on)
	if err == nil && brought == "" {
		err = desk.Invalid("picture_missing", "choose the file with the picture")
	}
	if err == nil && len(files) > desk.MaxFiles {
		if err := c.app.RemoveUpload(v.Context(), v.who.By(""), brought); err != nil {
			return err
		}
		err = app.TooManyFiles()
	}
	if v.PostFormValue("quiet") != "" {
		if err != nil {
			return err
		}
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if desk.ErrorCode(err) == desk.CodeInvalid {
		d.ask(v, err)
		if shown, err := c.showForm(v, on, http.StatusUnprocessableEntity, &d); shown {
			return err
		}
	}
	if err != nil {
		return err
	}
	if kind, _, _ := strings.Cut(on, "/"); kind != "posts" && strings.TrimSpace(d.Text) == "" { // no draft has its choices, without words
		if shown, err := c.showForm(v, on, http.StatusOK, &d); shown {
			return err
		}
	}
	http.Redirect(v.w, v.Request, formPage(v.PostForm)+"#alt-"+string(brought), http.StatusSeeOther)
	return nil
}

// showForm answers with the page of a form, as it was typed. shown is false for a form
// without pictures.
func (c *Console) showForm(v *visit, on string, status int, d *draft) (shown bool, err error) {
	kind, id, _ := strings.Cut(on, "/")
	issue, h := desk.IssueID(v.PostFormValue("issue")), desk.Handle(v.PostFormValue("desk"))
	switch {
	case kind == "posts" && issue != "":
		d.Rewrites = desk.PostID(id)
		return true, c.showIssueOf(v, issue, status, d)
	case kind == "posts" && h != "":
		d.Rewrites = desk.PostID(id)
		return true, c.showRewrite(v, h, status, d)
	case kind == "issues" && id != "":
		return true, c.showIssueOf(v, desk.IssueID(id), status, d)
	case kind == "desks":
		return true, c.showBroadcasts(v, status, broadcasts{Key: d.Key, Draft: broadcastOf(v), At: v.PostFormValue("at"), typed: *d})
	}
	return false, nil
}

// detach takes a picture out of a form.
func (c *Console) detach(v *visit) error {
	if err := c.keepTyped(v, v.PostFormValue("on"), draftOf(v)); err != nil {
		return err
	}
	if _, err := c.described(v); err != nil {
		return err
	}
	if err := c.app.RemoveUpload(v.Context(), v.who.By(""), desk.FileID(v.PostFormValue("remove"))); err != nil {
		return err
	}
	return v.toForm("removed")
}

// keepTyped keeps the words of a form to which one comes back. Without words nothing of
// before is discarded.
func (c *Console) keepTyped(v *visit, on string, d draft) error {
	if strings.TrimSpace(d.Text) == "" {
		return nil
	}
	return c.keep(v, on, d)
}

// showFile shows a picture of ours to an agent.
func (c *Console) showFile(v *visit) error {
	f, ok, err := c.app.FileFor(v.Context(), v.agent.Email, desk.FileID(mux.Vars(v.Request)["file"]))
	if err != nil {
		return err
	}
	if !ok {
		http.Error(v.w, "this picture is not there any more", http.StatusNotFound)
		return nil
	}
	b, err := c.app.FileBytes(v.Context(), f)
	if err != nil {
		return err
	}
	writePicture(v.w, f.Type, b)
	return nil
}
