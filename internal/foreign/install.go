package foreign

import (
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
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

// packages decide what is installed; a change of one makes a new installation.
//
//go:embed npm/package.json npm/package-lock.json npm/.npmrc npm/sqlite3
var packages embed.FS

// scripts are the peers themselves; they are written beside the packages at every start.
//
//go:embed npm/peer.mjs npm/tagbot.mjs npm/lib npm/fedify npm/tagbot
var scripts embed.FS

// installTime bounds one installation, and the wait for another process's.
const installTime = 15 * time.Minute

// marker is the file that says an installation is whole.
const marker = ".installed"

// errNoNPM is all that a person has to read when npm is missing.
var errNoNPM = errors.New("npm is missing: install Node.js with npm (Debian: apt-get install nodejs npm), or set EARSHOT_FOREIGN=off to skip the tests with foreign implementations")

// Install makes sure that the pinned npm packages are there, and returns the folder that holds their node_modules.
// Several processes may call it at once: one installs, the others wait. Progress goes to standard error.
func Install(ctx context.Context) (dir string, err error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	return install(ctx, filepath.Join(root, ".cache"), "npm")
}

func install(ctx context.Context, cache, npm string) (string, error) {
	hash, err := hashOf(packages)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "foreign-"+hash)
	if whole(dir) {
		return dir, nil
	}
	if _, err := exec.LookPath(npm); err != nil {
		return "", errNoNPM
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the folder for foreign packages: %w", err)
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
	return dir, npmInstall(ctx, dir, npm)
}

func whole(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, marker))
	return err == nil
}

func npmInstall(ctx context.Context, dir, npm string) error {
	if err := writeTree(packages, dir); err != nil {
		return err
	}
	started := time.Now()
	fmt.Fprintf(os.Stderr, "foreign: installing npm packages into %s (once, about a minute)\n", dir)
	cmd := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund")
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	output, err := cmd.CombinedOutput()
	os.Stderr.Write(output)
	if err != nil {
		return fmt.Errorf("install foreign packages: npm ci in %s: %w: %s", dir, err, lastLine(output))
	}
	fmt.Fprintf(os.Stderr, "foreign: installed in %s\n", time.Since(started).Round(time.Second))
	if err := os.WriteFile(filepath.Join(dir, marker), nil, 0o644); err != nil {
		return fmt.Errorf("mark the installation of foreign packages: %w", err)
	}
	return nil
}

// writeScripts puts the peers' scripts below dir, where Node finds the packages in the parent folder, and returns
// their folder. It is named for their content, so that test processes of different versions do not meet.
func writeScripts(dir string) (string, error) {
	hash, err := hashOf(scripts)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(dir, "scripts-"+hash)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	fresh, err := os.MkdirTemp(dir, "scripts-new-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the peers' scripts: %w", err)
	}
	defer os.RemoveAll(fresh)
	if err := writeTree(scripts, fresh); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, folder); err != nil {
		if _, statErr := os.Stat(folder); statErr == nil {
			return folder, nil // another process was quicker
		}
		return "", fmt.Errorf("put the peers' scripts in place: %w", err)
	}
	return folder, nil
}

// writeTree copies an embedded npm folder to dir.
func writeTree(from embed.FS, dir string) error {
	err := fs.WalkDir(from, "npm", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(path, "npm")))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := from.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		return fmt.Errorf("copy the npm folder to %s: %w", dir, err)
	}
	return nil
}

// hashOf names a set of embedded files by their paths and contents.
func hashOf(files embed.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, "npm", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the npm folder: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// moduleRoot is the nearest folder above the working directory with a go.mod: tests run in their package's folder.
func moduleRoot() (string, error) {
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
