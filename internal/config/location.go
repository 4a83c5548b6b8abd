package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// LocationName is the file in the data folder that names the database, where
// the store is one.
const LocationName = "store"

// StoreLocation returns where everything is kept: a database's URL, or the path
// of the file in the data folder. EARSHOT_STORE wins over the store that init
// recorded.
func StoreLocation(dir string, getenv func(string) string) (string, error) {
	if l := getenv("EARSHOT_STORE"); l != "" {
		return l, nil
	}
	b, err := os.ReadFile(filepath.Join(dir, LocationName))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return filepath.Join(dir, StoreName), nil
	case err != nil:
		return "", fmt.Errorf("reading where the store is: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// SaveLocation notes the database of an instance. It may name a password, so
// nobody else can read the file.
func SaveLocation(dir, location string) error {
	if err := os.WriteFile(filepath.Join(dir, LocationName), []byte(location+"\n"), 0o600); err != nil {
		return fmt.Errorf("recording where the store is: %w", err)
	}
	return nil
}
