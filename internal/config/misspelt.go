package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

const prefix = "EARSHOT_"

// orchestrator matches the variables that Kubernetes and container links add
// for a service with our name.
var orchestrator = regexp.MustCompile(`_SERVICE_(HOST|PORT)(_|$)|_PORT(_[0-9]+_(TCP|UDP)|$)`)

// Unknown is an EARSHOT_* variable that the program does not read.
type Unknown struct {
	Name string
	Near string // the variable that is probably meant; "": none
}

// UnknownVariables returns the variables of an environment, "NAME=value", that
// look like settings and are none.
func UnknownVariables(environ []string) (out []Unknown) {
	var known []string
	for _, v := range Variables() {
		known = append(known, v.Name)
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" || !strings.HasPrefix(strings.ToUpper(name), prefix) || slices.Contains(known, name) || orchestrator.MatchString(name) {
			continue
		}
		out = append(out, Unknown{name, nearest(strings.ToUpper(name), known)})
	}
	slices.SortFunc(out, func(a, b Unknown) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Misspelt refuses an environment with a variable that is a setting's name but
// for its spelling: the setting would silently keep its default. Other unknown
// names may belong to scripts around the program.
func Misspelt(environ []string) error {
	for _, u := range UnknownVariables(environ) {
		if u.Near != "" {
			return fmt.Errorf("there is no variable %s: is it %s? `earshot man` lists all variables", u.Name, u.Near)
		}
	}
	return nil
}

// Unreadable refuses an environment in which a setting has a value that cannot be
// read. Every command does, also one that has no use for it: the next start of the
// server would fail.
func Unreadable(getenv func(string) string) error {
	c := Default()
	for _, s := range settings {
		if v := getenv(s.flag.variable()); v != "" {
			if err := s.set(&c, v); err != nil {
				return fmt.Errorf("%s: %w", s.flag.variable(), err)
			}
		}
	}
	if s := getenv("EARSHOT_SECRET"); s != "" {
		return checkSecret(s)
	}
	return nil
}

// nearest returns the known name that a name resembles: a third of its letters
// is wrong at most, or words are missing or too many.
func nearest(name string, known []string) string {
	best, fewest := "", len(name)
	for _, k := range known {
		wrong := levenshtein.ComputeDistance(name, k)
		if sameWords(name, k) {
			wrong = min(wrong, 1)
		}
		if wrong*3 > len(k)-len(prefix) {
			continue
		}
		if wrong < fewest || wrong == fewest && len(k) > len(best) {
			best, fewest = k, wrong
		}
	}
	return best
}

// sameWords reports whether all words of one name are in the other.
func sameWords(a, b string) bool {
	left, right := words(a), words(b)
	return len(left) > 0 && (within(left, right) || within(right, left))
}

func words(name string) []string {
	return strings.FieldsFunc(strings.TrimPrefix(name, prefix), func(r rune) bool { return r == '_' })
}

func within(part, whole []string) bool {
	for _, w := range part {
		if !slices.Contains(whole, w) {
			return false
		}
	}
	return true
}
