package npm

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// installTime bounds one installation, and the wait for another process's.
const installTime = 15 * time.Minute

// marker is the file that says an installation is whole.
const marker = ".installed"

// Packages is a set that is installed together.
type Packages struct {
	Name  string // of the folder in .cache, and in messages
	Files fs.FS  // package.json, package-lock.json and other files that npm needs; a change makes a new installation
	Off   string // the setting to do without it, if npm is missing
}

// Install makes sure that the packages are there, and returns the folder that holds their node_modules. Several
// processes may call it at once: one installs, the others wait. Progress goes to standard error.
func (p Packages) Install(ctx context.Context) (dir string, err error) {
	root, err := ModuleRoot()
	if err != nil {
		return "", err
	}
	return p.install(ctx, filepath.Join(root, ".cache"), "npm")
}

func (p Packages) install(ctx context.Context, cache, npm string) (string, error) {
	hash, err := Hash(p.Files)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, p.Name+"-"+hash)
	if whole(dir) {
		return dir, nil
	}
	if _, err := exec.LookPath(npm); err != nil {
		return "", fmt.Errorf("npm is missing: install Node.js with npm (Debian: apt-get install nodejs npm), or set %s to do without", p.Off)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder for npm packages: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, installTime)
	defer cancel()
	unlock, err := lock(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if whole(dir) {
		return dir, nil
	}
	return dir, p.run(ctx, dir, npm)
}

func whole(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, marker))
	return err == nil
}

func (p Packages) run(ctx context.Context, dir, npm string) error {
	if err := WriteTree(p.Files, dir); err != nil {
		return err
	}
	started := time.Now()
	fmt.Fprintf(os.Stderr, "%s: installing npm packages into %s (once)\n", p.Name, dir)
	cmd := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund")
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	output, err := cmd.CombinedOutput()
	_, _ = os.Stderr.Write(output) // npm's output
	if err != nil {
		return fmt.Errorf("install npm packages: npm ci in %s: %w: %s", dir, err, lastLine(output))
	}
	fmt.Fprintf(os.Stderr, "%s: installed in %s\n", p.Name, time.Since(started).Round(time.Second))
	if err := os.WriteFile(filepath.Join(dir, marker), nil, 0o644); err != nil {
		return fmt.Errorf("mark the installation of npm packages: %w", err)
	}
	return nil
}

// WriteTree copies files to dir.
func WriteTree(files fs.FS, dir string) error {
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		return fmt.Errorf("copy files to %s: %w", dir, err)
	}
	return nil
}

// Hash names a set of files by their paths and contents.
func Hash(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash npm files: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// ModuleRoot is the nearest folder above the working directory with a go.mod: tests run in their package's folder.
func ModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module root: no go.mod above the working directory")
		}
		dir = parent
	}
}

func lastLine(output []byte) string {
	last := ""
	lines := bufio.NewScanner(strings.NewReader(string(output)))
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" && !strings.Contains(line, "complete log") {
			last = line
		}
	}
	return last
}
