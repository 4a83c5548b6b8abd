package console

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// formWith is a form with a picture before and after words.
func formWith(t *testing.T, words string, pictures ...int) (*http.Request, []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	check(t, w.WriteField("on", "issues/i"))
	for _, n := range pictures {
		part := must(w.CreateFormFile("picture", "photo.jpg"))(t)
		must(part.Write(bytes.Repeat([]byte("x"), n)))(t)
	}
	check(t, w.WriteField("text", words))
	check(t, w.Close())
	r := httptest.NewRequest(http.MethodPost, "/console/files", nil)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r, b.Bytes()
}

// The words of a form are read however large its picture is, in bounded memory.
func TestTrimmedForms(t *testing.T) {
	for name, c := range map[string]struct {
		words    string
		pictures []int
		kept     int // bytes of the first picture
		dropped  int
		text     string
	}{
		"no picture":  {"Which light?", nil, 0, 0, "Which light?"},
		"short":       {"Which light?", []int{5000}, 5000, 0, "Which light?"},
		"too long":    {"Which light?", []int{app.MaxUpload + 2_000_000}, app.MaxUpload + 1, 2_000_000 - 1, "Which light?"},
		"two":         {"Which light?", []int{5000, 70_000}, 5000, 70_000, "Which light?"},
		"many words":  {strings.Repeat("x", maxForm+1), []int{5000}, -1, 0, ""},
		"endless":     {"Which light?", []int{maxRead}, app.MaxUpload + 1, -1, ""},
		"endless two": {"Which light?", []int{5000, maxRead}, -1, -1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, body := formWith(t, c.words, c.pictures...)
			dropped := 0
			out, err := Trim(r)(bytes.NewReader(body), func(n int) { dropped += n })
			if err != nil || len(out) > maxPicture || c.dropped >= 0 && c.kept >= 0 && dropped != c.dropped {
				t.Errorf("%d bytes are left, %d dropped: %v", len(out), dropped, err)
			}
			r.Body = io.NopCloser(bytes.NewReader(out))
			err = r.ParseMultipartForm(maxPicture)
			if (err != nil) != (c.kept < 0) {
				t.Fatalf("parsing: %v", err)
			}
			if err != nil {
				return
			}
			if r.PostFormValue("text") != c.text || r.PostFormValue("on") != "issues/i" {
				t.Errorf("it says %q", r.PostForm)
			}
			if f := r.MultipartForm.File["picture"]; c.kept > 0 && f[0].Size != int64(c.kept) {
				t.Errorf("%d bytes of the picture are left", f[0].Size)
			}
		})
	}
	r, _ := formWith(t, "x")
	broken := errors.New("no memory")
	if _, err := Trim(r)(io.MultiReader(strings.NewReader("--"), failing{broken}), func(int) {}); !errors.Is(err, broken) {
		t.Errorf("a body that fails: %v", err)
	}
	if r.URL.Path = "/console/phrases"; Trim(r) != nil {
		t.Error("a form without a picture is trimmed")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Without a script, a photo over the limit brings the form back, with the words and the reason.
func TestPhotoOverTheLimit(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "down")
	b := r.signedIn(bo)
	form := b.get("/console/issues/" + string(issue)).form()
	form.Set("text", "This light")
	form.Set("to", "quiet")
	for _, path := range []string{"/console/files", "/console/issues/" + string(issue) + "/say"} {
		b.upload(path, "picture", strings.Repeat("x", app.MaxUpload+1), form).wants(t, http.StatusUnprocessableEntity, "at most 10 MB", "This light</textarea>", `role="alert"`)
	}
	if ours := r.ourPosts(issue); len(ours) != 0 {
		t.Errorf("said %+v", ours)
	}
}
