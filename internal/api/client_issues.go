package api

import (
	"context"
	"net/http"
	"net/url"

	"earshot/internal/desk"
)

// IssueQuery narrows a list of issues; a zero field does not.
type IssueQuery struct {
	Desk      desk.Handle
	Status    desk.Status
	Category  desk.Category
	NeedsUs   bool
	Assignee  desk.Email      // an agent's address
	Mentioned desk.Email      // an agent that a comment mentions; not together with Assignee
	Incident  desk.IncidentID // only its voices
	Pile      desk.PileID     // only those that stand in it
	Rows      bool            // only those that stand in no pile
	Snoozed   bool            // only those that are
	Awake     bool            // only those that are not
	Search    string
	Limit     int // 0: all
}

// Issues lists issues: those waiting first, the longest on top.
func (c *Client) Issues(ctx context.Context, in IssueQuery) ([]Issue, error) {
	q := url.Values{}
	for k, v := range map[string]string{"desk": string(in.Desk), "status": string(in.Status), "category": string(in.Category),
		"assignee": string(in.Assignee), "mentioned": string(in.Mentioned), "incident": string(in.Incident), "pile": string(in.Pile), "search": in.Search} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if in.NeedsUs {
		q.Set("needs_us", "true")
	}
	if in.Snoozed {
		q.Set("snoozed", "true")
	}
	if in.Awake {
		q.Set("snoozed", "false")
	}
	if in.Rows {
		q.Set("rows", "true")
	}
	return all[Issue](ctx, c, "/issues", q, in.Limit)
}

// ThreadQuery asks for a page of an issue's timeline; the zero value: the newest.
type ThreadQuery struct {
	Before desk.EventID // FullIssue.Before
	Third  bool         // only the entries of third persons
}

// Issue returns an issue with the newest page of its timeline.
func (c *Client) Issue(ctx context.Context, i desk.IssueID) (FullIssue, error) {
	return c.Thread(ctx, i, ThreadQuery{})
}

// Thread returns an issue with a page of its timeline.
func (c *Client) Thread(ctx context.Context, i desk.IssueID, in ThreadQuery) (out FullIssue, err error) {
	q := url.Values{}
	if in.Before != "" {
		q.Set("before", string(in.Before))
	}
	if in.Third {
		q.Set("third", "true")
	}
	_, err = c.call(ctx, http.MethodGet, "/issues/"+segment(i), q, nil, &out)
	return out, err
}

// Reply writes a reply; it goes out after the take-back time.
func (c *Client) Reply(ctx context.Context, i desk.IssueID, in NewReply) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/reply", in, &out)
}

// Comment says something to the other agents.
func (c *Client) Comment(ctx context.Context, i desk.IssueID, text string) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/comment", NewText{Text: text}, &out)
}

// SetStatus changes a status silently.
func (c *Client) SetStatus(ctx context.Context, i desk.IssueID, in NewStatus) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/status", in, &out)
}

// Spam closes a report as spam, and a portion of those like it.
func (c *Client) Spam(ctx context.Context, i desk.IssueID, in Spam) (out Spammed, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/spam", in, &out)
}

// Assign gives an issue to an agent, "" to nobody.
func (c *Client) Assign(ctx context.Context, i desk.IssueID, to desk.Email) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/assign", NewAssignee{Assignee: to}, &out)
}

// Bulk changes many issues.
func (c *Client) Bulk(ctx context.Context, in Bulk) (out []BulkResult, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/bulk", in, &out)
}

// UndoBulk takes back all that a change of many issues did.
func (c *Client) UndoBulk(ctx context.Context, in BulkAct) (out []BulkResult, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/bulk/undo", in, &out)
}

// ReplyToSeveral writes the same reply in many issues.
func (c *Client) ReplyToSeveral(ctx context.Context, in SeveralReply) (out []BulkResult, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/bulk/reply", in, &out)
}

// PreviewSeveral returns what each of their reporters would get.
func (c *Client) PreviewSeveral(ctx context.Context, in SeveralReply) (out []SeveralPreview, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/bulk/reply/preview", in, &out)
}

// Snooze takes an issue off the lists until a time, or with none until the reporter speaks.
func (c *Client) Snooze(ctx context.Context, i desk.IssueID, until Time) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/snooze", NewSnooze{Until: until}, &out)
}

