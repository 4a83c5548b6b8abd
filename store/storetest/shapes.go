package storetest

import (
	"encoding"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"earshot/store"
)

var updateShapes = flag.Bool("update", false, "rewrite testdata/shapes.txt, where a migration allows it")

// Shapes verifies that records change their shape in no other way than with a
// migration that ends older programs: one that does not know a member of a
// record drops it when it writes the record again. breaking says of each of the
// backend's migrations, in order, whether older programs refuse after it;
// testdata/shapes.txt is the records' shape at one of them.
func Shapes(t *testing.T, types map[store.RecordKind]reflect.Type, breaking []bool) {
	t.Helper()
	file := filepath.Join("testdata", "shapes.txt")
	now := shapes(t, types)
	kept, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var format int
	first, was, _ := strings.Cut(string(kept), "\n")
	if _, err := fmt.Sscanf(first, "format %d", &format); err != nil && len(kept) > 0 {
		t.Fatalf("%s begins with %q: %v", file, first, err)
	}
	switch {
	case format > len(breaking):
		t.Errorf("%s is of format %d, there are %d", file, format, len(breaking))
	case was == now:
	case !slices.Contains(breaking[format:], true):
		t.Errorf("records have other members than in format %d, and no migration after it ends older programs: add one to the backend, "+
			"an empty one if need be (docs/adr/0012), then run this test with -update\n%s", format, differing(was, now))
	case !*updateShapes:
		t.Errorf("records have other members than in %s: run this test with -update\n%s", file, differing(was, now))
	default:
		if err := os.WriteFile(file, fmt.Appendf(nil, "format %d\n%s", len(breaking), now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// shapes lists every member of every kind of record, one a line.
func shapes(t *testing.T, types map[store.RecordKind]reflect.Type) string {
	var lines []string
	for _, kind := range store.RecordKinds() {
		r, ok := types[kind]
		if !ok {
			t.Fatalf("no type is known for records of kind %s", kind)
		}
		lines = shape(lines, string(kind), r, nil)
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n") + "\n"
}

// shape adds the lines of one value: its members if it is an object of ours,
// else its type in JSON. An object within one of its own type is named only.
func shape(lines []string, name string, r reflect.Type, within []reflect.Type) []string {
	switch {
	case slices.Contains(within, r):
		return append(lines, name+" "+r.String())
	case r.Implements(reflect.TypeFor[json.Marshaler]()) || r.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return append(lines, name+" "+r.String())
	case r.Kind() == reflect.Pointer:
		return shape(lines, name, r.Elem(), within)
	case r.Kind() == reflect.Slice && r.Elem().Kind() == reflect.Uint8:
		return append(lines, name+" bytes")
	case r.Kind() == reflect.Slice || r.Kind() == reflect.Array:
		return shape(lines, name+"[]", r.Elem(), within)
	case r.Kind() == reflect.Map:
		return shape(lines, name+"{}", r.Elem(), within)
	case r.Kind() != reflect.Struct:
		return append(lines, name+" "+r.Kind().String())
	}
	within = append(within[:len(within):len(within)], r)
	for f := range r.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
		case f.Anonymous && tag == "":
			lines = shape(lines, name, f.Type, within)
		case tag == "":
			lines = shape(lines, name+"."+f.Name, f.Type, within)
		default:
			lines = shape(lines, name+"."+tag, f.Type, within)
		}
	}
	return lines
}

// differing lists the lines that only one of two texts has.
func differing(was, now string) string {
	old, is := strings.Split(was, "\n"), strings.Split(now, "\n")
	var b strings.Builder
	for _, line := range old {
		if !slices.Contains(is, line) {
			fmt.Fprintln(&b, "-", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(old, line) {
			fmt.Fprintln(&b, "+", line)
		}
	}
	return b.String()
}
