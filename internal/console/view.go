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
	viewAnswered view = "answered"
	viewWaiting  view = "waiting"
	viewOpen     view = "open"
	viewDone     view = "done"
	viewAll      view = "all"
)

// viewOrder is the order in which views are offered.
var viewOrder = []view{viewNew, viewMine, viewAnswered, viewOpen, viewWaiting, viewDone, viewAll}

// lister says what is in a view, and what to say when nothing is.
type lister struct {
	Name   string
	filter func(desk.Agent) store.IssueFilter
	Empty  string
}

var views = map[view]lister{
	viewNew:      {"New", by(store.IssueFilter{Status: desk.StatusNew}), "Nobody is calling. New issues appear here by themselves."},
	viewMine:     {"Mine", func(a desk.Agent) store.IssueFilter { return store.IssueFilter{Assignee: string(a.Email)} }, "Nothing is yours. Answering an issue makes it yours."},
	viewAnswered: {"Answered", by(store.IssueFilter{Answered: true}), "No reporter has said anything that you have not reacted to."},
	viewOpen:     {"Open", by(store.IssueFilter{Category: desk.CategoryOpen}), "Nothing is open."},
	viewWaiting:  {"Waiting", by(store.IssueFilter{Category: desk.CategoryPaused}), "We wait for nobody."},
	viewDone:     {"Done", by(store.IssueFilter{Category: desk.CategoryDone}), "Nothing has been done yet."},
	viewAll:      {"All", by(store.IssueFilter{}), "No post has been heard yet. Somebody has to mention a desk, or post one of its names with one of its calls."},
}

func by(f store.IssueFilter) func(desk.Agent) store.IssueFilter {
	return func(desk.Agent) store.IssueFilter { return f }
}
