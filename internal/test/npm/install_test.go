package npm

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestInstallNamesTheMissingProgram(t *testing.T) {
	p := Packages{Name: "x", Files: fstest.MapFS{"package.json": {Data: []byte("{}")}}, Off: "EARSHOT_X=off"}
	_, err := p.install(t.Context(), t.TempDir(), "npm-that-is-not-there")
	if err == nil || !strings.Contains(err.Error(), "install Node.js with npm") || !strings.Contains(err.Error(), p.Off) || strings.Contains(err.Error(), "\n") {
		t.Errorf("without npm the error is %v, want one line that says what to install", err)
	}
}

func TestHashFollowsTheFiles(t *testing.T) {
	hash := func(files fstest.MapFS) string {
		h, err := Hash(files)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one := hash(fstest.MapFS{"a": {Data: []byte("bc")}})
	if one != hash(fstest.MapFS{"a": {Data: []byte("bc")}}) {
		t.Error("the same files have another hash")
	}
	if one == hash(fstest.MapFS{"a": {Data: []byte("bd")}}) || one == hash(fstest.MapFS{"ab": {Data: []byte("c")}}) {
		t.Error("other files have the same hash")
	}
}
