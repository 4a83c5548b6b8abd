package console

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"earshot/internal/app"
)

const (
	// maxRead is how much of a form is read, in bytes, so that its words come back however
	// large its picture is.
	maxRead = 64 << 20
	// maxParts is how many fields a form may have.
	maxParts = 1000
)

// Trim returns how the body of a form with a picture is read: of a picture that is too long one
// byte more than it may have, of a second one nothing, and all of the words. It is nil for
// other requests. dropped hears of how many bytes nothing is kept.
func Trim(r *http.Request) func(body io.Reader, dropped func(n int)) ([]byte, error) {
	kind, about, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || r.Method != http.MethodPost || !large(r.URL.Path) {
		return nil
	}
	return func(body io.Reader, dropped func(int)) ([]byte, error) {
		var out bytes.Buffer
		to := multipart.NewWriter(&out)
		if to.SetBoundary(about["boundary"]) != nil {
			return nil, nil
		}
		in := &watched{from: io.LimitReader(body, maxRead)}
		// A form that is damaged, or has too many words, ends there: it is refused where it
		// is parsed.
		if trim(to, multipart.NewReader(in, about["boundary"]), dropped) {
			_ = to.Close() // into memory
		}
		return out.Bytes(), in.err
	}
}

// watched remembers why a body could not be read.
type watched struct {
	from io.Reader
	err  error
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// trim copies a form, and says whether all of it was read.
func trim(to *multipart.Writer, from *multipart.Reader, dropped func(int)) (whole bool) {
	words, picture := 0, false
	for range maxParts {
		part, err := from.NextRawPart()
		if err != nil {
			return err == io.EOF
		}
		head := textproto.MIMEHeader{}
		for _, name := range []string{"Content-Disposition", "Content-Type"} {
			if v := part.Header.Get(name); v != "" {
				head.Set(name, v)
				words += len(v)
			}
		}
		room := maxForm - words
		if isFile := part.FileName() != ""; isFile && picture {
			room = 0
		} else if isFile {
			room, picture = app.MaxUpload+1, true
		}
		if words > maxForm {
			return false
		}
		into, err := to.CreatePart(head)
		if err != nil {
			return false
		}
		n, err := io.Copy(into, io.LimitReader(part, int64(room)))
		if err != nil {
			return false
		}
		cut := part.FormName() == "picture" && part.FileName() != "" && n > app.MaxUpload
		if part.FileName() == "" {
			words += int(n)
		}
		for b := make([]byte, 32<<10); err == nil; {
			var more int
			more, err = part.Read(b)
			if more > 0 && part.FileName() == "" {
				return false // no words are cut off
			}
			dropped(more)
		}
		if err != io.EOF {
			return cut // it is refused for its picture, so the words before it come back
		}
	}
	return false
}
