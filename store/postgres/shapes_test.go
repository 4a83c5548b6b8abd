package postgres

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

func TestShapes(t *testing.T) {
	types := map[store.RecordKind]reflect.Type{}
	for kind, c := range kinds {
		types[kind] = c.(interface{ shape() reflect.Type }).shape()
	}
	var breaking []bool
	for _, s := range steps {
		breaking = append(breaking, !s.additive)
	}
	storetest.Shapes(t, types, breaking)
}
