package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// minSecret is what a secret from the environment must have at least.
const minSecret = 32

// Secret returns the secret that encrypts the keys in the store:
// EARSHOT_SECRET, or else the one that MakeSecret wrote.
func Secret(dir string, getenv func(string) string) (string, error) {
	if s := getenv("EARSHOT_SECRET"); s != "" {
		return s, checkSecret(s)
	}
	path := filepath.Join(dir, SecretName)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the secret is missing: put back %s from a backup, or set EARSHOT_SECRET", path)
	}
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	s := strings.TrimSpace(string(b))
	if len(s) < minSecret {
		return "", fmt.Errorf("%s is damaged: put it back from a backup", path)
	}
	return s, nil
}

func checkSecret(s string) error {
	if len(s) < minSecret {
		return fmt.Errorf("EARSHOT_SECRET has %d characters; at least %d are needed", len(s), minSecret)
	}
	return nil
}

// MakeSecret writes a new secret into the data folder, readable by its owner
// only. One that is there is kept: without it the keys in the store are lost.
// With EARSHOT_SECRET set nothing is written.
func MakeSecret(dir string, getenv func(string) string) error {
	if getenv("EARSHOT_SECRET") != "" {
		return nil
	}
	path := filepath.Join(dir, SecretName)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return writeSecret(path, base64.RawURLEncoding.EncodeToString(random))
}

// SaveSecret writes the secret of a backup into the data folder. With
// EARSHOT_SECRET set nothing is written; another secret that is there stays,
// and is an error.
func SaveSecret(dir string, getenv func(string) string, secret string) error {
	if getenv("EARSHOT_SECRET") != "" {
		return nil
	}
	if len(secret) < minSecret {
		return errors.New("the backup's secret is damaged")
	}
	path := filepath.Join(dir, SecretName)
	switch there, err := os.ReadFile(path); {
	case err == nil && strings.TrimSpace(string(there)) == secret:
		return nil
	case err == nil:
		return fmt.Errorf("%s is there already and is another secret than the backup's: move it away", path)
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("reading the secret: %w", err)
	}
	return writeSecret(path, secret)
}

// writeSecret writes the file so that under its name there is never half a secret.
func writeSecret(path, secret string) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	_, err = f.WriteString(secret + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the secret: %w", err)
	}
	return nil
}
