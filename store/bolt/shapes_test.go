package bolt

import (
	"reflect"
	"testing"

	"earshot/store"
	"earshot/store/internal/layout"
	"earshot/store/storetest"
)

func (*table[T]) shape() reflect.Type    { return reflect.TypeFor[T]() }
func (carriedJobs) shape() reflect.Type  { return reflect.TypeFor[layout.Job]() }
func (carriedFiles) shape() reflect.Type { return reflect.TypeFor[layout.File]() }

// TestShapes: a file has one program at a time, so every migration ends older
// ones.
func TestShapes(t *testing.T) {
	types := map[store.RecordKind]reflect.Type{}
	for kind, c := range kinds {
		types[kind] = c.(interface{ shape() reflect.Type }).shape()
	}
	breaking := make([]bool, len(migrations))
	for n := range breaking {
		breaking[n] = true
	}
	storetest.Shapes(t, types, breaking)
}
