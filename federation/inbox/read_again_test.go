package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

const twoKeys = `,"tag":[{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}]`

// told by a source: ana's post with both keys.
func (i *instance) byTags(content string) desk.ObjectID {
	i.t.Helper()
	o := i.serves(content)
	if err := i.App.QueueFetch(i.t.Context(), o, "source"); err != nil {
		i.t.Fatal(err)
	}
	i.process()
	return o
}

// serves has ana's server answer with a version of her post.
func (i *instance) serves(content string) desk.ObjectID {
	i.t.Helper()
	o, err := as.ParseObject([]byte(note(ana, "1", `,"updated":"`+i.clock.Now().Format(time.RFC3339)+`"`+twoKeys)))
	if err != nil {
		i.t.Fatal(err)
	}
	o.Content = content
	i.peers.objects[o.ID] = o
	return o.ID
}

// until does the jobs that are due until a time after the start.
func (i *instance) until(at time.Duration) {
	i.t.Helper()
	end := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).Add(at)
	for {
		var next []store.Job
		i.view(func(tx *app.Tx) error {
			next = nil
			for _, q := range []store.Queue{store.QueueTimer, store.QueueFetch, store.QueueBrought} {
				for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: q}) {
					if err != nil {
						return err
					}
					if !j.Due.After(end) {
						next = append(next, j)
					}
				}
			}
			return nil
		})
		if len(next) == 0 {
			i.clock.Advance(end.Sub(i.clock.Now()))
			return
		}
		j := slices.MinFunc(next, func(a, b store.Job) int { return a.Due.Compare(b.Due) })
		if j.Due.After(i.clock.Now()) {
			i.clock.Advance(j.Due.Sub(i.clock.Now()))
		}
		do := i.Fetch
		if j.Queue == store.QueueTimer {
			do = i.App.RunTimer
		}
		i.one(j, do)
	}
}

// one does a job, and puts it off as its error says.
func (i *instance) one(j store.Job, do func(context.Context, store.Job) error) {
	i.t.Helper()
	err := do(i.t.Context(), j)
	later, puts := errors.AsType[*queue.Later](err)
	if err != nil && !puts {
		i.t.Fatalf("%s: %v", j.ID, err)
	}
	i.update(func(tx *app.Tx) error {
		if _, err := tx.Jobs().Drop(j.ID, tx.Now); err != nil || !puts {
			return err
		}
		j.Attempts++
		j.Due = later.At
		_, err := tx.Jobs().Add(j)
		return err
	})
}

