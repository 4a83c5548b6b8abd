// Command certificates writes the certificate authorities that an image
// trusts, as PEM, to standard output: those of Mozilla, as the module
// golang.org/x/crypto/x509roots/fallback has them, or those of a file. It fails
// when they are old: an image whose list is old refuses servers that moved to a
// new authority, and trusts authorities that were removed.
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const module = "golang.org/x/crypto/x509roots/fallback"

func main() {
	from := flag.String("from", "", "a PEM file; without it the list is that of "+module)
	days := flag.Int("days", 183, "how old the list may be")
	flag.Parse()
	if err := run(os.Stdout, *from, *days, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, "certificates:", err)
		os.Exit(1)
	}
}

// run writes the list, whole or not at all.
func run(w io.Writer, from string, days int, now time.Time) error {
	read, remedy := ofModule, "run `go get "+module+"@latest`"
	if from != "" {
		read, remedy = ofFile(from), "install newer ones there (Debian: apt-get install ca-certificates)"
	}
	list, made, err := read()
	if err != nil {
		return err
	}
	if age := int(now.Sub(made).Hours() / 24); age > days {
		return fmt.Errorf("the certificate authorities are %d days old (%s), and at most %d are allowed: %s", age, made.Format(time.DateOnly), days, remedy)
	}
	out, err := usable(list, now)
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

// ofModule returns the list that go.mod pins. An authority that is trusted
// under conditions only is left out: a PEM file cannot say them.
func ofModule() (list []byte, made time.Time, err error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, made, errors.New("this program does not know its modules")
	}
	made, err = dateIn(info)
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			list = append(list, encode(root.Certificate)...)
		}
	}
	return list, made, err
}

// dateIn is when the module's version was made, by its pseudo-version
// (https://go.dev/ref/mod#pseudo-versions).
func dateIn(info *debug.BuildInfo) (time.Time, error) {
	for _, m := range info.Deps {
		if m.Path != module {
			continue
		}
		if found := regexp.MustCompile(`[.-](\d{14})-[0-9a-f]{12}$`).FindStringSubmatch(m.Version); found != nil {
			return time.Parse("20060102150405", found[1])
		}
		return time.Time{}, fmt.Errorf("the version %s of %s has no date", m.Version, module)
	}
	return time.Time{}, fmt.Errorf("%s is not in this program", module)
}

// ofFile returns a file's list, which is as old as the file.
func ofFile(path string) func() ([]byte, time.Time, error) {
	return func() ([]byte, time.Time, error) {
		info, err := os.Stat(path)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("reading the certificate authorities: %w", err)
		}
		list, err := os.ReadFile(path)
		return list, info.ModTime(), err
	}
}

// usable returns those certificates of a list that have not expired.
func usable(list []byte, now time.Time) ([]byte, error) {
	var out []byte
	for {
		block, rest := pem.Decode(list)
		if block == nil {
			break
		}
		list = rest
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a part of the list is no certificate: %w", err)
		}
		if c.IsCA && now.Before(c.NotAfter) {
			out = append(out, encode(c.Raw)...)
		}
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil, errors.New("the list has no certificate authority that is valid now")
	}
	return out, nil
}

func encode(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
