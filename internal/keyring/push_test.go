package keyring

import (
	"encoding/base64"
	"testing"

	"earshot/internal/desk"
)

// The key for pushes is the same each time with the same secret, and another one with
// another secret.
func TestPushKey(t *testing.T) {
	key := func(secret string) (string, string) {
		private, public, err := New(nil, nil, desk.Site{}, secret).PushKey()
		if err != nil {
			t.Fatal(err)
		}
		return private, public
	}
	private, public := key("one secret")
	if again, same := key("one secret"); again != private || same != public {
		t.Error("the key changes")
	}
	if other, _ := key("another secret"); other == private {
		t.Error("two secrets have one key")
	}
	if b, err := base64.RawURLEncoding.DecodeString(public); err != nil || len(b) != 65 || b[0] != 4 {
		t.Errorf("the public key is no uncompressed point: %x %v", b, err)
	}
}
