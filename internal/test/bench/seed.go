package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/bolt"
)

// How a store is filled.
const (
	seedBatch   = 200                 // reports of one transaction
	seedAuthors = 5                   // reports of one author
	seedServers = 1000                // where the authors are
	seedSpread  = 30 * 24 * time.Hour // from the first report to the last
	seedAsks    = 23 * time.Hour      // from one look at a server to the next: the program would make one each day
	seedSays    = 5 * time.Second     // from one line on the progress to the next
)

// seeding is a store that is filled: by the use case that hears a post, in this process.
// It is the only part of this program that shares code with what is measured.
type seeding struct {
	app    *app.App
	site   desk.Site
	then   *moment
	want   int
	before int // issues that were there at the beginning
	asked  map[desk.Host]time.Time
	took   time.Duration
	tenths [10]flow // in the order in which they were put
}

// moment is the clock of a seeding: the time of the report that is heard.
type moment struct{ time.Time }

func (m *moment) Now() time.Time { return m.UTC().Truncate(time.Microsecond) }

// fill opens the store of a site that does not run, and puts reports into it until it has
// so many issues. Each batch is on disk as a whole, so a later call goes on where one was
// interrupted.
func fill(ctx context.Context, s *site, want int, progress io.Writer) (f *seeding, err error) {
	file, err := bolt.Open(ctx, s.file(), bolt.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	made, err := app.LoadInstance(ctx, file)
	if err != nil {
		return nil, err
	}
	s.host = string(made.Site().Host())
	f = &seeding{site: made.Site(), then: &moment{}, asked: map[desk.Host]time.Time{}, want: want}
	f.app = app.New(app.Deps{Store: file, Clock: f.then, Site: f.site, Log: slog.New(slog.DiscardHandler)})
	err = f.app.View(ctx, func(tx *app.Tx) error {
		n, err := tx.Records().Counts()
		f.before = n[store.RecordIssue]
		return err
	})
	if err != nil || f.before >= want {
		return f, err
	}
	return f, f.run(ctx, progress)
}

// run has the reports heard that are missing.
func (f *seeding) run(ctx context.Context, progress io.Writer) error {
	from := time.Now().Add(-seedSpread)
	every := seedSpread / time.Duration(f.want)
	began := time.Now()
	said, saidAt := f.before, began
	for n := f.before; n < f.want; {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted with %d of %d issues; -keep FOLDER goes on with those of an earlier run", n, f.want)
		}
		next := min(n+seedBatch, f.want)
		f.then.Time = from.Add(time.Duration(next) * every)
		reports, err := f.reports(n, next, from, every)
		if err != nil {
			return err
		}
		batch, cpu := time.Now(), spent(os.Getpid())
		if err := f.hear(reports); err != nil {
			return err
		}
		tenth := &f.tenths[(n-f.before)*10/(f.want-f.before)]
		tenth.add(flow{n: next - n, took: time.Since(batch), cpu: spent(os.Getpid()) - cpu})
		n = next
		if since := time.Since(saidAt); since > seedSays || said == f.before || n == f.want {
			rate := float64(n-said) / since.Seconds()
			left := time.Duration(float64(f.want-n) / rate * float64(time.Second))
			fmt.Fprintf(progress, "%d of %d issues, %.0f/s, %s left\n", n, f.want, rate, left.Round(time.Second))
			said, saidAt = n, time.Now()
		}
	}
	f.took = time.Since(began)
	return nil
}

// reports are those from n to next, of servers that were looked at within a day.
func (f *seeding) reports(n, next int, from time.Time, every time.Duration) (out []app.Heard, err error) {
	var hosts []desk.Host
	for i := n; i < next; i++ {
		r := f.report(i, from.Add(time.Duration(i)*every))
		out = append(out, r)
		if h := r.Author.ID.Host(); f.then.Sub(f.asked[h]) > seedAsks {
			f.asked[h] = f.then.Time
			hosts = append(hosts, h)
		}
	}
	return out, together(seedBatch, len(hosts), func(_, i int) error { return f.app.LearnServer(context.Background(), hosts[i], 500, "mastodon") })
}

// hear has reports heard in one transaction, all or none of them.
func (f *seeding) hear(reports []app.Heard) error {
	return f.app.Update(context.Background(), func(tx *app.Tx) error {
		for _, h := range reports {
			r, err := tx.Hear(h)
			if err == nil && r.Outcome != app.Opened {
				err = fmt.Errorf("%s was %s: %s%s", h.Post.Object, r.Outcome, r.Why, r.Reason)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// report is a report as the inbox hears it from the posts of a town: fifteen words that
// mention the desk.
func (f *seeding) report(n int, at time.Time) app.Heard {
	who := n * 7919 % max(1, f.want/seedAuthors)
	base := fmt.Sprintf("https://s%d.example", who%seedServers)
	author := fmt.Sprintf("%s/users/author%d", base, who)
	help := f.site.Desk("help")
	text := words(int64(n))
	return app.Heard{
		Author: desk.Actor{ID: desk.ActorID(author), Acct: fmt.Sprintf("author%d@s%d.example", who, who%seedServers), Name: fmt.Sprintf("author%d", who),
			URL: author, Inbox: author + "/inbox", Fetched: at.UTC().Truncate(time.Microsecond)},
		Addressed: []desk.ActorID{desk.ActorID(author + "/followers"), help}, Source: app.Inbox,
		Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("%s/notes/%d", author, n)), Author: desk.ActorID(author), URL: fmt.Sprintf("%s/%d", author, n),
			Text: text, HTML: "<p>" + text + "</p>", Mentions: []desk.ActorID{help}, To: []string{public}, Cc: []string{author + "/followers", string(help)},
			Visibility: desk.VisibilityPublic, Published: at.UTC().Truncate(time.Second)},
	}
}
