package build

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-fed/activity/streams/vocab"
)

// types and properties are all constructors of vocabulary.go, by name.
var types = map[string]any{
	"newAccept": newAccept, "newApplication": newApplication, "newCreate": newCreate, "newDelete": newDelete, "newFollow": newFollow,
	"newMention": newMention, "newNote": newNote, "newOrderedCollection": newOrderedCollection,
	"newOrderedCollectionPage": newOrderedCollectionPage, "newOrganization": newOrganization, "newPublicKey": newPublicKey,
	"newReject": newReject, "newTombstone": newTombstone, "newUndo": newUndo, "newUpdate": newUpdate,
}

var properties = map[string]any{
	"newActorProperty": newActorProperty, "newAttributedToProperty": newAttributedToProperty, "newCcProperty": newCcProperty,
	"newContentProperty": newContentProperty, "newDeletedProperty": newDeletedProperty, "newDiscoverableProperty": newDiscoverableProperty,
	"newFirstProperty": newFirstProperty, "newFollowersProperty": newFollowersProperty, "newFollowingProperty": newFollowingProperty,
	"newFormerTypeProperty": newFormerTypeProperty, "newHrefProperty": newHrefProperty, "newIDProperty": newIDProperty,
	"newInReplyToProperty": newInReplyToProperty, "newInboxProperty": newInboxProperty, "newNameProperty": newNameProperty,
	"newOutboxProperty": newOutboxProperty, "newOwnerProperty": newOwnerProperty, "newPartOfProperty": newPartOfProperty,
	"newPreferredUsernameProperty": newPreferredUsernameProperty, "newPublicKeyPemProperty": newPublicKeyPemProperty,
	"newPublicKeyProperty": newPublicKeyProperty, "newPublishedProperty": newPublishedProperty,
	"newSummaryProperty": newSummaryProperty, "newTagProperty": newTagProperty, "newToProperty": newToProperty,
	"newTotalItemsProperty": newTotalItemsProperty, "newURLProperty": newURLProperty,
}

// Every type that is made here has its "type", and serialises each property that
// is made here and that it takes. A constructor without its hook panics here and
// not in a running server.
func TestVocabulary(t *testing.T) {
	taken := map[string]bool{}
	for name, construct := range types {
		t.Run(name, func(t *testing.T) {
			v := made[vocab.Type](construct)
			m, err := v.Serialize()
			if err != nil || v.GetTypeName() != strings.TrimPrefix(name, "new") {
				t.Fatalf("it makes a %s: %v", v.GetTypeName(), err)
			}
			if want := typeOf(v); m["type"] != want {
				t.Errorf("its type is %v, not %v", m["type"], want)
			}
			for property := range properties {
				if serializes(t, construct, property) {
					taken[property] = true
				}
			}
		})
	}
	for property := range properties {
		if !taken[property] {
			t.Errorf("%s: no type takes it", property)
		}
	}
}

// typeOf is the "type" that a value is serialised with. A key has none.
func typeOf(v vocab.Type) any {
	if _, ok := v.(vocab.W3IDSecurityV1PublicKey); ok {
		return nil
	}
	return v.GetTypeName()
}

// made calls a constructor.
func made[T any](constructor any) T {
	return reflect.ValueOf(constructor).Call(nil)[0].Interface().(T)
}

// serializes sets a property on a new value and looks for it in the serialised
// value; false if the type does not take the property.
func serializes(t *testing.T, construct any, property string) bool {
	t.Helper()
	v := made[vocab.Type](construct)
	p := filled(t, property)
	set := setter(reflect.ValueOf(v), p)
	if !set.IsValid() {
		return false
	}
	set.Call([]reflect.Value{p})
	m, err := v.Serialize()
	if err != nil {
		t.Fatalf("%s: %v", property, err)
	}
	if key := p.Interface().(interface{ Name() string }).Name(); m[key] != "https://a.example/" {
		t.Errorf("%s is serialised as %v", key, m[key])
	}
	return true
}

// filled makes a property whose value is an id.
func filled(t *testing.T, property string) reflect.Value {
	t.Helper()
	p := reflect.ValueOf(made[any](properties[property]))
	for _, name := range []string{"AppendIRI", "SetIRI", "Set"} {
		if m := p.MethodByName(name); m.IsValid() {
			m.Call([]reflect.Value{reflect.ValueOf(iri("https://a.example/"))})
			return p
		}
	}
	t.Fatalf("%s cannot hold an id", property)
	return p
}

// setter is the method of v that takes p.
func setter(v, p reflect.Value) reflect.Value {
	for n := range v.NumMethod() {
		m := v.Type().Method(n)
		if strings.HasPrefix(m.Name, "Set") && m.Type.NumIn() == 2 && p.Type().Implements(m.Type.In(1)) {
			return v.Method(n)
		}
	}
	return reflect.Value{}
}

// The tables above hold all constructors; all of them are used; and no other
// file takes one from go-fed.
func TestVocabularyIsWhole(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var constructors []string
	used := map[string]bool{}
	for _, name := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case name == "vocabulary.go":
			constructors = variables(tree)
		case !strings.HasSuffix(name, "_test.go"):
			for _, i := range tree.Imports {
				if strings.Contains(i.Path.Value, "/streams/impl/") {
					t.Errorf("%s imports %s: vocabulary.go does", name, i.Path.Value)
				}
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					used[id.Name] = true
				}
				return true
			})
		}
	}
	slices.Sort(constructors)
	if known := slices.Sorted(maps.Keys(merged(types, properties))); !slices.Equal(constructors, known) {
		t.Errorf("vocabulary.go makes %v\nand this test knows %v", constructors, known)
	}
	for _, name := range constructors {
		if !used[name] {
			t.Errorf("%s is linked and not used", name)
		}
	}
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// variables are the names of a file's variables.
func variables(tree *ast.File) []string {
	var names []string
	for _, d := range tree.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				names = append(names, id.Name)
			}
		}
	}
	return names
}
