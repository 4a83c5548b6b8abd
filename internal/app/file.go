package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/picture"
	"earshot/store"
)

// The bounds of files that are not sent yet. One that no form has is forgotten after a day,
// the others with old drafts.
const (
	maxUploads        = 20  // of one agent
	maxUploadsOfAll   = 200 // of all agents
	uploadsRemembered = 24 * time.Hour
	// MaxUpload is the largest file that is read, in bytes: a photo of a phone. It is written
	// again, smaller.
	MaxUpload = 10 << 20
	// maxFile is how long a picture of ours is at most, in bytes.
	maxFile = 4 << 20
)

// fileLimits are what a file of a post becomes.
var fileLimits = picture.Limits{Bytes: MaxUpload, Least: 1, Width: 2048, Height: 2048}

// FileInput names a file of a post of ours: one that was uploaded, or that the post has.
type FileInput struct {
	ID  desk.FileID
	Alt string // what it shows, for those who do not see it
}

// Upload takes a picture that an agent will send, made from the pixels of the bytes: nothing
// else is kept. on is the form that it is in, as of a draft; "" for none.
func (a *App) Upload(ctx context.Context, by By, on string, raw []byte) (desk.Upload, error) {
	drawn, err := draw(ctx, raw, fileLimits)
	if err == nil && len(drawn.Body) > maxFile {
		smooth := fileLimits
		smooth.Photo = true
		drawn, err = draw(ctx, raw, smooth)
	}
	if err == nil && len(drawn.Body) > maxFile {
		err = desk.Invalid("picture_bytes", "a picture has at most %d MB", maxFile>>20)
	}
	if err != nil {
		return desk.Upload{}, err
	}
	u := desk.Upload{Agent: by.Agent, ID: newFileID(), On: on, Type: drawn.Type, Width: drawn.Width, Height: drawn.Height}
	return once(ctx, a, by, audit[desk.Upload]{"file.upload", func(u desk.Upload) (string, string) { return "files/" + string(u.ID), "" }}, func(tx *Tx) (desk.Upload, error) {
		u.At = tx.Now
		if on != "" {
			if err := tx.formThere(on); err != nil {
				return u, err
			}
		}
		if err := tx.roomForUpload(by.Agent, on); err != nil {
			return u, err
		}
		if err := tx.Files().Add(desk.File{ID: u.ID, Type: u.Type}, drawn.Body); err != nil {
			return u, err
		}
		return u, tx.Files().PutUpload(u)
	})
}

// newFileID is 128 random bits: who knows it may see the file.
func newFileID() desk.FileID { return desk.FileID(strings.ToLower(rand.Text())) }

func (t *Tx) roomForUpload(agent desk.Email, on string) error {
	mine, _, err := t.Files().Uploads(agent, store.Page{Limit: maxUploads})
	if err != nil {
		return err
	}
	if n := len(slices.DeleteFunc(slices.Clone(mine), func(u desk.Upload) bool { return u.On != on })); on != "" && n >= desk.MaxFiles {
		return TooManyFiles()
	}
	all, _, err := t.Files().UploadsOfAll(store.Page{Limit: maxUploadsOfAll})
	if err == nil && (len(mine) >= maxUploads || len(all) >= maxUploadsOfAll) {
		err = desk.Conflict("uploads_full", "%d pictures of one agent wait to be sent at most, and %d of all: send or remove some", maxUploads, maxUploadsOfAll)
	}
	return err
}

// TooManyFiles is the error of a post with more files than it may have.
func TooManyFiles() error {
	return desk.Invalid("files_too_many", "a post has at most %d pictures", desk.MaxFiles)
}

// Uploads lists what an agent has uploaded and not sent yet, by the form, in the order in
// which it came.
func (a *App) Uploads(ctx context.Context, agent desk.Email) (map[string][]desk.Upload, error) {
	out := map[string][]desk.Upload{}
	err := a.View(ctx, func(tx *Tx) error {
		clear(out)
		all, err := tx.uploads(agent)
		for _, u := range all {
			out[u.On] = append(out[u.On], u)
		}
		return err
	})
	return out, err
}

