// Package templates keeps pages that are read when they are first shown: most
// are never shown in most languages, and together they were half of an idle
// server's memory.
package templates

import (
	"html/template"
	"io"
	"io/fs"
	"sync"
)

// Set holds pages by their key, such as name and language. It is safe for
// concurrent use once all are added.
type Set[K comparable] map[K]func() (*template.Template, error)

// Add adds a page: its layout, a file of this name in its folder, and its
// parts, as paths or patterns of fs.Glob.
func (s Set[K]) Add(key K, files fs.FS, funcs template.FuncMap, layout string, patterns ...string) {
	s[key] = sync.OnceValues(func() (*template.Template, error) {
		return template.New(layout).Funcs(funcs).ParseFS(files, patterns...)
	})
}

// Show writes a page that was added.
func (s Set[K]) Show(w io.Writer, key K, data any) error {
	t, err := s[key]()
	if err != nil {
		return err
	}
	return t.Execute(w, data)
}