// A report that was heard by its tags is read again after about 1 hour, 24 hours and
// 7 days, for its server tells us of nothing until we answer.
func TestUnansweredReportIsReadAgain(t *testing.T) {
	day := 24 * time.Hour
	t.Run("nothing changed", func(t *testing.T) {
		i := newInstance(t, false)
		o := i.byTags("It is down")
		i.peers.fetched = nil
		for _, c := range []struct {
			until time.Duration
			reads []string // with which ETag
		}{
			{48 * time.Minute, nil}, {72 * time.Minute, []string{""}}, {19 * time.Hour, []string{""}}, {29 * time.Hour, []string{"", "It is down"}},
			{5 * day, []string{"", "It is down"}}, {9 * day, []string{"", "It is down", "It is down"}}, {60 * day, []string{"", "It is down", "It is down"}},
		} {
			if i.until(c.until); !slices.Equal(i.peers.tags, c.reads) {
				t.Errorf("after %v: %q, want %q", c.until, i.peers.tags, c.reads)
			}
		}
		if p := i.stored(string(o)); p.Edits != 0 || p.Deleted {
			t.Errorf("%+v", p)
		}
	})
	t.Run("edited", func(t *testing.T) {
		i := newInstance(t, false)
		o := i.byTags("It is down")
		i.clock.Advance(time.Minute)
		i.serves("It is down in Harbour Street")
		i.until(2 * time.Hour)
		if p := i.stored(string(o)); p.Text != "It is down in Harbour Street" || p.Edits != 1 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("gone", func(t *testing.T) {
		i := newInstance(t, false)
		o := i.byTags("It is down")
		i.peers.fails[string(o)] = failure(resolve.Gone)
		i.until(2 * time.Hour)
		if p := i.stored(string(o)); !p.Deleted || p.Text != "" {
			t.Errorf("%+v", p)
		}
		i.peers.fetched = nil
		if i.until(30 * day); len(i.peers.fetched) > 0 {
			t.Errorf("asked for %q", i.peers.fetched)
		}
	})
	t.Run("404 twice, hours apart", func(t *testing.T) {
		i := newInstance(t, false)
		o := i.byTags("It is down")
		i.peers.fails[string(o)] = failure(resolve.NotFound)
		i.until(2 * time.Hour)
		if p := i.stored(string(o)); p.Deleted {
			t.Error("erased by the first 404")
		}
		i.until(30 * time.Hour)
		if p := i.stored(string(o)); !p.Deleted {
			t.Error("not erased by the second 404")
		}
	})
	t.Run("its server is silent", func(t *testing.T) {
		i := newInstance(t, false)
		o := i.byTags("It is down")
		i.peers.fails[string(o)] = failure(resolve.Temporary)
		i.until(8 * time.Hour)
		delete(i.peers.fails, string(o))
		i.serves("It works again")
		i.until(30 * time.Hour)
		if p := i.stored(string(o)); p.Text != "It works again" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("answered", func(t *testing.T) {
		i := newInstance(t, false)
		i.byTags("It is down")
		i.reply(i.issues()[0].ID)
		i.peers.fetched = nil
		if i.until(30 * day); len(i.peers.fetched) > 0 {
			t.Errorf("asked for %q", i.peers.fetched)
		}
	})
	t.Run("sent to us", func(t *testing.T) {
		i := newInstance(t, false)
		i.report(ana, "1")
		i.peers.fetched = nil
		if i.until(30 * day); len(i.peers.fetched) > 0 {
			t.Errorf("asked for %q", i.peers.fetched)
		}
	})
}

// One server is asked at most 600 times an hour.
func TestReadsOfOneServerAreSpread(t *testing.T) {
	i := newInstance(t, false)
	for range 700 {
		i.update(func(tx *app.Tx) error {
			o := desk.ObjectID("https://m.example/users/ana/notes/" + tx.NewID())
			_, err := tx.Hear(app.Heard{Source: "source", Author: desk.Actor{ID: ana, Inbox: string(ana) + "/inbox"},
				Post: desk.Post{Object: o, Author: ana, Text: "down", HTML: "down", Visibility: desk.VisibilityPublic, Published: tx.Now, Tags: []string{"acme", "down"}}})
			return err
		})
	}
	i.clock.Advance(2 * time.Hour) // as after an outage of ours: all are due
	var due []time.Time
	i.processAll(store.QueueTimer, i.App.RunTimer)
	i.view(func(tx *app.Tx) error {
		due = nil
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: store.QueueBrought}) {
			if err != nil {
				return err
			}
			due = append(due, j.Due)
		}
		return nil
	})
	slices.SortFunc(due, time.Time.Compare)
	if len(due) != 700 {
		t.Fatalf("%d reads", len(due))
	}
	for n := 600; n < len(due); n++ {
		if due[n].Sub(due[n-600]) < time.Hour {
			t.Fatalf("more than 600 in %v", due[n].Sub(due[n-600]))
		}
	}
}

// A server that does not answer is asked no more often than one that does.
func TestReadsThatFailAreSpread(t *testing.T) {
	i := newInstance(t, false)
	const reports = 20
	for n := range reports {
		i.update(func(tx *app.Tx) error {
			o := desk.ObjectID(fmt.Sprint("https://m.example/users/ana/notes/", n))
			i.peers.fails[string(o)] = failure(resolve.Temporary)
			_, err := tx.Hear(app.Heard{Source: "source", Author: desk.Actor{ID: ana, Inbox: string(ana) + "/inbox"},
				Post: desk.Post{Object: o, Author: ana, Text: "down", HTML: "down", Visibility: desk.VisibilityPublic, Published: tx.Now, Tags: []string{"acme", "down"}}})
			return err
		})
	}
	var asked []time.Time
	i.peers.reading = func() { asked = append(asked, i.clock.Now()) }
	i.until(8 * time.Hour)
	if len(asked) != reports*5 {
		t.Fatalf("asked %d times", len(asked))
	}
	for n := 1; n < len(asked); n++ {
		if d := asked[n].Sub(asked[n-1]); d < 6*time.Second {
			t.Fatalf("asked again after %v", d)
		}
	}
}
