package desk

import (
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of the files of a post of ours.
const (
	// MaxFiles is how many it has at most: Mastodon shows no more.
	MaxFiles = 4
	// MaxAlt is the longest description of one, in characters, as on Mastodon.
	MaxAlt = 1500
)

// FileID names a file of ours. It has 128 random bits: who knows it may see the file, once
// the post has gone out.
type FileID string

// FilePath is the path of a file for all to see.
func FilePath(id FileID) string { return "/files/" + string(id) }

// File returns the address of a file of ours.
func (s Site) File(id FileID) string { return s.URL + FilePath(id) }

// File describes a file of a post of ours. Its bytes are kept beside it, and never change: they
// are those of a picture that we wrote.
type File struct {
	ID   FileID `json:"id"`
	Post PostID `json:"post,omitempty"` // whose it is, or the first of its copies; "": it is not sent yet
	Type string `json:"type"`           // image/jpeg or image/png
	Size int    `json:"size"`           // bytes
}

// Upload describes a file that an agent has not sent yet.
type Upload struct {
	Agent Email  `json:"agent"`
	ID    FileID `json:"id"`
	// On is the form that it is in, as of a draft; "": none, a program will name it.
	On     string    `json:"on,omitempty"`
	Type   string    `json:"type"`
	Width  int       `json:"width"`
	Height int       `json:"height"`
	Alt    string    `json:"alt,omitempty"`
	At     time.Time `json:"at"`
}

// CheckAlt checks the description of a file; "" is none.
func CheckAlt(s string) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", Invalid("text_not_utf8", "the text is not valid UTF-8")
	}
	if n := utf8.RuneCountInString(s); n > MaxAlt {
		return "", Invalid("alt_too_long", "the description of a picture has %d characters; %d are allowed", n, MaxAlt)
	}
	return s, nil
}