func (t *Tx) uploads(agent desk.Email) ([]desk.Upload, error) {
	all, _, err := t.Files().Uploads(agent, store.Page{Limit: maxUploads})
	slices.SortStableFunc(all, func(a, b desk.Upload) int { return a.At.Compare(b.At) })
	return all, err
}

// Describe keeps what was typed of what files of an agent show, before they are sent.
// Those that are not there any more are left out.
func (a *App) Describe(ctx context.Context, by By, files []FileInput) error {
	if len(files) == 0 {
		return nil
	}
	return a.Update(ctx, func(tx *Tx) error {
		for _, f := range files {
			u, ok, err := tx.Files().GetUpload(by.Agent, f.ID)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if u.Alt, err = desk.CheckAlt(f.Alt); err != nil {
				return err
			}
			if err := tx.Files().PutUpload(u); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveUpload forgets a file that was not sent.
func (a *App) RemoveUpload(ctx context.Context, by By, id desk.FileID) error {
	_, err := once(ctx, a, by, audit[Ack]{"file.remove", func(Ack) (string, string) { return "files/" + string(id), "" }}, func(tx *Tx) (Ack, error) {
		found, err := tx.Files().DeleteUpload(by.Agent, id)
		if err == nil && !found {
			err = fileUnknown(id)
		}
		if err != nil {
			return Ack{}, err
		}
		_, err = tx.Files().Delete(id)
		return Ack{}, err
	})
	return err
}

func fileUnknown(id desk.FileID) error {
	return desk.NotFound("file_not_found", "there is no picture %.40q that waits to be sent: upload it, and send it within a day", id)
}

// File returns a file that may be shown to all who know its address: its post has gone
// out, and is still there. FileBytes reads its bytes.
func (a *App) File(ctx context.Context, id desk.FileID) (f desk.File, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if f, ok, err = tx.Files().Get(id); err != nil || !ok {
			return err
		}
		ok, err = tx.hasFile(f, func(p desk.Post) bool {
			return p.State == desk.PostPublished || p.State == desk.PostAwaitingApproval
		})
		return err
	})
	if err == nil && !ok {
		a.files.remove(id)
	}
	return f, ok, err
}

// FileBytes reads the bytes of a file that may be shown. Few are read at a time.
func (a *App) FileBytes(ctx context.Context, f desk.File) (b []byte, err error) {
	if b, ok := a.files.get(f.ID); ok {
		return b, nil
	}
	select {
	case a.files.reading <- struct{}{}:
		defer func() { <-a.files.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	err = a.View(ctx, func(tx *Tx) error {
		var ok bool
		if b, ok, err = tx.Files().Bytes(f.ID); err == nil && !ok {
			err = fileUnknown(f.ID)
		}
		return err
	})
	if err == nil && f.Post != "" { // others ask for it once or twice
		a.files.put(f.ID, b)
	}
	return b, err
}

// FileFor returns a file for an agent: of a post of ours in any state, or one that this agent
// has not sent yet.
func (a *App) FileFor(ctx context.Context, agent desk.Email, id desk.FileID) (f desk.File, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if f, ok, err = tx.Files().Get(id); err != nil || !ok {
			return err
		}
		if f.Post == "" {
			_, ok, err = tx.Files().GetUpload(agent, id)
			return err
		}
		ok, err = tx.hasFile(f, func(desk.Post) bool { return true })
		return err
	})
	return f, ok, err
}

// hasFile says whether a post, or a copy of it, has a file and is as it is to be.
func (t *Tx) hasFile(f desk.File, is func(desk.Post) bool) (bool, error) {
	p, ok, err := t.Posts().Get(f.Post)
	if f.Post == "" || err != nil || !ok {
		return false, err
	}
	same, err := t.allCopies(p)
	return slices.ContainsFunc(same, func(c desk.Post) bool { return !c.Deleted && c.HasFile(f.ID) && is(c) }), err
}

// allCopies lists a post and all that were written with it, also where the merge of their
// issues was taken back since: they have the same files.
func (t *Tx) allCopies(p desk.Post) ([]desk.Post, error) {
	first := p
	if p.CopyOf != "" {
		var err error
		if first, _, err = t.Posts().Get(p.CopyOf); err != nil {
			return nil, err
		}
	}
	out := []desk.Post{p}
	for _, id := range append([]desk.PostID{first.ID}, first.Copies...) {
		c, ok, err := t.Posts().Get(id)
		if err != nil {
			return nil, err
		}
		if ok && c.ID != p.ID {
			out = append(out, c)
		}
	}
	return out, nil
}

// attach gives new posts that say the same their files, which were uploaded.
func (t *Tx) attach(by By, posts []desk.Post, files []FileInput) error {
	attached, err := t.attachments(by, posts[0], files)
	for n := range posts {
		posts[n].Attachments = slices.Clone(attached)
	}
	return err
}

// attachments makes the files of a post: uploads, which become the post's, and those that
// it has, with new descriptions.
func (t *Tx) attachments(by By, p desk.Post, files []FileInput) (out []desk.Attachment, err error) {
	if len(files) > desk.MaxFiles {
		return nil, TooManyFiles()
	}
	for _, in := range files {
		alt, err := desk.CheckAlt(in.Alt)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(a desk.Attachment) bool { return a.File == in.ID }) {
			return nil, desk.Invalid("file_twice", "the picture %.40q is named twice", in.ID)
		}
		if n := slices.IndexFunc(p.Attachments, func(a desk.Attachment) bool { return a.File == in.ID }); n >= 0 {
			a := p.Attachments[n]
			a.Alt = alt
			out = append(out, a)
			continue
		}
		a, err := t.bind(by, p, in.ID)
		if err != nil {
			return nil, err
		}
		a.Alt = alt
		out = append(out, a)
	}
	return out, nil
}

// bind makes an upload a file of a post.
func (t *Tx) bind(by By, p desk.Post, id desk.FileID) (a desk.Attachment, err error) {
	u, ok, err := t.Files().GetUpload(by.Agent, id)
	if err != nil {
		return a, err
	}
	f, there, err := t.Files().Get(id)
	if err != nil {
		return a, err
	}
	if !ok || !there {
		return a, fileUnknown(id)
	}
	if f.Post = p.ID; p.CopyOf != "" {
		f.Post = p.CopyOf
	}
	if err := t.Files().Put(f); err != nil {
		return a, err
	}
	_, err = t.Files().DeleteUpload(by.Agent, id)
	return desk.Attachment{URL: t.site.File(id), MediaType: f.Type, File: id, Width: u.Width, Height: u.Height}, err
}

// refile changes the files of posts that say the same; p is the one that is named.
func (t *Tx) refile(by By, p desk.Post, same []desk.Post, files []FileInput) error {
	now, err := t.attachments(by, p, files)
	if err != nil {
		return err
	}
	for n := range same {
		was := same[n]
		same[n].Attachments = slices.Clone(now)
		if err := t.Posts().Put(same[n]); err != nil {
			return err
		}
		if err := t.dropFiles(same[n], was.Attachments); err != nil {
			return err
		}
	}
	return nil
}

// eraseOwn removes the words of a post of ours, and its files.
func (t *Tx) eraseOwn(p *desk.Post) error {
	had := p.Attachments
	p.Erase()
	return t.dropFiles(*p, had)
}

// dropFiles deletes the files that a post had and has no more, unless a copy of it has
// them still.
func (t *Tx) dropFiles(p desk.Post, had []desk.Attachment) error {
	for _, a := range had {
		if a.File == "" || p.HasFile(a.File) {
			continue
		}
		f, ok, err := t.Files().Get(a.File)
		if err != nil {
			return err
		}
		if !ok || f.Post == "" { // gone, or an upload again
			continue
		}
		same, err := t.allCopies(p)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(same, func(c desk.Post) bool { return c.ID != p.ID && !c.Deleted && c.HasFile(a.File) }) {
			continue
		}
		if _, err := t.Files().Delete(a.File); err != nil {
			return err
		}
	}
	return nil
}

// unsend puts the files of a post that does not go out into the form of its words again. ends
// are the posts that end with it: where another copy has a file still, the form
// gets one of its own.
func (t *Tx) unsend(p desk.Post, on string, ends []desk.Post) error {
	same, err := t.allCopies(p)
	if err != nil {
		return err
	}
	stands := slices.DeleteFunc(same, func(c desk.Post) bool {
		return c.Deleted || slices.ContainsFunc(ends, func(e desk.Post) bool { return e.ID == c.ID })
	})
	for n, a := range p.Attachments {
		f, ok, err := t.Files().Get(a.File)
		if err != nil {
			return err
		}
		if !ok || f.Post == "" {
			continue
		}
		if err := t.roomForUpload(p.Agent, on); desk.ErrorCode(err) == desk.CodeInternal {
			return err
		} else if err != nil {
			continue
		}
		f.Post = ""
		if slices.ContainsFunc(stands, func(c desk.Post) bool { return c.HasFile(f.ID) }) {
			err = t.copyFile(&f)
		} else {
			err = t.Files().Put(f)
		}
		if err != nil {
			return err
		}
		if err := t.Files().PutUpload(desk.Upload{Agent: p.Agent, ID: f.ID, On: on, Type: f.Type, Width: a.Width, Height: a.Height, Alt: a.Alt, At: t.Now.Add(time.Duration(n) * time.Microsecond)}); err != nil {
			return err
		}
	}
	return nil
}

// copyFile stores a file once more, under another id.
func (t *Tx) copyFile(f *desk.File) error {
	b, ok, err := t.Files().Bytes(f.ID)
	if err == nil && !ok {
		err = fmt.Errorf("the file %s has no bytes", f.ID)
	}
	if err != nil {
		return err
	}
	f.ID = newFileID()
	return t.Files().Add(*f, b)
}

// withheldFiles takes the files from a post that is withheld, into the form of its agent or away.
func (t *Tx) withheldFiles(p *desk.Post) error {
	if !slices.ContainsFunc(p.Attachments, func(a desk.Attachment) bool { return a.File != "" }) {
		return nil
	}
	on, err := t.formOf(*p)
	if err != nil {
		return err
	}
	// Copies that are withheld one after another put their pictures into the form once.
	same, err := t.allCopies(*p)
	if err != nil {
		return err
	}
	first := !slices.ContainsFunc(same, func(c desk.Post) bool { return c.ID != p.ID && !c.Deleted && sharesFiles(c, *p) })
	if first && p.Agent != "" {
		if err := t.unsend(*p, on, []desk.Post{*p}); err != nil {
			return err
		}
	}
	had := p.Attachments
	p.Attachments = slices.DeleteFunc(slices.Clone(had), func(a desk.Attachment) bool { return a.File != "" })
	return t.dropFiles(*p, had)
}

func sharesFiles(a, b desk.Post) bool {
	return slices.ContainsFunc(a.Attachments, func(f desk.Attachment) bool { return f.File != "" && b.HasFile(f.File) })
}

// discardUploads forgets what an agent has put into a form.
func (t *Tx) discardUploads(agent desk.Email, on string) error {
	all, err := t.uploads(agent)
	for _, u := range all {
		if err == nil && u.On == on {
			err = t.forgetUpload(u)
		}
	}
	return err
}

func (t *Tx) forgetUpload(u desk.Upload) error {
	if _, err := t.Files().DeleteUpload(u.Agent, u.ID); err != nil {
		return err
	}
	_, err := t.Files().Delete(u.ID)
	return err
}

// expireUploads forgets uploads of forms from before a time, and others after a day.
func (a *App) expireUploads(ctx context.Context, before time.Time) (n int, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		n = 0
		all, _, err := tx.Files().UploadsOfAll(store.Page{Limit: maxUploadsOfAll})
		if err != nil {
			return err
		}
		for _, u := range all {
			if u.On == "" && tx.Now.Sub(u.At) < uploadsRemembered || u.On != "" && !u.At.Before(before) {
				continue
			}
			n++
			if err := tx.forgetUpload(u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("forgetting pictures that were not sent: %w", err)
	}
	return n, nil
}
