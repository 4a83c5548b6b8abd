package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// authority is a certificate that ends at a time.
func authority(t *testing.T, end time.Time, isCA bool) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.AddDate(-1, 0, 0), NotAfter: end, IsCA: isCA, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return encode(der)
}

// file is a list that was changed some days ago.
func file(t *testing.T, content []byte, days int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.pem")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	at := now.AddDate(0, 0, -days)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRefuses(t *testing.T) {
	good := authority(t, now.AddDate(1, 0, 0), true)
	broken := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})
	for name, c := range map[string]struct{ path, want string }{
		"missing":         {filepath.Join(t.TempDir(), "none.pem"), "no such file"},
		"old":             {file(t, good, 184), "184 days old (2026-05-01), and at most 183 are allowed"},
		"empty":           {file(t, nil, 0), "no certificate authority"},
		"expired only":    {file(t, authority(t, now.AddDate(0, 0, -1), true), 0), "no certificate authority"},
		"servers only":    {file(t, authority(t, now.AddDate(1, 0, 0), false), 0), "no certificate authority"},
		"damaged in part": {file(t, append(bytes.Clone(good), broken...), 0), "is no certificate:"},
	} {
		var out bytes.Buffer
		if err := run(&out, c.path, 183, now); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if out.Len() > 0 {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestFileIsTaken(t *testing.T) {
	good := authority(t, now.AddDate(1, 0, 0), true)
	var out bytes.Buffer
	list := append(authority(t, now.AddDate(0, 0, -1), true), good...)
	if err := run(&out, file(t, list, 183), 183, now); err != nil || !bytes.Equal(out.Bytes(), good) {
		t.Errorf("%v; want the valid certificate without the expired one:\n%s", err, &out)
	}
}

// The module's list is one that servers can be checked with, and its age is
// known; how old it is may not fail a test, only the making of an image.
func TestModule(t *testing.T) {
	list, made, err := ofModule()
	if err != nil {
		t.Fatal(err)
	}
	if made.Before(now.AddDate(-1, 0, 0)) {
		t.Errorf("it was made at %s", made)
	}
	out, err := usable(list, now)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(out, []byte("BEGIN CERTIFICATE")); n < 80 {
		t.Errorf("only %d authorities", n)
	}
}

func TestDateIn(t *testing.T) {
	build := func(version string) *debug.BuildInfo {
		return &debug.BuildInfo{Deps: []*debug.Module{{Path: "other"}, {Path: module, Version: version}}}
	}
	made, err := dateIn(build("v0.0.0-20261030153154-30a33513ff6d"))
	if want := time.Date(2026, 10, 30, 15, 31, 54, 0, time.UTC); err != nil || !made.Equal(want) {
		t.Errorf("%s, %v; want %s", made, err, want)
	}
	if _, err := dateIn(build("v1.0.0")); err == nil {
		t.Error("a version without a date was taken")
	}
	if _, err := dateIn(&debug.BuildInfo{}); err == nil {
		t.Error("a program without the module was taken")
	}
}
