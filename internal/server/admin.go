package server

import "net/http"

// adminHandler is for those who watch the instance. It asks nobody who they
// are, so it shows numbers only.
func (s *Server) adminHandler() http.Handler {
	m := http.NewServeMux()
	m.Handle("/livez", readOnly(live))
	m.Handle("/readyz", readOnly(s.ready))
	if s.o.Metrics != nil {
		m.Handle("/metrics", readOnly(s.o.Metrics.ServeHTTP))
	}
	return s.identified(s.recovered(m))
}
