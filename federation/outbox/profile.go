package outbox

import (
	"context"
	"fmt"
	"html"
	"strings"

	"earshot/federation/as"
	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// profile tells a desk's followers' servers that its profile changed.
func (o *Outbox) profile(ctx context.Context, job app.Publish) error {
	doc, ok, err := o.DeskDoc(ctx, job.Local)
	if err != nil || !ok {
		return err
	}
	id := o.App.Site().Activity("desk-"+string(job.Local), fmt.Sprintf("update/%d", job.N))
	if _, err := o.App.Publish(ctx, job, o.writeActor(id, doc)); err != nil {
		return err
	}
	return o.toFollowers(ctx, profileShipment(job, id), job.Local)
}

// writeActor writes the Update of one of our actors.
func (o *Outbox) writeActor(id desk.ActivityID, doc build.ActorDoc) app.Write {
	return func(tx *app.Tx, job app.Publish, _ desk.Post) (app.Written, error) {
		body, err := build.UpdateActor(id, doc, []string{as.Public}, []string{doc.Followers}, tx.Now)
		if err != nil {
			return app.Written{}, err
		}
		d, err := o.proved(tx, job.Local, store.Document{ID: string(id), JSON: body, Public: true})
		return app.Written{Activity: id, Documents: []store.Document{d}}, err
	}
}

func profileShipment(job app.Publish, id desk.ActivityID) app.Shipment {
	return app.Shipment{Activity: id, Signer: job.Local, Thread: "profile:" + string(job.Local), Key: job.Key}
}

// DeskDoc describes a desk's actor; false if there is no such desk.
func (o *Outbox) DeskDoc(ctx context.Context, h desk.Handle) (build.ActorDoc, bool, error) {
	d, ok, err := o.App.Desk(ctx, h)
	if err != nil || !ok {
		return build.ActorDoc{}, false, err
	}
	doc, err := o.actorDoc(ctx, h)
	doc.Type, doc.Name, doc.SummaryHTML, doc.Published = as.Organization, d.Name, summary(d), d.Created
	doc.Discoverable, doc.Indexable = true, true
	doc.Icon, doc.Header, doc.Fields = o.image(d, desk.PictureIcon), o.image(d, desk.PictureHeader), fields(d)
	doc.Generator = string(o.App.Site().Relay())
	return doc, true, err
}

func (o *Outbox) image(d desk.Desk, r desk.PictureRole) build.Image {
	p := d.Picture(r)
	if !p.There() {
		return build.Image{}
	}
	return build.Image{URL: o.App.Site().URL + desk.PicturePath(d.Handle, r, p), MediaType: p.Type, Width: p.Width, Height: p.Height}
}

// fields are a desk's links. Servers show one as proven if its page links back; for
// that rel must hold "me".
func fields(d desk.Desk) (out []as.Field) {
	for _, l := range d.Links {
		_, shown, _ := strings.Cut(l.URL, "://")
		out = append(out, as.Field{Name: l.Name, Value: `<a href="` + html.EscapeString(l.URL) + `" target="_blank" rel="me nofollow noopener noreferrer" translate="no">` +
			html.EscapeString(strings.TrimSuffix(shown, "/")) + `</a>`})
	}
	return out
}

// RelayDoc describes the instance's own actor, which signs our fetches and
// follows sources.
func (o *Outbox) RelayDoc(ctx context.Context) (build.ActorDoc, error) {
	doc, err := o.actorDoc(ctx, desk.RelayHandle)
	site := o.App.Site()
	doc.Type, doc.Name, doc.URL = as.Application, "Earshot at "+string(site.HandleDomain), site.URL+"/"
	doc.SummaryHTML = markup.Render("Listens for posts that call the desks of this instance. To be left alone, block this account, or put #nobot in your profile.", nil)
	return doc, err
}

func (o *Outbox) actorDoc(ctx context.Context, h desk.Handle) (build.ActorDoc, error) {
	site := o.App.Site()
	id := string(site.Desk(h))
	keys, err := o.Keys.Published(ctx, h)
	methods := make([]build.Method, len(keys.Methods))
	for n, m := range keys.Methods {
		methods[n] = build.Method(m)
	}
	return build.ActorDoc{
		ID: desk.ActorID(id), PreferredUsername: string(h), URL: site.Profile(h),
		Inbox: id + "/inbox", Outbox: id + "/outbox", Followers: id + "/followers", Following: id + "/following",
		Featured: id + "/featured", SharedInbox: site.SharedInbox(), KeyID: keys.KeyID, KeyPEM: keys.PEM, Methods: methods, Webfinger: site.Acct(h),
	}, err
}

// summary is the text on a desk's profile: its own words, then how to shout.
func summary(d desk.Desk) string {
	text := d.Summary
	if len(d.Names) > 0 && len(d.Calls) > 0 {
		if text != "" {
			text += "\n\n"
		}
		text += fmt.Sprintf("Something broken? Mention @%s, or post with the tag %s and one of %s.", d.Handle, d.Names[0], listed(d.Calls))
	}
	return markup.Render(text, nil)
}

// listed names tags without making hashtags of them.
func listed(tags []string) string {
	out := ""
	for n, t := range tags {
		if n > 0 {
			out += ", "
		}
		out += t
	}
	return out
}
