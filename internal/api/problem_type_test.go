package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/internal/desk"
)

// The type of each problem leads to what it means, also for a client without a token.
func TestProblemTypesAreServed(t *testing.T) {
	f := newFixture(t)
	public := NewPublic(f.deps)
	if n := len(problemTypes()); n < 200 || n != strings.Count(problemTable, "\n") {
		t.Fatalf("there are %d types of problems in %d lines", n, strings.Count(problemTable, "\n"))
	}
	for id := range problemTypes() {
		w := httptest.NewRecorder()
		public.ServeHTTP(w, httptest.NewRequest(http.MethodGet, Root+"/problems/"+id, nil))
		var got ProblemType
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", id, w.Code, w.Body)
			continue
		}
		places := len(slices.Compact(slices.Sorted(slices.Values(regexp.MustCompile(`\{\d\}`).FindAllString(got.Detail, -1)))))
		if got.Type != Root+"/problems/"+id || got.ID != id || got.Code == "" || got.Detail == "" || got.Advice == "" || got.Title == "" ||
			got.Status != statusOfError(id, got.Code) || got.Arguments == nil || places != len(got.Arguments) || strings.Contains(got.Detail, "%!") {
			t.Errorf("%s: %+v", id, got)
		}
	}
}

// The description of an error and its answer have the same code, status and
// title.
func TestProblemTypeFitsProblem(t *testing.T) {
	f := newFixture(t)
	w := f.do("GET", Root+"/issues?limit=501", "", nil)
	var p Problem
	var meant ProblemType
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(f.do("GET", p.Type, "", nil).Body.Bytes(), &meant); err != nil {
		t.Fatal(err)
	}
	if meant.Type != p.Type || meant.Code != p.Code || meant.Status != p.Status || meant.Title != p.Title || meant.Code != desk.CodeInvalid {
		t.Errorf("%+v is described as %+v", p, meant)
	}
	if w := f.do("GET", Root+"/problems/nonsense", "", nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "/problems/problem_not_found") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
