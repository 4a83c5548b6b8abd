package id

import (
	"testing"

	"github.com/google/uuid"
)

func TestBefore(t *testing.T) {
	of := New()
	one, two := Before(of, 1, "a"), Before(of, 2, "a")
	if one != Before(of, 1, "a") || one == Before(of, 1, "b") {
		t.Error("an id does not follow from its name")
	}
	if two >= one || one >= of {
		t.Errorf("%s, %s and %s are in the wrong order", two, one, of)
	}
	if u := uuid.MustParse(one); u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		t.Errorf("%s is no UUIDv7", one)
	}
}
