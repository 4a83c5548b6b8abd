package webfinger

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"

	"earshot/internal/address"
	"earshot/internal/desk"
)

// A Directory knows the desks and their addresses. The error is for trouble, not for absence.
type Directory interface {
	Desk(context.Context, desk.Handle) (desk.Desk, bool, error)
	Addresses(context.Context) (address.Book, error)
}

// ServerOptions say what a Server serves. Site and Directory are required.
type ServerOptions struct {
	Site      desk.Site
	Directory Directory
	Version   string                               // of the software, for NodeInfo
	Usage     func(context.Context) (Usage, error) // nil: no numbers are published
	Logger    *slog.Logger                         // nil: nothing is logged
	Missed    func()                               // hears of each search for an account that does not exist; nil: nobody
}

// A Server serves the discovery documents. All of them are public, need no
// signature and may be read by scripts of any origin.
type Server struct {
	o   ServerOptions
	mux *http.ServeMux
}

// Paths are those that a Server answers, for mounting it.
func Paths() []string {
	return []string{
		"/.well-known/webfinger", "/.well-known/host-meta", "/.well-known/host-meta.json",
		"/.well-known/nodeinfo", "/nodeinfo/2.0", "/nodeinfo/2.1",
	}
}

// NewServer returns a Server: an http.Handler for Paths, GET and HEAD only.
func NewServer(o ServerOptions) *Server {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /.well-known/webfinger", s.webfinger)
	s.mux.HandleFunc("GET /.well-known/host-meta", s.hostMeta)
	s.mux.HandleFunc("GET /.well-known/host-meta.json", s.hostMetaJSON)
	s.mux.HandleFunc("GET /.well-known/nodeinfo", s.nodeInfoLinks)
	s.mux.HandleFunc("GET /nodeinfo/2.0", s.nodeInfo("2.0"))
	s.mux.HandleFunc("GET /nodeinfo/2.1", s.nodeInfo("2.1"))
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	s.mux.ServeHTTP(w, r)
}

// write answers with a document that may be kept for ten minutes.
func write(w http.ResponseWriter, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=600")
	h.Set("X-Content-Type-Options", "nosniff")
	w.Write(body) //nolint:errcheck // the reader has gone: nobody to tell
}

func writeJSON(w http.ResponseWriter, contentType string, document any) {
	body, err := json.MarshalIndent(document, "", "  ")
	if err != nil { // our own types: they can be encoded
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	write(w, contentType, append(body, '\n'))
}
