package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store"
)

// The bounds of a healthy instance.
const (
	backupOld   = 36 * time.Hour
	upkeepOld   = 36 * time.Hour
	diskLow     = 1 << 30
	diskEmpty   = 128 << 20
	waitingLong = time.Hour
	sourceQuiet = 7 * 24 * time.Hour
)

const seeLog = "look into the server's log for the cause"

func (e *examination) store(ctx context.Context) []Finding {
	if err := e.App.View(ctx, func(*app.Tx) error { return nil }); err != nil {
		return problem("store", "look at the disk and the log; if the file is damaged, `earshot restore` a backup", "the store does not answer: %v", err)
	}
	if e.Verify == nil {
		return ok("store", "it opens and answers; `earshot doctor --thorough` reads all of it")
	}
	if err := e.Verify(); err != nil {
		return problem("store", "stop the server, keep a copy of the data folder, and `earshot restore` the last backup into another one", "it is inconsistent: %v", err)
	}
	return ok("store", "all of it was read, and it is consistent")
}

func (e *examination) disk(context.Context) []Finding {
	if e.Folder == "" {
		return nil
	}
	free, err := freeBytes(e.Folder)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return note("disk", "how much room is left cannot be seen on this system")
	case err != nil:
		return warning("disk", "look at the file system of the data folder", "its free room cannot be read: %v", err)
	case free < diskEmpty:
		return problem("disk", "make room now: when it is full, inboxes answer 503", "%s are free where the data folder is", size(free))
	case free < diskLow:
		return warning("disk", "make room: compaction and backups need as much as the store has", "%s are free where the data folder is", size(free))
	}
	return ok("disk", "%s are free where the data folder is", size(free))
}

func (e *examination) backup(ctx context.Context) []Finding {
	b, there, err := e.App.LastBackup(ctx)
	age := e.Clock.Now().Sub(b.At)
	const next = "run `earshot backup FILE` every night, and keep the file on another machine"
	switch {
	case err != nil:
		return problem("backup", seeLog, "when the last backup was made cannot be read: %v", err)
	case !there:
		return warning("backup", next, "no backup has been made yet")
	case age > backupOld:
		return warning("backup", next, "the last backup is %s old", days(age))
	}
	return ok("backup", "the last one is %s old and has %d records", days(age), b.Records)
}

func (e *examination) upkeep(ctx context.Context) []Finding {
	u, there, err := e.App.LastUpkeep(ctx)
	age := e.Clock.Now().Sub(u.At)
	switch {
	case err != nil:
		return problem("upkeep", seeLog, "what was done last night cannot be read: %v", err)
	case !there:
		return note("upkeep", "no night has passed yet: words that expire are erased, and the store is compacted, at 03:00 UTC")
	case u.Error != "":
		return warning("upkeep", "put right what it names; it is tried again every hour", "the last one failed: %s", u.Error)
	case age > upkeepOld:
		return warning("upkeep", "let the server run through the night (03:00 UTC); deleted words stay in the store's file until then", "the last one was %s ago", days(age))
	}
	compacted := "the database vacuums itself"
	if c := u.Compacted; e.Database == nil {
		compacted = fmt.Sprintf("the store was compacted from %s to %s, for which writers waited %s", size(uint64(c.Before)), size(uint64(c.After)), c.Pause.Round(time.Millisecond))
	}
	return ok("upkeep", "%s ago: words of %d posts in %d issues expired, %d given-up jobs were dropped; %s", days(age), u.Expired.Posts, u.Expired.Issues, u.Expired.Jobs, compacted)
}

// outageOld is how long an outage is shown.
const outageOld = 7 * 24 * time.Hour

