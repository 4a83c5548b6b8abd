package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"earshot/internal/desk"
	"earshot/internal/search"
	"earshot/store"
)

// index makes a post found by its words, its author, and where it is.
func (t *Tx) index(post desk.Post) error {
	var terms []string
	if !post.Deleted {
		about := search.Subject{Links: []string{string(post.Object), post.URL}}
		if !post.Ours() {
			who, _, err := t.Actors().Get(post.Author)
			if err != nil {
				return err
			}
			about.Tags, about.Name, about.Acct, about.Host = post.Tags, desk.CleanName(who.Name), who.Acct, string(post.Author.Host())
		}
		terms = append(search.Terms(post.Searched()), search.About(about)...)
	}
	return t.Terms().Set(post.ID, post.Issue, terms)
}

// searchIssues lists the issues in which all words are found, newest first, or
// the one that is named by its id, its address, or the id of a post. Operators narrow it;
// without words they narrow the lists.
func (t *Tx) searchIssues(ctx context.Context, in ListInput) (out []desk.Issue, next string, err error) {
	if id, named, err := t.named(in.Search); err != nil {
		return nil, "", err
	} else if named {
		i, err := t.home(id)
		if err != nil || !matches(in.IssueFilter, i) || !in.opened(i) {
			return nil, "", unlessGone(err)
		}
		return []desk.Issue{i}, "", nil
	}
	q, err := t.readSearch(in)
	if err != nil {
		return nil, "", err
	}
	if len(q.terms) == 0 {
		f := q.lists(in.IssueFilter)
		return fillPage(ctx, in.Page, func(p store.Page) ([]desk.Issue, string, error) { return t.Issues().List(f, p) },
			func(i desk.Issue) (_ desk.Issue, ok bool, err error) {
				if in.opened(i) {
					ok, err = q.meets(t, i)
				}
				return i, ok, err
			})
	}
	found := map[desk.IssueID]bool{}
	return fillPage(ctx, in.Page, func(p store.Page) ([]desk.IssueID, string, error) { return t.Terms().Search(q.terms, p) },
		func(id desk.IssueID) (desk.Issue, bool, error) {
			i, err := t.home(id)
			if err != nil || found[i.ID] || !matches(in.IssueFilter, i) || !in.opened(i) {
				return i, false, unlessGone(err)
			}
			found[i.ID] = true // once, by the words of several parts
			ok, err := q.meets(t, i)
			return i, ok, err
		})
}

// unlessGone is an error, but for that of a record that is gone.
func unlessGone(err error) error {
	if desk.ErrorCode(err) == desk.CodeNotFound {
		return nil
	}
	return err
}

// Through how many records a page of a list is filled: one that has an issue, and one that
// has none.
const (
	looksForFull = 1000
	looksForOne  = 5000
)

