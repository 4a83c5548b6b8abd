package arch

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// module is this module's path; a package is named by the part after it.
const module = "earshot"

// file holds the parts of one Go file that the rules check.
type file struct {
	name    string // relative to the module's root, with slashes
	pkg     string // the folder, "" for the root: "internal/desk"
	test    bool   // a test, or in a package that is for tests only
	main    bool
	imports []imported
	uses    []use
	names   []string // what it declares
	methods []use    // without a path; fields too
}

func (f file) has(importPath string) bool {
	return slices.ContainsFunc(f.imports, func(i imported) bool { return i.path == importPath })
}

type imported struct {
	path string
	line int
}

// use is a name taken from an imported package: time.Now.
type use struct {
	path, name string
	line       int
}

// ours returns an import's folder in this module, false for all others.
func ours(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// root is the root of this module.
var root = filepath.Join("..", "..", "..")

// wholeModule is what load reads in this module, once for all tests.
var wholeModule = sync.OnceValues(func() ([]file, error) { return load(root) })

// load reads every Go file of the module at root. Folders that the go command
// ignores, and modules of their own, are left out.
func load(root string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && skipped(p, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(p) != ".go" {
			return nil
		}
		source, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) { // an editor's file that has gone again
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		f, err := read(filepath.ToSlash(rel), string(source))
		files = append(files, f)
		return err
	})
	return files, err
}

func skipped(dir, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// read extracts from one file the parts that the rules check.
func read(name, source string) (file, error) {
	set := token.NewFileSet()
	// The parser's old object resolution tells a package's name from a
	// variable that hides it.
	tree, err := parser.ParseFile(set, name, source, 0)
	if err != nil {
		return file{}, fmt.Errorf("parsing: %w", err)
	}
	f := file{name: name, pkg: path.Dir(name), main: tree.Name.Name == "main", names: declared(tree)}
	if f.pkg == "." {
		f.pkg = ""
	}
	f.test = strings.HasSuffix(name, "_test.go") || matchesAny(testOnly, f.pkg)
	names := map[string]string{}
	for _, spec := range tree.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return file{}, fmt.Errorf("parsing %s: %w", name, err)
		}
		line := set.Position(spec.Pos()).Line
		f.imports = append(f.imports, imported{p, line})
		switch {
		case spec.Name == nil:
			names[nameOf(p)] = p
		case spec.Name.Name == ".":
			f.uses = append(f.uses, use{p, ".", line})
		default:
			names[spec.Name.Name] = p
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		line := set.Position(s.Pos()).Line
		if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && names[x.Name] != "" {
			f.uses = append(f.uses, use{names[x.Name], s.Sel.Name, line})
		} else {
			f.methods = append(f.methods, use{"", s.Sel.Name, line})
		}
		return true
	})
	return f, nil
}

// nameOf guesses a package's name from its path: right for the standard
// library, whose names are all that the rules on uses look at.
func nameOf(importPath string) string {
	parts := strings.Split(importPath, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && !slices.ContainsFunc([]byte(last[1:]), func(b byte) bool { return b < '0' || b > '9' }) {
		return parts[len(parts)-2] // math/rand/v2
	}
	return last
}
