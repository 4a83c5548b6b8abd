package foreign

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"earshot/internal/test/npm"
)

// packages list the npm packages to install.
//
//go:embed npm/package.json npm/package-lock.json npm/.npmrc npm/sqlite3
var packages embed.FS

// scripts are the peers themselves; they are written beside the packages at every start.
//
//go:embed npm/peer.mjs npm/tagbot.mjs npm/lib npm/fedify npm/tagbot
var scripts embed.FS

// below is what an embedded npm folder holds.
func below(files embed.FS) fs.FS {
	sub, err := fs.Sub(files, "npm")
	if err != nil {
		panic(err) // only for a name that is no path
	}
	return sub
}

// Install makes sure that the pinned npm packages are there, and returns the folder that holds their node_modules.
func Install(ctx context.Context) (dir string, err error) {
	return npm.Packages{Name: "foreign", Files: below(packages), Off: "EARSHOT_FOREIGN=off"}.Install(ctx)
}

// writeScripts puts the peers' scripts below dir, where Node finds the packages in the parent folder, and returns
// their folder. It is named for their content, so that test processes of different versions do not meet.
func writeScripts(dir string) (string, error) {
	hash, err := npm.Hash(below(scripts))
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
	if err := npm.WriteTree(below(scripts), fresh); err != nil {
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
