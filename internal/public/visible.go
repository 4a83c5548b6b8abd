package public

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

// spoken says whether a post was said by the desk, in public, and has gone out.
// Comments, and posts that were taken back in time or withheld, never were.
func spoken(p desk.Post) bool {
	return (p.Role == desk.RoleReply || p.Role == desk.RoleBroadcast) &&
		p.State == desk.PostPublished && p.Visibility.IsPublic()
}

// shown says whether everyone may read a post now.
func shown(p desk.Post) bool { return spoken(p) && !p.Deleted }

// origin is the link to another person's post.
type origin struct {
	URL  string
	Host desk.Host
}

// link points to another person's post, or returns the zero origin if it must
// not: a post is linked only while it is public and exists, and while its
// author has not asked to be left alone.
func link(i desk.Issue, theirs desk.Post) origin {
	if theirs.Ours() || theirs.Deleted || !theirs.Visibility.IsPublic() || i.Silenced != "" {
		return origin{}
	}
	for _, raw := range []string{theirs.URL, string(theirs.Object)} {
		if h, err := desk.HostOf(raw); err == nil {
			return origin{URL: raw, Host: h}
		}
	}
	return origin{}
}

// interacted links the post that one of our replies answers.
func interacted(tx *app.Tx, p desk.Post) (origin, error) {
	i, ok, err := tx.Issues().Get(p.Issue)
	if err != nil || !ok {
		return origin{}, err
	}
	theirs, ok, err := tx.Posts().ByObject(p.InReplyTo)
	if err != nil || !ok {
		return origin{}, err
	}
	return link(i, theirs), nil
}

// issueShown says whether an issue has a public page: its report was public.
// Of a deleted report there is only left that there was one.
func issueShown(tx *app.Tx, i desk.Issue) (report desk.Post, err error) {
	report, ok, err := tx.Posts().Get(i.Post)
	switch {
	case err != nil:
	case !ok || !report.Visibility.IsPublic():
		err = errNotFound
	case report.Deleted:
		err = errGone
	}
	return report, err
}
