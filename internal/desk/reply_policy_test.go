package desk_test

import (
	"testing"

	"earshot/internal/desk"
)

func TestReplyPermissionFor(t *testing.T) {
	const (
		us        = "https://acme.example/desks/help"
		ana       = "https://m.example/users/ana"
		following = ana + "/following"
	)
	policy := func(automatic, manual []string) *desk.ReplyPolicy {
		return &desk.ReplyPolicy{Automatic: automatic, Manual: manual}
	}
	list := func(s ...string) []string { return s }
	for name, c := range map[string]struct {
		post               desk.Post
		answersUs, follows bool
		want               desk.ReplyPermission
	}{
		"no policy":              {post: desk.Post{}, want: desk.ReplyAllowed},
		"everybody":              {post: desk.Post{CanReply: policy(list(desk.Public), nil)}, want: desk.ReplyAllowed},
		"everybody asks":         {post: desk.Post{CanReply: policy(nil, list(desk.Public))}, want: desk.ReplyNeedsApproval},
		"we by name":             {post: desk.Post{CanReply: policy(list(us), list(desk.Public))}, want: desk.ReplyAllowed},
		"all but we":             {post: desk.Post{CanReply: policy(list(desk.Public), list(us))}, want: desk.ReplyNeedsApproval},
		"both say the same":      {post: desk.Post{CanReply: policy(list(us), list(us))}, want: desk.ReplyAllowed},
		"nobody":                 {post: desk.Post{CanReply: policy(nil, nil)}, want: desk.ReplyForbidden},
		"nobody but the author":  {post: desk.Post{Author: ana, CanReply: policy(list(ana), nil)}, follows: true, want: desk.ReplyForbidden},
		"their follows, us":      {post: desk.Post{Author: ana, CanReply: policy(list(ana, following), nil)}, follows: true, want: desk.ReplyNeedsApproval},
		"their follows, not us":  {post: desk.Post{Author: ana, CanReply: policy(list(ana, following), nil)}, want: desk.ReplyForbidden},
		"contacts, and we are":   {post: desk.Post{Author: ana, CanReply: &desk.ReplyPolicy{Contacts: true}}, follows: true, want: desk.ReplyAllowed},
		"contacts, we are none":  {post: desk.Post{Author: ana, CanReply: &desk.ReplyPolicy{Contacts: true}}, want: desk.ReplyForbidden},
		"nobody, but it asks us": {post: desk.Post{Mentions: []desk.ActorID{us}, CanReply: policy(nil, nil)}, want: desk.ReplyAllowed},
		"nobody, but answers us": {post: desk.Post{CanReply: policy(nil, nil)}, answersUs: true, want: desk.ReplyAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.post.ReplyPermissionFor(us, c.answersUs, c.follows); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
