package desk_test

import (
	"testing"

	"earshot/internal/desk"
)

func TestLeaveFor(t *testing.T) {
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
		want               desk.Leave
	}{
		"no policy":              {post: desk.Post{}, want: desk.LeaveGiven},
		"everybody":              {post: desk.Post{CanReply: policy(list(desk.Public), nil)}, want: desk.LeaveGiven},
		"everybody asks":         {post: desk.Post{CanReply: policy(nil, list(desk.Public))}, want: desk.LeaveAsk},
		"we by name":             {post: desk.Post{CanReply: policy(list(us), list(desk.Public))}, want: desk.LeaveGiven},
		"all but we":             {post: desk.Post{CanReply: policy(list(desk.Public), list(us))}, want: desk.LeaveAsk},
		"both say the same":      {post: desk.Post{CanReply: policy(list(us), list(us))}, want: desk.LeaveGiven},
		"nobody":                 {post: desk.Post{CanReply: policy(nil, nil)}, want: desk.LeaveRefused},
		"nobody but the author":  {post: desk.Post{Author: ana, CanReply: policy(list(ana), nil)}, follows: true, want: desk.LeaveRefused},
		"whom they follow, us":   {post: desk.Post{Author: ana, CanReply: policy(list(ana, following), nil)}, follows: true, want: desk.LeaveAsk},
		"whom they follow, not":  {post: desk.Post{Author: ana, CanReply: policy(list(ana, following), nil)}, want: desk.LeaveRefused},
		"nobody, but it asks us": {post: desk.Post{Mentions: []desk.ActorID{us}, CanReply: policy(nil, nil)}, want: desk.LeaveGiven},
		"nobody, but answers us": {post: desk.Post{CanReply: policy(nil, nil)}, answersUs: true, want: desk.LeaveGiven},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.post.LeaveFor(us, c.answersUs, c.follows); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
