package config

import (
	"reflect"
	"regexp"
	"testing"
)

// Every setting is explained, and its real default is named.
func TestVariables(t *testing.T) {
	if len(help) != len(settings) {
		t.Errorf("%d texts for %d settings", len(help), len(settings))
	}
	named := regexp.MustCompile(`The default is (\S+)\.$`)
	for _, s := range settings {
		text := help[s.flag]
		if text == "" {
			t.Errorf("%s: no text says what it does", s.flag)
		}
		m := named.FindStringSubmatch(text)
		if m == nil || m[1] == "none" {
			continue
		}
		c := Default()
		if err := s.set(&c, m[1]); err != nil || !reflect.DeepEqual(c, Default()) {
			t.Errorf("%s: the default is not %q (%v)", s.flag, m[1], err)
		}
	}
}

func TestVariableNames(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Variables() {
		if seen[v.Name] || v.Help == "" {
			t.Errorf("%s is there twice, or has no text", v.Name)
		}
		seen[v.Name] = true
	}
	for _, want := range []string{"EARSHOT_DATA", "EARSHOT_STORE", "EARSHOT_SECRET", "EARSHOT_STORE_MAX_SIZE"} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
}
