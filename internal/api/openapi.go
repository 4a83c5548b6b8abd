package api

import (
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"earshot/internal/problem"
)

// describe answers with the description of this very handler: it is made of
// the table of routes and the types that they take and answer with.
func (h *handler) describe(*request) (response, error) {
	return response{body: openAPI(h.version)}, nil
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

type object = map[string]any

func openAPI(version string) object {
	s := &schemas{defs: object{}}
	paths := object{}
	for _, r := range routes() {
		if r.need == needMachine {
			continue
		}
		path, _ := paths[Root+r.path].(object)
		if path == nil {
			path = object{}
			paths[Root+r.path] = path
		}
		path[strings.ToLower(r.method)] = s.operation(r)
	}
	return object{
		"openapi":  "3.1.0",
		"info":     object{"title": "Earshot", "version": version, "description": "Issues, replies and everything that runs an instance."},
		"paths":    paths,
		"security": []any{object{"token": []any{}}, object{"session": []any{}}},
		"components": object{
			"schemas": s.defs,
			"securitySchemes": object{
				"token":   object{"type": "http", "scheme": "bearer", "description": "earshot token add"},
				"session": object{"type": "apiKey", "in": "cookie", "name": "__Host-earshot"},
			},
		},
	}
}

func (s *schemas) operation(r route) object {
	out := object{"summary": r.says, "operationId": operationID(r), "parameters": s.parameters(r), "responses": s.responses(r)}
	switch r.need {
	case needNothing:
		out["security"] = []any{}
	case needAnybody:
	default:
		out["x-scope"] = string(r.need)
	}
	if r.in != nil {
		out["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(reflect.TypeOf(r.in))}}}
	}
	return out
}

// operationID is the method and the path in words.
func operationID(r route) string {
	words := strings.FieldsFunc(r.path, func(c rune) bool { return c == '/' || c == '{' || c == '}' || c == '.' })
	return strings.ToLower(r.method) + "_" + strings.Join(words, "_")
}

func (s *schemas) parameters(r route) []any {
	out := []any{}
	for _, m := range placeholder.FindAllStringSubmatch(r.path, -1) {
		out = append(out, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, q := range r.query {
		schema := object{"type": "string"}
		if q == "limit" {
			schema = object{"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
		}
		parameter := object{"name": q, "in": "query", "schema": schema}
		if today, ok := olderParameters[q]; ok {
			parameter["deprecated"], parameter["description"] = true, "an older name of "+today
		}
		out = append(out, parameter)
	}
	if r.method != http.MethodGet {
		out = append(out, object{"name": HeaderKey, "in": "header", "schema": object{"type": "string", "maxLength": maxKey},
			"description": "makes the request safe to repeat for a day"})
	}
	return out
}

func (s *schemas) responses(r route) object {
	failure := object{"description": "the error; the end of type is the stable id of the error (docs/api.md, Errors), and GET on type says what it means", "content": object{problem.ContentType: object{"schema": s.of(reflect.TypeFor[Problem]())}}}
	out := object{"default": failure}
	switch {
	case r.stream != nil:
		out["200"] = object{"description": "events, as they happen", "content": object{"text/event-stream": object{"schema": s.of(reflect.TypeFor[LiveEvent]())}}}
	case r.out == nil:
		out["204"] = object{"description": "done"}
	default:
		answer := object{"description": "the answer", "content": object{"application/json": object{"schema": s.of(reflect.TypeOf(r.out))}}}
		if len(r.query) > 0 && r.query[len(r.query)-1] == "after" {
			answer["headers"] = object{HeaderNext: object{"description": "where the list goes on: pass it as after", "schema": object{"type": "string"}}}
		}
		out[strconv.Itoa(max(r.status, http.StatusOK))] = answer
	}
	return out
}

// schemas makes JSON schemas of Go types; those with a name stand once.
type schemas struct{ defs object }

func (s *schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[Time]():
		return object{"type": "string", "description": "RFC 3339 in UTC, or empty"}
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return object{"type": "string", "contentEncoding": "base64"}
		}
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object"}
	case reflect.Struct:
		if _, there := s.defs[t.Name()]; !there {
			s.defs[t.Name()] = object{} // it may hold itself
			s.defs[t.Name()] = s.fields(t)
		}
		return object{"$ref": "#/components/schemas/" + t.Name()}
	}
	panic("api: no schema of " + t.String()) // a test describes every route
}

func (s *schemas) fields(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		properties[name] = s.of(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
