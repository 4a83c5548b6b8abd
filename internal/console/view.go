package console

import (
	"earshot/internal/desk"
	"earshot/store"
)

// view is one of the lists people work through.
type view string

const (
	viewNew       view = "new"
	viewMine      view = "mine"
	viewMentioned view = "mentioned"
	viewNeedsUs   view = "needs_us"
	viewWaiting   view = "waiting"
	viewOpen      view = "open"
	viewSnoozed   view = "snoozed"
	viewDone      view = "done"
	viewAll       view = "all"
)

// viewOrder is the order in which views are offered.
var viewOrder = []view{viewNew, viewMine, viewMentioned, viewNeedsUs, viewOpen, viewWaiting, viewSnoozed, viewDone, viewAll}

// views holds the filter of each view.
var views = map[view]func(desk.Agent) store.IssueFilter{
	viewNew:       by(store.IssueFilter{Status: desk.StatusNew, Awake: true}),
	viewMine:      func(a desk.Agent) store.IssueFilter { return store.IssueFilter{Assignee: a.Email, Awake: true} },
	viewMentioned: func(a desk.Agent) store.IssueFilter { return store.IssueFilter{Mentioned: a.Email} },
	viewNeedsUs:   by(store.IssueFilter{NeedsUs: true, Awake: true}),
	viewOpen:      by(store.IssueFilter{Category: desk.CategoryOpen, Awake: true}),
	viewWaiting:   by(store.IssueFilter{Category: desk.CategoryPaused, Awake: true}),
	viewSnoozed:   by(store.IssueFilter{Snoozed: true}),
	viewDone:      by(store.IssueFilter{Category: desk.CategoryDone}),
	viewAll:       by(store.IssueFilter{}),
}

// olderNames are names of views in addresses that people may have kept.
var olderNames = map[view]view{"called": viewMentioned, "answered": viewNeedsUs}

func by(f store.IssueFilter) func(desk.Agent) store.IssueFilter {
	return func(desk.Agent) store.IssueFilter { return f }
}