// Rest has the rest of a long report fetched, of which only the beginning is stored.
func (c *Client) Rest(ctx context.Context, i desk.IssueID) (out FullIssue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/rest", nil, &out)
}

// Wake ends a snooze.
func (c *Client) Wake(ctx context.Context, i desk.IssueID) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/wake", nil, &out)
}

// UndoChange takes back a silent change, of "status", "assign", "merge", "move" or "snooze": the newest if
// it is one's own, or that of an entry.
func (c *Client) UndoChange(ctx context.Context, i desk.IssueID, of desk.Kind, entry desk.EventID) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/"+string(of)+"/undo", NewUndo{Entry: entry}, &out)
}

// Merge makes another issue a part of this one; seen is the newest entry of it that
// was seen, or "".
func (c *Client) Merge(ctx context.Context, into, other desk.IssueID, seen desk.EventID) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(into)+"/merge", NewMerge{Issue: other, Seen: seen}, &out)
}

// Move gives an issue to another desk.
func (c *Client) Move(ctx context.Context, i desk.IssueID, to desk.Handle) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/move", NewMove{Desk: to}, &out)
}

// Link notes on two issues that they have to do with each other.
func (c *Client) Link(ctx context.Context, i, other desk.IssueID) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/link", NewLink{Issue: other}, &out)
}

// Split makes an issue of its own of a later post in an issue.
func (c *Client) Split(ctx context.Context, i desk.IssueID, p desk.PostID) (out Issue, err error) {
	return out, c.write(ctx, http.MethodPost, "/issues/"+segment(i)+"/split", NewSplit{Post: p}, &out)
}

// Undo takes back a post by its id, or the newest reply of an issue.
func (c *Client) Undo(ctx context.Context, what string) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/posts/"+segment(what)+"/undo", nil, &out)
}

// Upload takes a picture for a reply or a broadcast.
func (c *Client) Upload(ctx context.Context, in NewPicture) (out Upload, err error) {
	return out, c.write(ctx, http.MethodPost, "/files", in, &out)
}

// RemoveUpload forgets a picture that was not sent.
func (c *Client) RemoveUpload(ctx context.Context, id desk.FileID) error {
	return c.write(ctx, http.MethodDelete, "/files/"+segment(id), nil, nil)
}

// EditPost changes the words of one of our posts.
func (c *Client) EditPost(ctx context.Context, p desk.PostID, in NewEdit) (out Post, err error) {
	return out, c.write(ctx, http.MethodPatch, "/posts/"+segment(p), in, &out)
}

// Unchecked lists the replies that wait for a colleague, the oldest first.
func (c *Client) Unchecked(ctx context.Context) (out []Post, err error) {
	_, err = c.call(ctx, http.MethodGet, "/replies/unchecked", nil, nil, &out)
	return out, err
}

// ReleaseReply releases a colleague's reply.
func (c *Client) ReleaseReply(ctx context.Context, p desk.PostID) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/posts/"+segment(p)+"/release", nil, &out)
}

// ReturnReply sends a colleague's reply back to them, with a word.
func (c *Client) ReturnReply(ctx context.Context, p desk.PostID, word string) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/posts/"+segment(p)+"/return", NewText{Text: word}, &out)
}

// RetractPost deletes one of our posts, on all servers that got it.
func (c *Client) RetractPost(ctx context.Context, p desk.PostID) (out Post, err error) {
	return out, c.write(ctx, http.MethodDelete, "/posts/"+segment(p), nil, &out)
}

// Broadcast writes to a desk's followers.
func (c *Client) Broadcast(ctx context.Context, in NewBroadcast) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/broadcasts", in, &out)
}

// PreviewBroadcast returns what the followers would get.
func (c *Client) PreviewBroadcast(ctx context.Context, in NewBroadcast) (out Post, err error) {
	return out, c.write(ctx, http.MethodPost, "/broadcasts/preview", in, &out)
}

// Broadcasts lists a desk's broadcasts, newest first; limit 0: all.
func (c *Client) Broadcasts(ctx context.Context, h desk.Handle, limit int) ([]Post, error) {
	return all[Post](ctx, c, "/broadcasts", url.Values{"desk": {string(h)}}, limit)
}

func (c *Client) write(ctx context.Context, method, path string, in, out any) error {
	_, err := c.call(ctx, method, path, nil, in, out)
	return err
}
