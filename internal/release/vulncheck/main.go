// Command vulncheck reads the findings of govulncheck, as JSON on standard
// input, and fails for each vulnerability in code that is called unless a list allows
// it with a reason.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	allow := flag.String("allow", "", "the file of exceptions: an id and a reason a row")
	flag.Parse()
	ok, err := run(os.Stdin, os.Stdout, *allow)
	if err != nil {
		fmt.Fprintln(os.Stderr, "vulncheck:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run prints the findings, and says whether all of them are allowed.
func run(in io.Reader, out io.Writer, path string) (ok bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	allowed, err := readAllowed(f)
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	found, err := readFound(in)
	if err != nil {
		return false, err
	}
	return judge(out, found, allowed), nil
}

// judge prints a line for each vulnerability and each row that is not needed.
// It is false if there is one that has to be acted upon.
func judge(out io.Writer, found []vulnerability, allowed map[string]string) bool {
	bad, called := 0, map[string]bool{}
	for _, v := range found {
		reason, ok := allowed[v.id]
		called[v.id] = v.called != ""
		switch {
		case v.called == "":
			fmt.Fprintf(out, "not called  %s\n", v)
		case ok:
			fmt.Fprintf(out, "allowed     %s: %s\n", v, reason)
		default:
			bad++
			fmt.Fprintf(out, "CALLED      %s\n", v)
		}
	}
	for _, id := range sorted(allowed) {
		if !called[id] {
			bad++
			fmt.Fprintf(out, "NOT NEEDED  %s is allowed, and is not called any more: remove its row\n", id)
		}
	}
	fmt.Fprintf(out, "%d known vulnerabilities in the modules and the standard library, %d to act upon\n", len(found), bad)
	return bad == 0
}
