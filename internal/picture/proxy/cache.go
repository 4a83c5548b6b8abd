package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/app"
	"earshot/internal/picture"
)

// The bounds of the cache.
const (
	// MaxCached is how many bytes all copies have together.
	MaxCached = 256 << 20
	// maxFiles is how many copies there are.
	maxFiles = 4096
)

// copyOf names a copy: what it is a picture of, where that was, and how large it may be.
type copyOf struct {
	app.PictureOf
	url  string
	side int
}

// file is a copy on the disk.
type file struct {
	name string // chosen by us
	kind string
	size int64
}

// cache is a folder of copies. The one that was looked at least recently leaves first.
// What it holds is known to this process only: it begins empty.
type cache struct {
	dir      string
	max      int64
	mu       sync.Mutex
	files    *simplelru.LRU[copyOf, file]
	size     int64
	troubles error // of deleting the last ones
}

// newCache empties a folder, or makes it.
func newCache(dir string, maxBytes int64, maxFiles int) (*cache, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("emptying the folder of pictures: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of pictures: %w", err)
	}
	c := &cache{dir: dir, max: maxBytes}
	var err error
	c.files, err = simplelru.NewLRU(maxFiles, func(_ copyOf, f file) {
		c.size -= f.size
		if err := os.Remove(filepath.Join(dir, f.name)); err != nil && !os.IsNotExist(err) {
			c.troubles = err
		}
	})
	return c, err
}

// get reads a copy.
func (c *cache) get(of copyOf) (p picture.Picture, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.files.Get(of)
	if !ok {
		return p, false
	}
	body, err := os.ReadFile(filepath.Join(c.dir, f.name))
	if err != nil || int64(len(body)) != f.size { // somebody emptied the folder
		c.files.Remove(of)
		return p, false
	}
	return picture.Picture{Body: body, Type: f.kind}, true
}

// put stores a copy, and removes as many others as there is no room for.
func (c *cache) put(of copyOf, p picture.Picture) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files.Remove(of)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q %d", of.Post, of.At, of.Actor, of.url, of.side))
	f := file{hex.EncodeToString(sum[:]), p.Type, int64(len(p.Body))}
	if f.size > c.max {
		return nil
	}
	for c.size+f.size > c.max {
		c.files.RemoveOldest()
	}
	if err := os.WriteFile(filepath.Join(c.dir, f.name), p.Body, 0o600); err != nil {
		return fmt.Errorf("storing a picture: %w", err)
	}
	c.size += f.size
	c.files.Add(of, f)
	return nil
}

// all returns what there are copies of.
func (c *cache) all() []copyOf {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.files.Keys()
}

// remove deletes copies, and says what stood in the way.
func (c *cache) remove(of ...copyOf) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range of {
		c.files.Remove(o)
	}
	err := c.troubles
	c.troubles = nil
	return err
}
