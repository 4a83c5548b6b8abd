package console

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// filesPath is where a picture is put into a form.
const filesPath = "/files"

// large says whether a form may bring a picture.
func large(path string) bool {
	path, ok := strings.CutPrefix(path, Root)
	return ok && (path == picturePath || path == filesPath || path == "/posts/edit" ||
		strings.HasPrefix(path, "/issues/") && strings.HasSuffix(path, "/say"))
}

// filing is the part of a form with pictures.
type filing struct {
	Files []fileRow
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
}

// Room says whether one more has room.
func (f filing) Room() bool { return len(f.Files) < desk.MaxFiles }

// filingOf is the part of a form: of the pictures that its post has, and of those that
// wait in it. asked: what they show was asked for.
func filingOf(has []desk.Attachment, staged []desk.Upload, asked bool) (f filing) {
	for _, a := range has {
		if a.File != "" {
			f.Files = append(f.Files, fileRow{a.File, a.Alt, fileAt(a.File), false})
		}
	}
	for _, u := range staged {
		f.Files = append(f.Files, fileRow{u.ID, u.Alt, fileAt(u.ID), true})
	}
	if asked {
		var ids []app.FileInput
		for _, r := range f.Files {
			ids = append(ids, app.FileInput{ID: r.ID, Alt: r.Alt})
		}
		f.Undescribed = undescribed(ids)
	}
	return f
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
	for _, id := range v.PostForm["attached"] {
		if !slices.Contains(v.PostForm["drop"], id) {
			files = append(files, app.FileInput{ID: desk.FileID(id), Alt: strings.ReplaceAll(strings.TrimSpace(v.PostFormValue("alt-"+id)), "\r\n", "\n")})
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
		err = desk.Invalid("files_too_many", "a post has at most %d pictures", desk.MaxFiles)
	}
	if v.PostFormValue("quiet") != "" {
		if err != nil {
			return err
		}
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if kind, id, _ := strings.Cut(on, "/"); err != nil && kind == "issues" && desk.ErrorCode(err) == desk.CodeInvalid {
		d.ask(v, err)
		return c.showIssueOf(v, desk.IssueID(id), http.StatusUnprocessableEntity, &d)
	}
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.Request, formPage(v.PostForm)+"#alt-"+string(brought), http.StatusSeeOther)
	return nil
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
	writePicture(v.w, f.Type, f.Bytes)
	return nil
}
