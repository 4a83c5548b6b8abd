package console

import (
	"bytes"
	"net/http"
)

// outside answers with a page for a visitor who is not signed in.
func (c *Console) outside(w http.ResponseWriter, r *http.Request, status int, name, title string, data any) {
	var b bytes.Buffer
	l := c.speaks(r)
	if err := c.pages.Show(&b, page{name, l.Code}, frame{Title: title, Language: l.Code, Site: c.site, assets: c.assets, Colour: c.colour(r.Context()), Data: data}); err != nil {
		c.log.Error("a page could not be shown", "page", name, "path", r.URL.Path, "err", err)
		http.Error(w, "something went wrong here; the log has the details", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.Code)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