// outage tells of the last time for which nothing worked here.
func (e *examination) outage(ctx context.Context) []Finding {
	o, there, err := e.App.LastOutage(ctx)
	switch {
	case err != nil:
		return problem("outage", seeLog, "the last outage cannot be read: %v", err)
	case !there || e.Clock.Now().Sub(o.To) > outageOld:
		return ok("outage", "none was noticed in the last seven days")
	}
	const at = "2006-01-02 15:04"
	return note("outage", "nothing worked here between %s and %s UTC: %d outboxes of reporters and followers are read for missed posts, %d were found so far",
		o.From.UTC().Format(at), o.To.UTC().Format(at), o.Outboxes, o.Found)
}

func (e *examination) deletions(ctx context.Context) []Finding {
	n, err := e.App.DeletionCount(ctx)
	if err != nil {
		return problem("deletions", seeLog, "they cannot be counted: %v", err)
	}
	if behind := n - min(n, e.App.DeletionsWritten()); behind > 0 && e.Folder != "" {
		return warning("deletions", "look whether the data folder can be written; copy the file `deletions` with every backup", "%d of %d are not in the file of deletions", behind, n)
	}
	return ok("deletions", "%d are remembered, in the store and in the file of deletions", n)
}

func (e *examination) keys(ctx context.Context) []Finding {
	handles, err := e.handles(ctx)
	if err != nil {
		return problem("keys", seeLog, "the desks cannot be listed: %v", err)
	}
	for _, h := range handles {
		_, err := e.Keys.Signer(ctx, h)
		if errors.Is(err, keyring.ErrSecret) {
			return problem("keys", "put back the secret.key (or EARSHOT_SECRET) this store was made with", "the secret does not fit the key of %s", h)
		}
		if err != nil {
			return problem("keys", "restore a backup that has it", "the key of %s cannot be used: %v", h, err)
		}
	}
	return ok("keys", "the secret fits, and all %d actors can sign", len(handles))
}

func (e *examination) sources(ctx context.Context) (out []Finding) {
	var sources []store.Source
	page := store.Page{}
	for more := true; more; {
		some, next, err := e.App.Sources(ctx, page)
		if err != nil {
			return problem("sources", seeLog, "they cannot be listed: %v", err)
		}
		sources, page.After, more = append(sources, some...), next, next != ""
	}
	if len(sources) == 0 {
		return note("sources", "no source: only mentions and answers are heard; `earshot source add` adds one")
	}
	well := 0
	for _, s := range sources {
		again := fmt.Sprintf("`earshot source check %s`", s.ID)
		switch quiet := e.Clock.Now().Sub(s.HeardAt); {
		case s.State == store.SourceRejected:
			out = append(out, problem("sources", "remove it and choose another provider", "%s refused us", s.Name)...)
		case s.Error != "":
			out = append(out, warning("sources", again, "%s: %s", s.Name, s.Error)...)
		case s.State == store.SourcePending && e.Clock.Now().Sub(s.Created) > waitingLong:
			out = append(out, warning("sources", again, "%s has not answered yet", s.Name)...)
		case s.State == store.SourceAccepted && !s.HeardAt.IsZero() && quiet > sourceQuiet:
			out = append(out, warning("sources", again, "%s has told us nothing for %s", s.Name, days(quiet))...)
		default:
			well++
		}
	}
	if well > 0 {
		out = append(out, ok("sources", "%d of %d are well", well, len(sources))...)
	}
	return out
}

// reports says whether a report has ever come in.
func (e *examination) reports(ctx context.Context) []Finding {
	issues, _, err := e.App.ListIssues(ctx, app.ListInput{Page: store.Page{Limit: 1}})
	if err != nil {
		return problem("reports", seeLog, "they cannot be listed: %v", err)
	}
	if len(issues) > 0 {
		return ok("reports", "reports arrive: the newest issue was touched %s ago", days(e.Clock.Now().Sub(issues[0].Issue.UpdatedAt)))
	}
	desks, err := e.App.Desks(ctx)
	if err != nil {
		return problem("reports", seeLog, "the desks cannot be listed: %v", err)
	}
	if len(desks) == 0 {
		return note("reports", "there is no desk yet: `earshot desk add`")
	}
	return note("reports", "none has come in yet: write `@%s is this heard?` from any other account, and close the issue afterwards", e.site.Acct(desks[0].Handle))
}

