package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

var (
	idForm = regexp.MustCompile(`^GO-\d{4}-\d{4,}$`)
	// minReason keeps a reason from being "ok".
	minReason = 20
)

// readAllowed reads rows of an id and a reason. Empty lines, and those that
// begin with #, are for people.
func readAllowed(in io.Reader) (map[string]string, error) {
	allowed := map[string]string{}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		reason = strings.TrimSpace(reason)
		_, twice := allowed[id]
		switch {
		case !idForm.MatchString(id):
			return nil, fmt.Errorf("line %d: %q is no id like GO-2026-0001", n, id)
		case twice:
			return nil, fmt.Errorf("line %d: %s is there twice", n, id)
		case len(reason) < minReason:
			return nil, fmt.Errorf("line %d: %s needs a reason of at least %d characters", n, id, minReason)
		}
		allowed[id] = reason
	}
	return allowed, lines.Err()
}
