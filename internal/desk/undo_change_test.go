package desk_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/internal/desk"
)

// changed sets a status silently and returns its timeline entry.
func changed(i *desk.Issue, c desk.StatusChange) desk.Event {
	was := i.Snapshot()
	i.ApplyStatus(c, nine.Add(time.Hour))
	return desk.Event{ID: "e", Issue: i.ID, Kind: desk.KindStatus, Agent: "bo@acme.example", At: nine.Add(time.Hour), Status: i.Status, Reason: i.Reason, Was: was}
}

// Undo leaves the issue as it was, except the time of its last change.
func TestUndoBringsAllBack(t *testing.T) {
	for _, from := range desk.Statuses() {
		for _, to := range desk.Statuses() {
			i := at(from)
			i.Reason, i.Next, i.NeedsUs, i.FixedAt = desk.ReasonNotOurs, "the city", true, nine.Add(time.Minute)
			want := i
			e := changed(&i, desk.StatusChange{To: to, Reason: desk.ReasonCannot})
			if err := i.CheckUndo(e); err != nil {
				t.Errorf("%s → %s: %v", from, to, err)
				continue
			}
			i.Undo(e, nine.Add(2*time.Hour))
			want.UpdatedAt = nine.Add(2 * time.Hour)
			if d := cmp.Diff(want, i); d != "" {
				t.Errorf("%s → %s: %s", from, to, d)
			}
		}
	}
}

func TestCheckUndo(t *testing.T) {
	closed := desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot}
	progress := desk.StatusChange{To: desk.StatusInProgress}
	for _, c := range []struct {
		name    string
		from    desk.Status
		change  desk.StatusChange
		since   func(*desk.Issue, *desk.Event)
		allowed bool
	}{
		{"at once", desk.StatusNew, progress, func(*desk.Issue, *desk.Event) {}, true},
		{"an undo", desk.StatusNew, progress, func(_ *desk.Issue, e *desk.Event) { e.Undoes = "x" }, false},
		{"told, or by itself", desk.StatusNew, progress, func(_ *desk.Issue, e *desk.Event) { e.Was = nil }, false},
		{"another status since", desk.StatusNew, progress, func(i *desk.Issue, _ *desk.Event) { i.Status = desk.StatusFixed }, false},
		{"another reason since", desk.StatusNew, closed, func(i *desk.Issue, _ *desk.Event) { i.Reason = desk.ReasonDuplicate }, false},
		{"a reply since", desk.StatusNew, progress, func(i *desk.Issue, _ *desk.Event) { i.ReplyWritten(nine); i.ReplyPublished(desk.Post{}, nine) }, false},
		{"a reply that was taken back", desk.StatusNew, progress, func(i *desk.Issue, _ *desk.Event) { i.ReplyWritten(nine); i.ReplyUndone(nine) }, true},
		{"a word since", desk.StatusNew, progress, func(i *desk.Issue, _ *desk.Event) { i.ReporterSpoke(nine.Add(2 * time.Hour)) }, true},
		{"a word since, and it was waiting for one", desk.StatusWaiting, progress, func(i *desk.Issue, _ *desk.Event) { i.ReporterSpoke(nine.Add(2 * time.Hour)) }, false},
		{"a word since, and it was closed", desk.StatusClosed, progress, func(i *desk.Issue, _ *desk.Event) { i.ReporterSpoke(nine.Add(2 * time.Hour)) }, false},
		{"a word that reopened it", desk.StatusNew, closed, func(i *desk.Issue, _ *desk.Event) { i.ReporterSpoke(nine.Add(2 * time.Hour)) }, false},
		{"the report was deleted", desk.StatusNew, progress, func(i *desk.Issue, _ *desk.Event) { i.ReportDeleted(nine) }, false},
		{"the report of a closed one was deleted", desk.StatusNew, closed, func(i *desk.Issue, _ *desk.Event) { i.ReportDeleted(nine) }, false},
		{"an assignment", desk.StatusNew, progress, func(i *desk.Issue, _ *desk.Event) { i.Assignee = "bo@acme.example" }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := at(c.from)
			e := changed(&i, c.change)
			c.since(&i, &e)
			if err := i.CheckUndo(e); (err == nil) != c.allowed || err != nil && desk.ErrorCode(err) != desk.CodeConflict {
				t.Errorf("%v", err)
			}
		})
	}
}

// A post that came since then stays marked, and keeps waiting.
func TestUndoKeepsWhatWasSaid(t *testing.T) {
	i := at(desk.StatusInProgress)
	e := changed(&i, desk.StatusChange{To: desk.StatusFixed})
	word := nine.Add(2 * time.Hour)
	i.ReporterSpoke(word)
	i.Undo(e, nine.Add(3*time.Hour))
	if i.Status != desk.StatusInProgress || !i.NeedsUs || !i.WaitingSince.Equal(nine) || !i.LastWord.Equal(word) || !i.FixedAt.IsZero() {
		t.Errorf("%+v", i)
	}
}
