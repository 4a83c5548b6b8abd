package console

import (
	"earshot/internal/desk"
	"earshot/store"
)

// view is one of the lists people work through.
type view string

const (
	viewNew      view = "new"
	viewMine     view = "mine"
	viewCalled   view = "called"
	viewAnswered view = "answered"
	viewWaiting  view = "waiting"
	viewOpen     view = "open"
	viewDone     view = "done"
	viewAll      view = "all"
)

// viewOrder is the order in which views are offered.
var viewOrder = []view{viewNew, viewMine, viewCalled, viewAnswered, viewOpen, viewWaiting, viewDone, viewAll}

// views says what is in each.
var views = map[view]func(desk.Agent) store.IssueFilter{
	viewNew:      by(store.IssueFilter{Status: desk.StatusNew}),
	viewMine:     func(a desk.Agent) store.IssueFilter { return store.IssueFilter{Assignee: string(a.Email)} },
	viewCalled:   func(a desk.Agent) store.IssueFilter { return store.IssueFilter{Called: string(a.Email)} },
	viewAnswered: by(store.IssueFilter{Answered: true}),
	viewOpen:     by(store.IssueFilter{Category: desk.CategoryOpen}),
	viewWaiting:  by(store.IssueFilter{Category: desk.CategoryPaused}),
	viewDone:     by(store.IssueFilter{Category: desk.CategoryDone}),
	viewAll:      by(store.IssueFilter{}),
}

func by(f store.IssueFilter) func(desk.Agent) store.IssueFilter {
	return func(desk.Agent) store.IssueFilter { return f }
}