func (e *examination) queue(ctx context.Context) (out []Finding) {
	counts, err := e.App.JobCounts(ctx)
	if err != nil {
		return problem("queue", seeLog, "it cannot be counted: %v", err)
	}
	waiting := 0
	for _, q := range store.Queues() {
		waiting += counts[q].Waiting
		if n := counts[q].Dead; n > 0 {
			out = append(out, warning("queue", "`earshot queue list --dead` says why; `queue retry` or `queue drop` each", "%d jobs of %s were given up", n, q)...)
		}
	}
	var late time.Duration
	err = e.App.View(ctx, func(tx *app.Tx) error {
		for _, q := range store.Queues() {
			due, there, err := tx.Jobs().NextDue(q)
			if err != nil {
				return err
			}
			if there {
				late = max(late, e.Clock.Now().Sub(due))
			}
		}
		return nil
	})
	if err != nil {
		return problem("queue", seeLog, "it cannot be read: %v", err)
	}
	if late > waitingLong {
		next := "look into the log for what keeps the workers"
		if !e.Running {
			next = "start the server: `earshot serve`"
		}
		return append(out, warning("queue", next, "the oldest job that could be done has waited for %s", days(late))...)
	}
	if len(out) == 0 {
		out = ok("queue", "%d jobs wait, none was given up", waiting)
	}
	return out
}

func (e *examination) quarantine(ctx context.Context) []Finding {
	n, err := e.App.QuarantineCount(ctx)
	const next = "`earshot quarantine list` shows them; `quarantine release --host HOST` hears all of a server, `quarantine drop --host HOST` forgets it"
	switch {
	case err != nil:
		return problem("quarantine", seeLog, "it cannot be read: %v", err)
	case n >= app.QuarantineMost:
		return warning("quarantine", next, "it is full: %d reports are held back, and with each more the oldest of the server with most is forgotten", n)
	case n > 0:
		return warning("quarantine", next, "%d reports are held back until an agent decides; each is forgotten after %s at most", n, days(app.QuarantineFor))
	}
	return ok("quarantine", "no post is held back")
}

func (e *examination) flags(ctx context.Context) []Finding {
	all, err := e.App.Flags(ctx)
	if err != nil {
		return problem("flags", seeLog, "they cannot be listed: %v", err)
	}
	if len(all) == 0 {
		return ok("flags", "no server complains about this instance")
	}
	hosts := map[desk.Host]bool{}
	for _, f := range all {
		hosts[f.Sender.Host()] = true
	}
	return warning("flags", "Complaints in the console, or GET /api/v1/flags, shows them: answer them, then remove each", "%d complaints of %d servers are kept, the last from %s ago", len(all), len(hosts), days(e.Clock.Now().Sub(all[0].At)))
}

// The alarm: many servers that refuse us in a day are not many wishes, but one
// fault of ours (a wrong key, a wrong clock).
const (
	refusedHosts = 5
	refusedSpan  = 24 * time.Hour
)

func (e *examination) silence(ctx context.Context) []Finding {
	hosts, all := map[desk.Host]bool{}, 0
	p := store.Page{}
	for more := true; more; {
		out, next, err := e.App.OptOuts(ctx, p)
		if err != nil {
			return problem("opt-outs", seeLog, "they cannot be listed: %v", err)
		}
		for _, o := range out {
			all++
			if o.Cause == desk.OptOutRefused && e.Clock.Now().Sub(o.Since) < refusedSpan {
				hosts[o.Actor.Host()] = true
			}
		}
		p.After, more = next, next != ""
	}
	if len(hosts) >= refusedHosts {
		return problem("opt-outs", "look at the findings for keys, clock and signature: that so many refuse at once is our fault rather than their wish", "%d servers refused us within a day", len(hosts))
	}
	return ok("opt-outs", "%d are left alone; %d servers refused us within a day", all, len(hosts))
}

func size(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

func days(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
