package main

import (
	"context"
	"fmt"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// pictured are the pictures of a post.
type pictured struct {
	File []string `help:"A picture: a PNG, JPEG, GIF or WebP; repeat it for each, at most four. Only the pixels are kept." placeholder:"FILE" sep:"none"`
	Alt  []string `help:"What the picture shows, for those who do not see it; one for each --file, in the same order." placeholder:"TEXT" sep:"none"`
}

// sent uploads the pictures for a post, and takes them away again if it is refused.
func (p pictured) sent(c *command, s *session, post func([]api.NewFile) error) error {
	files, err := p.upload(c, s)
	if err == nil {
		err = post(files)
	}
	if err != nil && len(files) > 0 {
		// Also after the command was stopped. Those that stay are forgotten within a day.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 5*time.Second)
		defer cancel()
		for _, f := range files {
			if gone := s.RemoveUpload(ctx, f.ID); gone != nil {
				break
			}
		}
	}
	return err
}

// upload uploads the pictures, all of which are read before. With an error it returns those
// that are uploaded.
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
			return out, fmt.Errorf("%s: %w", p.File[n], err)
		}
		f := api.NewFile{ID: u.ID}
		if n < len(p.Alt) {
			f.Alt = p.Alt[n]
		}
		out = append(out, f)
	}
	return out, nil
}
