package main

import (
	"strings"
	"testing"
)

// A text in another character set is refused before anything is sent.
func TestTextIsUTF8(t *testing.T) {
	for name, tc := range map[string]struct {
		args    []string
		command string
		refused bool
	}{
		"text":           {[]string{"issue", "reply", "1", "café"}, "issue reply", false},
		"Latin-1":        {[]string{"issue", "reply", "1", "caf\xe9"}, "issue reply", true},
		"Latin-1 name":   {[]string{"desk", "add", "help", "--name=Caf\xe9"}, "desk add", true},
		"file":           {[]string{"backup", "caf\xe9"}, "backup <file>", false},
		"folder":         {[]string{"--data", "caf\xe9", "desk", "list"}, "desk list", false},
		"folder with =":  {[]string{"--data=caf\xe9", "desk", "list"}, "desk list", false},
		"cut in a sign":  {[]string{"broadcast", "help", "caf\xc3"}, "broadcast", true},
		"lone surrogate": {[]string{"broadcast", "help", "\xed\xa0\x80"}, "broadcast", true},
	} {
		if err := checkText(tc.args, tc.command); (err != nil) != tc.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	for typed, refused := range map[string]bool{"café": false, "caf\xe9": true, "": false} {
		c := &command{io: stdio{in: strings.NewReader(typed)}}
		if got, err := c.text("-"); (err != nil) != refused || !refused && got != typed {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}
