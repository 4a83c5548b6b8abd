package api

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"earshot/internal/app"
)

// openapi.json names every route with its parameters and shapes, and nothing else.
func TestOpenAPI(t *testing.T) {
	f := newFixture(t)
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []struct {
				Name, In string
			} `json:"parameters"`
			RequestBody any            `json:"requestBody"`
			Responses   map[string]any `json:"responses"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]struct {
				Properties map[string]any `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	w := f.do("GET", Root+"/openapi.json", "", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("%s, %v", w.Body, err)
	}
	ids, count := map[string]bool{}, 0
	for _, r := range routes() {
		op, there := doc.Paths[Root+r.path][strings.ToLower(r.method)]
		if there != (r.need != needMachine) {
			t.Errorf("%s %s: described is %v", r.method, r.path, there)
		}
		if !there {
			continue
		}
		count++
		if ids[op.OperationID] || (op.RequestBody != nil) != (r.in != nil) || len(op.Responses) != 2 {
			t.Errorf("%s %s: %+v", r.method, r.path, op)
		}
		ids[op.OperationID] = true
		names := map[string]bool{}
		for _, p := range op.Parameters {
			names[p.In+" "+p.Name] = true
		}
		for _, q := range r.query {
			if !names["query "+q] {
				t.Errorf("%s %s: no parameter %s", r.method, r.path, q)
			}
		}
	}
	described := 0
	for _, methods := range doc.Paths {
		described += len(methods)
	}
	if described != count {
		t.Errorf("%d operations are described, there are %d", described, count)
	}
	if _, ok := doc.Components.Schemas["FullIssue"].Properties["timeline"]; !ok {
		t.Error("FullIssue has no timeline")
	}
}

// Handlers answer with the type of the table: every answer of the scenarios has
// exactly its fields.
func TestAnswersFit(t *testing.T) {
	f := newFixture(t)
	issue := string(f.report(t, 1, "down"))
	incident, err := f.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true})
	if err != nil {
		t.Fatal(err)
	}
	destinations := f.destinations(t)
	pile, _ := f.pile(t)
	schemas := openAPI("x")["components"].(object)["schemas"].(object)
	for _, r := range routes() {
		if r.method != "GET" || r.out == nil || r.stream != nil || r.need == needMachine || r.path == "/openapi.json" || r.path == "/doctor" {
			continue
		}
		id := issue
		if strings.HasPrefix(r.path, "/incidents/") {
			id = string(incident.ID)
		}
		id = cmp.Or(destinations.of(r.path), id)
		if strings.HasPrefix(r.path, "/piles/") {
			id = string(pile)
		}
		path := strings.NewReplacer("{desk}", "help", "{email}", "bo@acme.example", "{problem}", "issue_not_found", "{id}", id).Replace(r.path)
		if r.path == "/broadcasts" {
			path += "?desk=help"
		}
		w := f.do("GET", Root+path, "", map[string]string{HeaderAgent: "bo@acme.example"})
		if w.Code != 200 && !strings.HasPrefix(r.path, "/sources/") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
			continue
		}
		var got any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		of := reflect.TypeOf(r.out)
		if list, ok := got.([]any); ok {
			if of.Kind() != reflect.Slice {
				t.Errorf("%s answers with a list", path)
				continue
			}
			if of = of.Elem(); len(list) == 0 {
				continue
			}
			got = list[0]
		}
		if w.Code == 200 {
			sameFields(t, path, got.(map[string]any), schemas[of.Name()].(object)["properties"].(object))
		}
	}
}

func sameFields(t *testing.T, path string, got map[string]any, properties object) {
	t.Helper()
	for k := range got {
		if properties[k] == nil {
			t.Errorf("%s: %q is not described", path, k)
		}
	}
	for k := range properties {
		if _, there := got[k]; !there {
			t.Errorf("%s: %q is described and not there", path, k)
		}
	}
}

// The body that a handler reads is of the type that the table says: all its
// fields are known to it.
func TestBodiesFit(t *testing.T) {
	f := newFixture(t)
	for _, r := range routes() {
		if r.in == nil || r.need == needMachine || reflect.TypeOf(r.in).Kind() == reflect.Map { // another program's form, of which we read a part
			continue
		}
		bo := map[string]string{HeaderAgent: "bo@acme.example"}
		w := f.do(r.method, concrete(r.path), `{"no_such_field":1}`, bo)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "no_such_field") {
			t.Errorf("%s %s reads no body: %d %s", r.method, r.path, w.Code, w.Body)
		}
		of := reflect.TypeOf(r.in)
		for n := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(n).Tag.Get("json"), ",")
			w := f.do(r.method, concrete(r.path), `{"`+name+`":null,"no_such_field":1}`, bo)
			if strings.Contains(w.Body.String(), `\"`+name+`\"`) {
				t.Errorf("%s %s does not know %q: %s", r.method, r.path, name, w.Body)
			}
		}
	}
}
