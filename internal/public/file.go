package public

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/desk"
)

// file answers with a picture of a post that has gone out. Who has its address may see it:
// no page lists those of posts that are not public. It may be gone tomorrow, with its post.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) {
	file, ok, err := p.app.File(r.Context(), desk.FileID(mux.Vars(r)["id"]))
	if err != nil || !ok {
		if err == nil {
			err = errNotFound
		}
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Content-Disposition", "inline")
	pictureHead(w, file.Type, string(file.ID))
	body := &later{size: int64(file.Size), read: func() ([]byte, error) { return p.app.FileBytes(r.Context(), file) }}
	if http.ServeContent(w, r, "", time.Time{}, body); body.err != nil {
		if r.Context().Err() == nil {
			p.log.Error("reading a picture", "path", r.URL.Path, "err", body.err)
		}
		panic(http.ErrAbortHandler) // its length was said already
	}
}

// later is a body whose bytes are read when they are sent: not for HEAD, nor for those who have
// them.
type later struct {
	size, at int64
	read     func() ([]byte, error)
	bytes    []byte
	err      error
}

// Seek implements io.Seeker.
func (l *later) Seek(by int64, from int) (int64, error) {
	switch from {
	case io.SeekCurrent:
		by += l.at
	case io.SeekEnd:
		by += l.size
	}
	if by < 0 {
		return l.at, fmt.Errorf("seeking to %d", by)
	}
	l.at = by
	return by, nil
}

// Read implements io.Reader.
func (l *later) Read(b []byte) (int, error) {
	if l.bytes == nil && l.err == nil {
		l.bytes, l.err = l.read()
	}
	if l.err != nil {
		return 0, l.err
	}
	if l.at >= int64(len(l.bytes)) {
		return 0, io.EOF
	}
	n := copy(b, l.bytes[l.at:])
	l.at += int64(n)
	return n, nil
}
