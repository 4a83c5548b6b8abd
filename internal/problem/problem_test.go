package problem

import (
	"net/http/httptest"
	"testing"
)

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  int
		problem Problem
		extra   map[string]any
		request string
		want    string
	}{
		{"a detail", 404, Problem{Detail: "there is nothing here"}, nil, "r1",
			`{"detail":"there is nothing here","status":404,"title":"Not Found"}`},
		{"a type", 409, Problem{Type: "https://a.example/errors/taken", Title: "Taken", Detail: "take another"}, nil, "",
			`{"detail":"take another","status":409,"title":"Taken","type":"https://a.example/errors/taken"}`},
		{"more members", 400, Problem{Detail: "x"}, map[string]any{"code": "invalid", "n": 2}, "",
			`{"code":"invalid","detail":"x","n":2,"status":400,"title":"Bad Request"}`},
		{"a failure of ours", 503, Problem{Detail: "later"}, nil, "r1",
			`{"detail":"later","request_id":"r1","status":503,"title":"Service Unavailable"}`},
		{"a failure without an id", 500, Problem{Detail: "x"}, nil, "",
			`{"detail":"x","status":500,"title":"Internal Server Error"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			w.Header().Set(HeaderRequest, c.request)
			Write(w, c.status, c.problem, c.extra)
			if got := w.Body.String(); got != c.want+"\n" {
				t.Errorf("body %s, want %s", got, c.want)
			}
			if w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
		})
	}
}
