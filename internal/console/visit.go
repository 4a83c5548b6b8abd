package console

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// maxForm is the largest form, in bytes: a reply of the greatest length in any
// script, and the other fields.
const maxForm = 128 << 10

// maxUpload is the largest form with a file, in bytes: a list of blocks.
const maxUpload = 1 << 20

// maxPicture is the largest form with a picture, in bytes.
const maxPicture = app.MaxUpload + 2*maxForm

// visit is one request of a signed-in agent.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	who   auth.Principal
	agent desk.Agent // who.Agent
	// speech is the language in which they are answered.
	speech *locale.Language
}

func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Request: r, w: w, speech: c.speaks(r)}
}

// signedIn lets only signed-in agents in, and shows errors as a page.
func (c *Console) signedIn(p action) http.Handler {
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := c.visit(w, r)
		v.who, _ = auth.From(r.Context())
		v.agent = v.who.Agent
		err := v.readForm()
		if err == nil {
			err = p(v)
		}
		if err != nil && !c.comesBack(v, err) {
			c.fail(v, err)
		}
	})
	return c.accounts.Require(inside, http.HandlerFunc(c.toSignIn), func(w http.ResponseWriter, r *http.Request, err error) {
		c.fail(c.visit(w, r), err)
	})
}

// toSignIn leads to the page where one signs in, and back afterwards.
func (c *Console) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := Root + "/sign-in"
	if r.Method == http.MethodGet {
		to += "?" + url.Values{"to": {r.URL.RequestURI()}}.Encode()
	} else if v := c.visit(w, r); v.readForm() == nil && carried(v.PostForm) != nil {
		c.entrance(v, http.StatusUnauthorized, entrance{To: formPage(v.PostForm), Typed: carried(v.PostForm)})
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (v *visit) readForm() error {
	if v.Method != http.MethodPost {
		return nil
	}
	most, read := maxForm, v.ParseForm
	if kind, _, _ := mime.ParseMediaType(v.Header.Get("Content-Type")); kind == "multipart/form-data" {
		most = maxUpload
		if large(v.URL.Path) {
			most = maxPicture
		}
		read = func() error { return v.ParseMultipartForm(int64(most)) } // all of it in memory
	}
	v.Body = http.MaxBytesReader(v.w, v.Body, int64(most))
	if err := read(); err != nil {
		return desk.Invalid("form_unreadable", "the form could not be read: it is larger than %d kB, or was cut off", most>>10)
	}
	return nil
}

// by says who acts. The form's key makes sending it twice one act. It is stored
// in few bytes, however long the browser's key is.
func (v *visit) by() app.By {
	key := v.PostFormValue("key")
	if key != "" {
		sum := sha256.Sum256([]byte(string(v.agent.Email) + "\n" + v.URL.Path + "\n" + key))
		key = "console:" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	by := v.who.By(key)
	by.Content, by.Seen = v.content(), v.seen()
	if at, err := time.Parse(time.RFC3339Nano, v.PostFormValue("seen_at")); err == nil {
		by.SeenAt = at
	}
	by.Meant = v.PostFormValue("meant") == textDigest(v.PostFormValue("text"))
	return by
}

// seen is the newest entry that the page showed. A page has several forms that say it:
// a program that copies them all says it on several lines.
func (v *visit) seen() desk.EventID {
	first, _, _ := strings.Cut(strings.TrimSpace(v.PostFormValue("seen")), "\n")
	return desk.EventID(strings.TrimSpace(first))
}

// content is a digest of the form, without what only tells which page it is.
func (v *visit) content() string {
	said := maps.Clone(v.PostForm)
	for _, page := range []string{"seen", "seen_at", "meant"} {
		said.Del(page)
	}
	return digest(said.Encode())
}

// textDigest is the digest of a text, whichever line breaks it has: browsers send
// their own.
func textDigest(s string) string { return digest(strings.ReplaceAll(s, "\r\n", "\n")) }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (v *visit) issueID() desk.IssueID { return desk.IssueID(mux.Vars(v.Request)["id"]) }

// back redirects after something was done, to the issue in the list from which
// it was opened.
func (v *visit) back(id desk.IssueID, said string) error {
	q := queryOf(v.PostForm)
	q.said = said
	http.Redirect(v.w, v.Request, q.issue(id), http.StatusSeeOther)
	return nil
}
