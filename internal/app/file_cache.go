package app

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/desk"
)

const (
	// maxFilesCached is how many bytes of files are kept in memory: a broadcast's pictures
	// are asked for by all its servers at once.
	maxFilesCached = 16 << 20
	maxFilesKept   = 1024
	// maxFilesRead is how many others are read from the store at a time.
	maxFilesRead = 2
)

// fileCache keeps the bytes of files that were asked for last. Whether one may be shown is
// asked of its post each time.
type fileCache struct {
	reading chan struct{} // one for each that is read from the store

	mu    sync.Mutex
	files *simplelru.LRU[desk.FileID, []byte]
	bytes int
}

func newFileCache() *fileCache {
	c := &fileCache{reading: make(chan struct{}, maxFilesRead)}
	c.files, _ = simplelru.NewLRU(maxFilesKept, func(_ desk.FileID, b []byte) { c.bytes -= len(b) }) // fails for no size only
	return c
}

func (c *fileCache) get(id desk.FileID) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.files.Get(id)
}

func (c *fileCache) put(id desk.FileID, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files.Remove(id)
	c.bytes += len(b)
	c.files.Add(id, b)
	for c.bytes > maxFilesCached && c.files.Len() > 1 {
		c.files.RemoveOldest()
	}
}

func (c *fileCache) remove(id desk.FileID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files.Remove(id)
}
