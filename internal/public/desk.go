package public

import (
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

const (
	broadcastsOnDesk = 10
	itemLength       = 500 // characters of a post in a list
	readAtMost       = 500 // broadcasts looked at for one page
)

// deskData is a desk's page.
type deskData struct {
	Desk   desk.Desk
	Acct   string
	Icon   string // paths of its pictures, "" for none
	Header string
	Said   []item
	Tag    string // only broadcasts with this hashtag
	Later  bool   // this is not the first page
	Older  string // path of the next page, "" at the end
	Follow followData
}

// item is one post of a desk in a list.
type item struct {
	Path, By, ByPath, Text, Language string
	Warning                          string // before the words
	Short                            bool   // there is more to read
	At, Edited                       time.Time
	Pictures                         []picture
	Veiled                           bool // the pictures are sensitive, and no warning folds them already
}

// picture is one of a post.
type picture struct {
	Path, Alt     string
	Width, Height int
}

// Desk shows a desk: how to reach it, and its broadcasts.
func (p *Pages) Desk(w http.ResponseWriter, r *http.Request, h desk.Handle) {
	after := r.URL.Query().Get("after")
	d := deskData{Acct: "@" + p.site.Acct(h), Later: after != "", Tag: desk.CleanTag(r.URL.Query().Get("tag"))}
	err := p.app.View(r.Context(), func(tx *app.Tx) (err error) {
		var ok bool
		if d.Desk, ok, err = tx.Desks().Get(h); err != nil {
			return err
		}
		if !ok {
			return errNotFound
		}
		d.Icon, d.Header = desk.PicturePath(h, desk.PictureIcon, d.Desk.Icon), desk.PicturePath(h, desk.PictureHeader, d.Desk.Header)
		d.Follow = p.following([]desk.Desk{d.Desk}, "")
		var next string
		d.Said, next, err = p.broadcasts(tx, d.Desk, after, broadcastsOnDesk, d.Tag)
		if d.Older = ""; next != "" {
			q := url.Values{"after": {next}}
			if d.Tag != "" {
				q.Set("tag", d.Tag)
			}
			d.Older = "/@" + string(h) + "?" + q.Encode()
		}
		return err
	})
	if err == nil {
		err = p.send(w, r, "desk", frame{Title: d.Desk.Name, Canonical: p.site.Profile(h), Alternate: string(p.site.Desk(h)),
			Kind: "profile", Description: p.describe(p.voice(r), d.Desk), NoIndex: d.Later || d.Tag != "", Desk: h, Forms: theirs, Data: d})
	}
	p.fail(w, r, err)
}

func (p *Pages) describe(v voice, d desk.Desk) string {
	if s := markup.Excerpt(d.Summary, 200); s != "" {
		return s
	}
	return v.T("desk.mention_from", "acct", "@"+p.site.Acct(d.Handle))
}

// broadcasts lists those that may be read, newest first; with a tag only those
// that carry it.
func (p *Pages) broadcasts(tx *app.Tx, d desk.Desk, after string, want int, tag string) (out []item, next string, err error) {
	reads := func(b desk.Post) bool {
		return shown(b) && (tag == "" || slices.ContainsFunc(b.Tags, func(t string) bool { return desk.SameTag(t, tag) }))
	}
	said, next, err := said(tx, d.Handle, after, want, reads)
	for _, b := range said {
		if reads(b) {
			out = append(out, p.item(d, b))
		}
	}
	return out, next, err
}

// said lists a desk's broadcasts, newest first, with those that were deleted: a
// page of them, and more pages until there is one that may be read, within bounds.
func said(tx *app.Tx, h desk.Handle, after string, want int, reads func(desk.Post) bool) (out []desk.Post, next string, err error) {
	found := 0
	for looked := 0; ; looked += want {
		posts, n, err := tx.Posts().Broadcasts(h, store.Page{After: after, Limit: want})
		if err != nil {
			return nil, "", err
		}
		for _, b := range posts {
			if !spoken(b) {
				continue
			}
			out = append(out, b)
			if reads(b) {
				found++
			}
		}
		if n == "" || found > 0 || looked+want >= readAtMost {
			return out, n, nil
		}
		after = n
	}
}

func (p *Pages) item(d desk.Desk, b desk.Post) item {
	i := item{Path: "/posts/" + string(b.ID), By: d.Name, ByPath: "/@" + string(d.Handle), Text: b.Text, Warning: b.Warning, Language: b.Language, At: b.PublishedAt, Edited: b.Updated}
	for _, a := range b.Attachments {
		if a.File != "" {
			i.Pictures = append(i.Pictures, picture{desk.FilePath(a.File), a.Alt, a.Width, a.Height})
		}
	}
	i.Veiled = b.Sensitive && b.Warning == ""
	if utf8.RuneCountInString(b.Text) > itemLength {
		i.Text, i.Short = markup.Excerpt(b.Text, itemLength), true
	}
	return i
}
