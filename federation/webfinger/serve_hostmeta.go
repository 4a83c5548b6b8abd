package webfinger

import (
	"encoding/xml"
	"net/http"
	"strings"
)

// xrd is host-meta in XML (RFC 6415): where WebFinger is. Older software asks
// here first, or when WebFinger on the bare domain fails.
type xrd struct {
	XMLName xml.Name  `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
	Links   []xrdLink `xml:"Link"`
}

type xrdLink struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr"`
	Template string `xml:"template,attr"`
}

func (s *Server) template() string {
	return s.o.Site.URL + "/.well-known/webfinger?resource={uri}"
}

func (s *Server) hostMeta(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.Contains(accept, "json") && !strings.Contains(accept, "xml") {
		s.hostMetaJSON(w, r)
		return
	}
	body, err := xml.MarshalIndent(xrd{Links: []xrdLink{{"lrdd", jrdType, s.template()}}}, "", "  ")
	if err != nil { // our own types: they can be encoded
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	write(w, "application/xrd+xml; charset=utf-8", append([]byte(xml.Header), append(body, '\n')...))
}

func (s *Server) hostMetaJSON(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, "application/json", jrd{Links: []link{{Rel: "lrdd", Type: jrdType, Template: s.template()}}})
}
