package main

import (
	"io"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
)

const (
	shortLength = 8  // of an id as lists show it: the random end
	leastShort  = 4  // the short form that may be typed
	wholeLength = 36 // of a UUID
	// amongLatest is in how many issues the end of an id is looked for: those
	// a list shows first.
	amongLatest = 2000
)

// short is the end of an id, which people can tell apart and type.
func short(i desk.IssueID) string { return string(i[max(0, len(i)-shortLength):]) }

// onIssue does something with the issue that was typed, and shows what came of it.
func onIssue[T any](c *command, typed string, do func(*session, desk.IssueID) (T, error), say func(io.Writer, T)) error {
	return c.with(func(s *session) error {
		id, err := s.issueID(typed)
		if err != nil {
			return err
		}
		out, err := do(s, id)
		if err != nil {
			return err
		}
		return c.show(out, func(w io.Writer) { say(w, out) })
	})
}

// issueID finds the issue whose id ends as was typed.
func (s *session) issueID(typed string) (desk.IssueID, error) {
	if len(typed) < leastShort || len(typed) >= wholeLength {
		return desk.IssueID(typed), nil
	}
	issues, err := s.Issues(s.call.ctx, api.IssueQuery{Limit: amongLatest})
	if err != nil {
		return "", err
	}
	var found []desk.IssueID
	for _, i := range issues {
		for _, id := range append(i.Merged, i.ID) {
			if strings.HasSuffix(string(id), strings.ToLower(typed)) {
				found = append(found, id)
			}
		}
	}
	switch len(found) {
	case 0:
		return desk.IssueID(typed), nil // the server says that it does not exist
	case 1:
		return found[0], nil
	}
	return "", desk.Conflict("issue_id_ambiguous", "%d issues end in %s; type more of the id", len(found), typed)
}
