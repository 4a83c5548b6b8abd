package desk

import "testing"

// A view names a person by handle, address or full name; a single common word does not.
func TestViewNamesAPerson(t *testing.T) {
	ana := Actor{ID: "https://m.example/users/ana", Acct: "ana@m.example", Name: "Ana  Alvarez", URL: "https://m.example/@ana"}
	for words, want := range map[string]bool{
		"from:ana": true, "router from:@ANA": true, "@ana": true, "Ana@M.example router": true, "ana alvarez": true,
		"https://m.example/users/ana": true, "HTTPS://m.example/@ana": true,
		"ana": false, "bananas": false, "from:anatol": false, "alvarez": false, "": false,
	} {
		if got := (SavedView{Search: words}).Names(ana); got != want {
			t.Errorf("%q names the person: %v", words, got)
		}
		if got := (SavedView{Name: words}).Names(ana); got != want {
			t.Errorf("a view called %q names the person: %v", words, got)
		}
	}
	if (SavedView{Search: "router @ x"}).Names(Actor{ID: "https://m.example/users/1"}) {
		t.Error("a person without a handle is named")
	}
}
