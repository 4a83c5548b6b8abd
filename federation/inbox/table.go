package inbox

import (
	"context"
	"maps"
	"slices"

	"earshot/federation/as"
)

// handler is what is done with one type of activity.
type handler struct {
	// triage is the cheap look before anything is written down.
	triage func(*Inbox, context.Context, *as.Activity) (decision, error)
	// do is what it comes to once it is on disk.
	do func(*Inbox, context.Context, *as.Activity) error
}

// handlers are the activities that mean something here. FEDERATION.md lists
// them, and a test compares.
var handlers = map[as.Type]handler{
	as.Create:       {(*Inbox).triagePost, (*Inbox).post},
	as.Update:       {(*Inbox).triageUpdate, (*Inbox).post},
	as.Delete:       {(*Inbox).triageDelete, (*Inbox).delete},
	as.Follow:       {(*Inbox).triageFollow, (*Inbox).react},
	as.Block:        {(*Inbox).triageBlock, (*Inbox).react},
	as.Like:         {(*Inbox).triageLike, (*Inbox).react},
	as.EmojiReact:   {(*Inbox).triageLike, (*Inbox).react},
	as.Announce:     {(*Inbox).triageAnnounce, (*Inbox).react},
	as.Undo:         {(*Inbox).triageUndo, (*Inbox).undo},
	as.Accept:       {(*Inbox).triageAnswer, (*Inbox).followAnswer},
	as.Reject:       {(*Inbox).triageAnswer, (*Inbox).followAnswer},
	as.QuoteRequest: {(*Inbox).triageQuote, (*Inbox).quote},
	as.Flag:         {(*Inbox).triageFlag, (*Inbox).flag},
	as.Move:         {(*Inbox).triageMove, (*Inbox).move},
}

// Received lists the types of activities that mean something here.
func Received() []as.Type { return slices.Sorted(maps.Keys(handlers)) }
