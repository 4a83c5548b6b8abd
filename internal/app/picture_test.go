package app_test

import (
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A picture is shown as long as the words name it and nobody asked otherwise: every way
// to take the words away, on one node, takes it away on the others.
func TestPictures(t *testing.T) {
	const ana, object = desk.ActorID("https://m.example/ana"), desk.ObjectID("https://m.example/notes/1")
	heard := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: ana, Acct: "ana@m.example", Name: "Ana", Inbox: "https://m.example/inbox", AvatarURL: "https://files.example/face"},
		Post: desk.Post{Object: object, Author: ana, Text: "down", HTML: "<p>down</p>", Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Attachments: []desk.Attachment{
			{URL: "https://files.example/1.png", MediaType: "image/png"}, {URL: "https://files.example/2.svg", MediaType: "image/svg+xml"}, {URL: "https://files.example/3.mp4", MediaType: "video/mp4"},
			{URL: "https://files.example/4.WEBP"}, {URL: "https://help.acme.example/posts/1", MediaType: "image/png"}, {URL: "https://files.example/6", MediaType: "text/html"}}}}
	for name, leave := range map[string]func(*testing.T, *app.App){
		"nothing":                            func(*testing.T, *app.App) {},
		"the post is deleted":                func(t *testing.T, a *app.App) { fine(t, a.Remove(ctx, object, ana)) },
		"the account is deleted":             func(t *testing.T, a *app.App) { fine(t, second(a.RemoveActor(ctx, ana))) },
		"they opt out":                       func(t *testing.T, a *app.App) { fine(t, second(a.AddOptOut(ctx, app.By{}, ana, ""))) },
		"they block us":                      func(t *testing.T, a *app.App) { fine(t, a.BlockedUs(ctx, ana, "help")) },
		"they are blocked":                   func(t *testing.T, a *app.App) { fine(t, second(a.AddBlock(ctx, app.By{}, string(ana), ""))) },
		"the server of the files is blocked": func(t *testing.T, a *app.App) { fine(t, second(a.AddBlock(ctx, app.By{}, "files.example", ""))) },
		"the words expire":                   func(t *testing.T, a *app.App) { fine(t, second(a.ExpireWords(ctx))) },
	} {
		t.Run(name, func(t *testing.T) {
			onStores(t, func(r *threads) {
				first, last := r.nodes[0], r.nodes[len(r.nodes)-1]
				said := heard
				said.Post.Published = first.Now()
				issue, err := first.Hear(ctx, said)
				fine(r.T, err)
				v, err := first.ShowIssue(ctx, issue.Issue)
				fine(r.T, err)
				var of []app.PictureOf
				for n := range 7 {
					of = append(of, app.PictureOf{Post: v.Issue.Post, At: n})
				}
				of = append(of, app.PictureOf{Post: v.Issue.Post, At: -1}, app.PictureOf{Post: "nobody's"}, app.PictureOf{Actor: "https://m.example/ben"}, app.PictureOf{Actor: ana})
				if name == "the words expire" {
					r.clock.Advance(2 * app.DefaultWordsExpire)
				}
				leave(r.T, first)
				got, err := last.Pictures(ctx, of...)
				fine(r.T, err)
				want := make([]app.Shown, len(of))
				if name == "nothing" {
					want[0], want[3] = app.Shown{URL: "https://files.example/1.png", Author: ana}, app.Shown{URL: "https://files.example/4.WEBP", Author: ana}
					want[len(of)-1] = app.Shown{URL: "https://files.example/face", Author: ana}
				}
				for n := range of {
					if got[n] != want[n] {
						r.Errorf("%+v: %+v, want %+v", of[n], got[n], want[n])
					}
				}
			})
		})
	}
}
