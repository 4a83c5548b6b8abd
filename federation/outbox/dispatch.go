package outbox

import (
	"context"
	"slices"

	"earshot/federation/as"
	"earshot/internal/app"
)

// handler is what a publish job does, and which activities come of it.
type handler struct {
	do    func(*Outbox, context.Context, app.Publish) error
	sends []as.Type
}

// handlers are all there are. FEDERATION.md lists the sent activities, and a test compares.
var handlers = map[app.Verb]handler{
	app.VerbCreate:   {(*Outbox).create, []as.Type{as.Create, as.ReplyRequest}},
	app.VerbUpdate:   {(*Outbox).update, []as.Type{as.Update}},
	app.VerbDelete:   {(*Outbox).delete, []as.Type{as.Delete}},
	app.VerbAccept:   {(*Outbox).accept, []as.Type{as.Accept}},
	app.VerbReject:   {(*Outbox).reject, []as.Type{as.Reject}},
	app.VerbFollow:   {(*Outbox).follow, []as.Type{as.Follow}},
	app.VerbUnfollow: {(*Outbox).unfollow, []as.Type{as.Undo}},
	app.VerbProfile:  {(*Outbox).profile, []as.Type{as.Update}},
	app.VerbKey:      {(*Outbox).newKey, []as.Type{as.Update}},
	app.VerbQuote:    {(*Outbox).quote, []as.Type{as.Accept, as.Reject}},
}

// Sent lists the types of activities that are sent.
func Sent() []as.Type {
	var out []as.Type
	for _, d := range handlers {
		out = append(out, d.sends...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
