package main

import (
	"fmt"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// pictured are the pictures of a post.
type pictured struct {
	File []string `help:"A picture: a PNG, JPEG, GIF or WebP; repeat it for each, at most four. Only the pixels are kept." placeholder:"FILE" sep:"none"`
	Alt  []string `help:"What the picture shows, for those who do not see it; one for each --file, in the same order." placeholder:"TEXT" sep:"none"`
}

// upload uploads the pictures, all of which are read before.
func (p pictured) upload(c *command, s *session) (out []api.NewFile, err error) {
	if len(p.File) > desk.MaxFiles {
		return nil, usage("a post has at most %d pictures", desk.MaxFiles)
	}
	if len(p.Alt) < len(p.File) {
		return nil, usage("say what each picture shows: one --alt for each --file, in the same order; --alt \"\" says nothing")
	}
	read := make([][]byte, len(p.File))
	for n, name := range p.File {
		if read[n], err = readPicture(name); err != nil {
			return nil, err
		}
	}
	for n, data := range read {
		u, err := s.Upload(c.ctx, api.NewPicture{Data: data})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.File[n], err)
		}
		f := api.NewFile{ID: u.ID}
		if n < len(p.Alt) {
			f.Alt = p.Alt[n]
		}
		out = append(out, f)
	}
	return out, nil
}
