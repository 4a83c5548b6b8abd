package webfinger

import (
	"context"
	"net/http"
)

// SoftwareName is our name in NodeInfo.
const SoftwareName = "earshot"

// Usage are the numbers that NodeInfo publishes. For a provider the users are
// its desks.
type Usage struct {
	Desks          int
	ActiveMonth    int // desks that posted in the last 30 days
	ActiveHalfyear int // in the last 180 days
	Posts          int // published by desks
}

const nodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/"

// nodeInfoLinks also links the instance's own actor (FEP-2677).
func (s *Server) nodeInfoLinks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, "application/json", jrd{Links: []link{
		{Rel: nodeInfoSchema + "2.0", Href: s.o.Site.URL + "/nodeinfo/2.0"},
		{Rel: nodeInfoSchema + "2.1", Href: s.o.Site.URL + "/nodeinfo/2.1"},
		{Rel: "https://www.w3.org/ns/activitystreams#Application", Href: string(s.o.Site.Relay())},
	}})
}

// nodeInfo is a document of schema 2.0 or 2.1; as we use them they differ in
// the version only.
type nodeInfo struct {
	Version           string            `json:"version"`
	Software          nodeInfoSoftware  `json:"software"`
	Protocols         []string          `json:"protocols"`
	Services          nodeInfoServices  `json:"services"`
	OpenRegistrations bool              `json:"openRegistrations"`
	Usage             nodeInfoUsage     `json:"usage"`
	Metadata          map[string]string `json:"metadata"`
}

type nodeInfoSoftware struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type nodeInfoServices struct {
	Inbound  []string `json:"inbound"`
	Outbound []string `json:"outbound"`
}

// nodeInfoUsage leaves out unknown numbers: 0 would be a lie.
type nodeInfoUsage struct {
	Users      nodeInfoUsers `json:"users"`
	LocalPosts *int          `json:"localPosts,omitempty"`
}

type nodeInfoUsers struct {
	Total          *int `json:"total,omitempty"`
	ActiveHalfyear *int `json:"activeHalfyear,omitempty"`
	ActiveMonth    *int `json:"activeMonth,omitempty"`
}

func (s *Server) nodeInfo(version string) http.HandlerFunc {
	contentType := `application/json; profile="` + nodeInfoSchema + version + `#"`
	return func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, contentType, nodeInfo{
			Version:   version,
			Software:  nodeInfoSoftware{SoftwareName, s.o.Version},
			Protocols: []string{"activitypub"},
			Services:  nodeInfoServices{Inbound: []string{}, Outbound: []string{}},
			Usage:     s.usage(r.Context()),
			Metadata:  map[string]string{},
		})
	}
}

func (s *Server) usage(ctx context.Context) nodeInfoUsage {
	if s.o.Usage == nil {
		return nodeInfoUsage{}
	}
	u, err := s.o.Usage(ctx)
	if err != nil {
		s.o.Logger.ErrorContext(ctx, "count usage for NodeInfo", "error", err)
		return nodeInfoUsage{}
	}
	return nodeInfoUsage{
		Users:      nodeInfoUsers{Total: &u.Desks, ActiveHalfyear: &u.ActiveHalfyear, ActiveMonth: &u.ActiveMonth},
		LocalPosts: &u.Posts,
	}
}