// fillPage reads a list until a page of those that are wanted is full. It is empty while
// there are more only if none of looksForOne is wanted: the caller says that it goes on.
func fillPage[T any](ctx context.Context, p store.Page, read func(store.Page) ([]T, string, error), want func(T) (desk.Issue, bool, error)) (out []desk.Issue, next string, err error) {
	most, looked := p.Limit, 0
	if most <= 0 || most > store.MaxLimit {
		most = store.MaxLimit
	}
	for p.Limit = most; ; p.Limit = store.MaxLimit {
		all, next, err := read(p)
		if err != nil {
			return nil, "", err
		}
		for n, one := range all {
			i, ok, err := want(one)
			if err != nil {
				return nil, "", err
			}
			if !ok {
				continue
			}
			if out = append(out, i); len(out) == most {
				if n+1 < len(all) { // the next page begins within this one
					p.Limit = n + 1
					_, next, err = read(p)
				}
				return out, next, err
			}
		}
		looked += len(all)
		if next == "" || looked >= looksForOne || len(out) > 0 && looked >= looksForFull {
			return out, next, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		p.After = next
	}
}

// named returns the issue of which a search is the id, or an address of ours, or whose
// post it names.
func (t *Tx) named(typed string) (desk.IssueID, bool, error) {
	typed = strings.TrimSpace(typed)
	typed, _, _ = strings.Cut(typed, "?")
	for _, folder := range []string{"/issues/", "/console/issues/", "/posts/"} {
		if rest, ok := strings.CutPrefix(typed, t.site.URL+folder); ok {
			typed = rest
		}
	}
	if uuid.Validate(typed) != nil {
		return "", false, nil
	}
	if _, ok, err := t.Issues().Get(desk.IssueID(typed)); err != nil || ok {
		return desk.IssueID(typed), ok, err
	}
	p, ok, err := t.Posts().Get(desk.PostID(typed))
	return p.Issue, ok && p.Issue != "", err
}

// metaIndexed is the key in store.Meta of how far the posts are indexed by the rules
// that there are now.
const metaIndexed = "search.indexed"

// indexed is how far that is.
type indexed struct {
	Version int    `json:"version"`         // search.Version
	After   string `json:"after,omitempty"` // the page that comes next
	Done    bool   `json:"done,omitempty"`
}

// reindexBatch is how many posts are indexed in one transaction.
const reindexBatch = 200

// ArmReindex sees that posts that were indexed by other rules are indexed again.
func (a *App) ArmReindex(ctx context.Context) error {
	var is indexed
	if _, err := a.getMeta(ctx, metaIndexed, &is); err != nil {
		return err
	}
	if is.Version == search.Version && is.Done {
		return nil
	}
	return a.Update(ctx, func(tx *Tx) error {
		return tx.addJob(store.QueueTimer, fmt.Sprintf("reindex:%d", search.Version), "", tx.Now, Timer{Kind: TimerReindex})
	})
}

// Reindex indexes all posts again, in portions. Where it is stopped, it goes on the next
// time. Until it is done, words with accents are not found in the posts that are left.
func (a *App) Reindex(ctx context.Context) error {
	var is indexed
	if _, err := a.getMeta(ctx, metaIndexed, &is); err != nil {
		return err
	}
	if is.Version != search.Version {
		is = indexed{Version: search.Version}
	}
	for posts := 0; !is.Done; {
		n, next := 0, indexed{}
		err := a.Update(ctx, func(tx *Tx) (err error) {
			n, next, err = tx.reindex(is)
			return err
		})
		if err != nil {
			return fmt.Errorf("indexing posts again: %w", err)
		}
		is = next
		if posts += n; is.Done && posts > 0 || posts/10_000 > (posts-n)/10_000 {
			a.log.Info("indexing posts again for the search", "posts", posts, "done", is.Done)
		}
	}
	return nil
}

func (t *Tx) reindex(is indexed) (n int, now indexed, err error) {
	records, next, err := t.Records().List(store.RecordPost, store.Page{After: is.After, Limit: reindexBatch})
	if err != nil {
		return 0, is, err
	}
	for _, r := range records {
		var p desk.Post
		if err := json.Unmarshal(r.JSON, &p); err != nil {
			return 0, is, err
		}
		if p.Issue == "" || p.Deleted {
			continue
		}
		if err := t.index(p); err != nil {
			return 0, is, err
		}
		n++
	}
	now = indexed{Version: is.Version, After: next, Done: next == ""}
	b, err := json.Marshal(now)
	if err != nil {
		return 0, is, err
	}
	return n, now, t.Meta().Put(metaIndexed, string(b))
}

func matches(f store.IssueFilter, i desk.Issue) bool {
	if f.Desk != "" && f.Desk != i.Desk {
		also := false
		for _, h := range i.Also {
			also = also || h == f.Desk
		}
		if !also {
			return false
		}
	}
	return (f.Assignee == "" || f.Assignee == i.Assignee) && (f.Incident == "" || f.Incident == i.Incident) && (f.Mentioned == "" || slices.Contains(i.Mentioned, f.Mentioned)) && (f.Status == "" || f.Status == i.Status) && (f.Category == "" || f.Category == i.Status.Category()) && (!f.NeedsUs || i.NeedsUs) &&
		(f.Pile == "" || f.Pile == i.InPile()) && (!f.Rows || i.InPile() == "") &&
		!(f.Awake && i.Snooze.On()) && !(f.Snoozed && !i.Snooze.On())
}
