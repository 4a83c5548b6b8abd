package main

import (
	"fmt"
	"io"
	"strconv"

	"earshot/internal/api"
	"earshot/store"
)

type queueCmd struct {
	List  queueList  `cmd:"" help:"List jobs, with counts for every queue."`
	Retry queueRetry `cmd:"" help:"Try a dead letter again."`
	Drop  queueDrop  `cmd:"" help:"Remove a job for good."`
}

type queueList struct {
	Queue string `help:"Only jobs of this queue: inbound, verify, fetch, publish, deliver or timer." enum:",inbound,verify,fetch,publish,deliver,timer" default:"" placeholder:"QUEUE"`
	Dead  bool   `help:"Only dead letters: jobs that were given up, with the reason."`
	Limit int    `help:"At most this many." default:"50" placeholder:"N"`
}

func (queueList) Help() string {
	return `Examples:

	earshot queue list
	earshot queue list --dead --queue deliver
`
}

// Validate implements kong's Validatable.
func (q queueList) Validate() error {
	if q.Limit < 1 {
		return usage("--limit is at least 1")
	}
	return nil
}

func (q queueList) Run(c *command) error {
	return c.with(func(s *session) error {
		jobs, err := s.Jobs(c.ctx, store.JobFilter{Queue: store.Queue(q.Queue), Dead: q.Dead}, q.Limit)
		if err != nil {
			return err
		}
		counts, err := s.JobCounts(c.ctx)
		if err != nil {
			return err
		}
		return c.show(jobs, func(w io.Writer) {
			c.printCounts(w, counts)
			rows := make([][]string, len(jobs))
			for n, j := range jobs {
				at := j.Due
				if j.Dead {
					at = j.DiedAt
				}
				rows[n] = []string{string(j.Queue), when(at), strconv.Itoa(j.Attempts), j.ID, j.Error}
			}
			head := []string{"QUEUE", "DUE", "TRIES", "ID", "TROUBLE"}
			if q.Dead {
				head[1] = "DIED"
			}
			c.table(w, "No jobs.", head, rows)
			c.more(len(jobs), q.Limit)
		})
	})
}

func (c *command) printCounts(w io.Writer, counts []api.Count) {
	rows := make([][]string, len(counts))
	for n, q := range counts {
		rows[n] = []string{string(q.Queue), strconv.Itoa(q.Waiting), strconv.Itoa(q.Dead)}
	}
	c.table(w, "", []string{"QUEUE", "WAITING", "DEAD"}, rows)
	fmt.Fprintln(w)
}

type queueRetry struct {
	ID string `arg:"" help:"The job's id, as queue list --dead shows it; in quotes."`
}

func (q queueRetry) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.RetryJob(c.ctx, q.ID); err != nil {
			return err
		}
		s.queued()
		return c.done("The job will be tried again.")
	})
}

type queueDrop struct {
	ID string `arg:"" help:"The job's id, as queue list shows it; in quotes."`
}

func (q queueDrop) Run(c *command) error {
	return c.with(func(s *session) error {
		if err := s.DropJob(c.ctx, q.ID); err != nil {
			return err
		}
		return c.done("The job was removed.")
	})
}
