package inbox

import (
	"context"
	"maps"
	"slices"

	"earshot/federation/as"
)

// entry is what is done with one type of activity.
type entry struct {
	// look is the cheap look before anything is written down.
	look func(*Inbox, context.Context, *as.Activity) (want, error)
	// do is what it comes to once it is on disk.
	do func(*Inbox, context.Context, *as.Activity) error
}

// received are the activities that mean something here. FEDERATION.md lists
// them, and a test compares.
var received = map[as.Type]entry{
	as.Create:       {(*Inbox).wantedPost, (*Inbox).post},
	as.Update:       {(*Inbox).wantedUpdate, (*Inbox).post},
	as.Delete:       {(*Inbox).wantedDelete, (*Inbox).delete},
	as.Follow:       {(*Inbox).wantedFollow, (*Inbox).deed},
	as.Block:        {(*Inbox).wantedBlock, (*Inbox).deed},
	as.Like:         {(*Inbox).wantedLike, (*Inbox).deed},
	as.EmojiReact:   {(*Inbox).wantedLike, (*Inbox).deed},
	as.Announce:     {(*Inbox).wantedAnnounce, (*Inbox).deed},
	as.Undo:         {(*Inbox).wantedUndo, (*Inbox).undo},
	as.Accept:       {(*Inbox).wantedAnswer, (*Inbox).answer},
	as.Reject:       {(*Inbox).wantedAnswer, (*Inbox).answer},
	as.QuoteRequest: {(*Inbox).wantedQuote, (*Inbox).quote},
	as.Flag:         {(*Inbox).wantedFlag, (*Inbox).flag},
	as.Move:         {(*Inbox).wantedMove, (*Inbox).move},
}

// Received lists the types of activities that mean something here.
func Received() []as.Type { return slices.Sorted(maps.Keys(received)) }
