package arch

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// text is a file as people read it. In prose, code is blotted out, so that the
// lines stay.
type text struct {
	file  string
	prose string
}

// proseOf reads the prose of each kind of file.
var proseOf = map[string]func(string) string{".md": proseOfMarkdown, ".go": proseOfGo, ".toml": proseOfTOML}

func readText(file, source string) text {
	return text{file, proseOf[path.Ext(file)](source)}
}

// loadTexts reads the covered files.
func loadTexts(root string) (texts []text, err error) {
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && notOurs(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		isCovered := slices.ContainsFunc(covered, func(pattern string) bool { return covers(pattern, rel) })
		if !isCovered || proseOf[path.Ext(rel)] == nil {
			return nil
		}
		source, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		texts = append(texts, readText(rel, string(source)))
		return nil
	})
	return texts, err
}

// notOurs says of a folder's name that its files were fetched or built.
func notOurs(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor" || name == "dist"
}

// covers says whether a pattern of covered names a file.
func covers(pattern, file string) bool {
	if ending, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(file, ending)
	}
	return matches(pattern, file) || matches(pattern, path.Dir(file))
}

// blot replaces each letter of code. It is no space: the words on both sides of
// it do not belong together.
const blot = '\x00'

// blotted blots all of s out but the ends of lines.
func blotted(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return blot
	}, s)
}

// inline finds code in a line, or over one line's end, and the targets of links.
// It finds blocks of code too, so that their fences are not taken for code in a
// line. The comments in a block count, so blocks stay.
var inline = regexp.MustCompile("(?s)```.*?```|`[^`\n]*\n?[^`\n]*`|\\]\\([^)\n]*\\)")

func proseOfMarkdown(source string) string {
	return inline.ReplaceAllStringFunc(source, func(s string) string {
		if strings.HasPrefix(s, "```") {
			return s
		}
		return blotted(s)
	})
}

// proseOfGo keeps comments and strings.
func proseOfGo(source string) string {
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	prose, done := strings.Builder{}, 0
	for {
		pos, kind, literal := s.Scan()
		if kind == token.EOF {
			break
		}
		if kind != token.COMMENT && kind != token.STRING {
			continue
		}
		at := file.Offset(pos)
		prose.WriteString(between(source[done:at]))
		prose.WriteString(strings.Replace(literal, "//", "  ", 1))
		done = at + len(literal)
	}
	return prose.String() + between(source[done:])
}

// between returns the stand-in for code. Space stays, because it joins two lines
// of a comment.
func between(code string) string {
	if strings.TrimSpace(code) == "" {
		return code
	}
	return blotted(code)
}

// key is how a line of TOML begins: a name, or a sentence in quotation marks.
var key = regexp.MustCompile(`(?m)^(?:"(?:[^"\\]|\\.)*"|[\w.-]+)\s*=`)

// proseOfTOML keeps comments and values.
func proseOfTOML(source string) string {
	return key.ReplaceAllStringFunc(source, blotted)
}
