package inbox

import (
	"context"
	"maps"
	"slices"

	"earshot/federation/as"
	"earshot/internal/drop"
)

// handler handles one type of activity.
type handler struct {
	// plan says what the store is asked about it, before anything is stored.
	plan func(*Inbox, context.Context, arrival) (plan, error)
	// do turns it into a use case, once it is on disk.
	// It returns drop.Kept, or why that had no effect.
	do func(*Inbox, context.Context, *as.Activity) (drop.Reason, error)
}

// handlers are the activities that mean something here. FEDERATION.md lists
// them, and a test compares.
var handlers = map[as.Type]handler{
	as.Create:       {(*Inbox).planPost, (*Inbox).post},
	as.Update:       {(*Inbox).planUpdate, (*Inbox).post},
	as.Delete:       {(*Inbox).planDelete, (*Inbox).delete},
	as.Follow:       {(*Inbox).planFollow, (*Inbox).react},
	as.Block:        {(*Inbox).planBlock, (*Inbox).react},
	as.Like:         {(*Inbox).planLike, (*Inbox).react},
	as.EmojiReact:   {(*Inbox).planLike, (*Inbox).react},
	as.Announce:     {(*Inbox).planAnnounce, (*Inbox).react},
	as.Undo:         {(*Inbox).planUndo, (*Inbox).undo},
	as.Accept:       {(*Inbox).planAnswer, (*Inbox).followAnswer},
	as.Reject:       {(*Inbox).planAnswer, (*Inbox).followAnswer},
	as.QuoteRequest: {(*Inbox).planQuote, (*Inbox).quote},
	as.Flag:         {(*Inbox).planFlag, (*Inbox).flag},
	as.Move:         {(*Inbox).planMove, (*Inbox).move},
}

// Received lists the types of activities that mean something here.
func Received() []as.Type { return slices.Sorted(maps.Keys(handlers)) }
