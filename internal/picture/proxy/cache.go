package proxy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

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
// What it holds is known to this process only: it begins empty. The disk is read and
// written while others use the cache: no two copies ever have the same name.
type cache struct {
	dir      string
	max      int64
	made     atomic.Uint64 // copies so far
	mu       sync.Mutex
	files    *simplelru.LRU[copyOf, file]
	size     int64
	gone     []string // names of files that are to be removed
	troubles error    // of removing the last ones
}

// newCache empties a folder, or makes it. With an error it returns a cache that keeps
// nothing. The folder itself stays: it may be a mount point, or a link to another disk.
func newCache(dir string, maxBytes int64, maxFiles int) (*cache, error) {
	c := &cache{dir: dir, max: maxBytes}
	var err error
	c.files, err = simplelru.NewLRU(maxFiles, func(_ copyOf, f file) {
		c.size -= f.size
		c.gone = append(c.gone, f.name)
	})
	if err == nil {
		err = empty(dir)
	}
	if err != nil {
		c.max = 0
	}
	return c, err
}

func empty(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of pictures: %w", err)
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	if err != nil {
		return fmt.Errorf("emptying the folder of pictures: %w", err)
	}
	return nil
}

// get reads a copy.
func (c *cache) get(of copyOf) (p picture.Picture, ok bool) {
	c.mu.Lock()
	f, ok := c.files.Get(of)
	c.mu.Unlock()
	if !ok {
		return p, false
	}
	body, err := os.ReadFile(filepath.Join(c.dir, f.name))
	if err == nil && int64(len(body)) == f.size {
		return picture.Picture{Body: body, Type: f.kind}, true
	}
	c.mu.Lock()
	if now, ok := c.files.Peek(of); ok && now == f { // the folder was emptied
		c.files.Remove(of)
	}
	c.mu.Unlock()
	return p, false
}

// put stores a copy, and removes as many others as there is no room for.
func (c *cache) put(of copyOf, p picture.Picture) error {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q %d %q %q %d", c.made.Add(1), of.Post, of.At, of.Actor, of.url, of.side))
	f := file{hex.EncodeToString(sum[:]), p.Type, int64(len(p.Body))}
	if f.size > c.max {
		return nil
	}
	if err := os.WriteFile(filepath.Join(c.dir, f.name), p.Body, 0o600); err != nil {
		_ = os.Remove(filepath.Join(c.dir, f.name)) // a part of it may be there
		return fmt.Errorf("storing a picture: %w", err)
	}
	c.mu.Lock()
	c.files.Remove(of)
	for c.size+f.size > c.max {
		c.files.RemoveOldest()
	}
	c.size += f.size
	c.files.Add(of, f)
	c.mu.Unlock()
	c.sweep()
	return nil
}

// sweep removes the files of copies that are gone. One that stays is tried again.
func (c *cache) sweep() {
	c.mu.Lock()
	gone := c.gone
	c.gone = nil
	c.mu.Unlock()
	var left []string
	var troubles error
	for _, name := range gone {
		if err := os.Remove(filepath.Join(c.dir, name)); err != nil && !os.IsNotExist(err) {
			left, troubles = append(left, name), err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = append(c.gone, left...)
	c.troubles = cmp.Or(troubles, c.troubles)
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
	for _, o := range of {
		c.files.Remove(o)
	}
	c.mu.Unlock()
	c.sweep()
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.troubles
	c.troubles = nil
	return err
}
