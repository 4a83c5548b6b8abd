package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The null inbox does what no inbox can leave out: it reads a post, compares its
// digest, verifies its signature with a key that it has, reads a little of its JSON,
// appends it to a file, and answers when one fsync for all that wait is done.
type null struct {
	key  *rsa.PublicKey
	file *os.File
	in   chan waiting
}

type waiting struct {
	body []byte
	done chan error
}

// serveNull listens at an address of 127.0.0.1, which it prints. The folder has the key.
func serveNull(folder string) error {
	raw, err := os.ReadFile(filepath.Join(folder, "key.pem"))
	if err != nil {
		return err
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(folder, "null"))
	if err != nil {
		return err
	}
	n := &null{key: key.(*rsa.PublicKey), file: file, in: make(chan waiting)}
	go n.write()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return (&http.Server{ReadHeaderTimeout: time.Minute, Handler: n}).Serve(l)
}

func (n *null) write() {
	for first := range n.in {
		all := []waiting{first}
		for more := true; more; {
			select {
			case w := <-n.in:
				all = append(all, w)
			default:
				more = false
			}
		}
		var err error
		for _, w := range all {
			_, wrong := n.file.Write(w.body)
			err = errors.Join(err, wrong)
		}
		err = errors.Join(err, n.file.Sync())
		for _, w := range all {
			w.done <- err
		}
	}
}

func (n *null) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = n.accept(r, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (n *null) accept(r *http.Request, body []byte) error {
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	if r.Header.Get("Digest") != digest {
		return errors.New("another digest")
	}
	signed := fmt.Sprintf("(request-target): post %s\nhost: %s\ndate: %s\ndigest: %s", r.URL.Path, r.Host, r.Header.Get("Date"), digest)
	hash := sha256.Sum256([]byte(signed))
	_, after, _ := strings.Cut(r.Header.Get("Signature"), `signature="`)
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(after, `"`))
	if err != nil {
		return err
	}
	if err := rsa.VerifyPKCS1v15(n.key, crypto.SHA256, hash[:], signature); err != nil {
		return err
	}
	var a struct {
		ID, Type, Actor string
		To, CC          []string
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	done := make(chan error, 1)
	n.in <- waiting{body, done}
	return <-done
}

// measureNull runs a null inbox in a process of its own.
func measureNull(folder string, t *town, s sizes) (flow, error) {
	if err := os.WriteFile(filepath.Join(folder, "key.pem"), []byte(t.pem), 0o600); err != nil {
		return flow{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return flow{}, err
	}
	c := exec.Command(self, "null", folder)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return flow{}, err
	}
	if err := c.Start(); err != nil {
		return flow{}, err
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	var addr string
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		return flow{}, err
	}
	requests, err := t.requests(addr, s.others, func(int) bool { return true })
	if err != nil {
		return flow{}, err
	}
	f, err := send(addr, requests, s.connections)
	f.cpu = spent(c.Process.Pid)
	return f, err
}
