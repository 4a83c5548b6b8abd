package console

import "earshot/store"

// queueCount is how much waits in one queue.
type queueCount struct {
	Queue store.Queue
	store.QueueCount
}

// queue shows dead letters, or with ?waiting=1 the waiting jobs.
func (c *Console) queue(v *visit) error {
	waiting := v.URL.Query().Get("waiting") != ""
	jobs, next, err := c.app.Jobs(v.Context(), store.JobFilter{Dead: !waiting}, v.page())
	if err != nil {
		return err
	}
	counts, err := c.app.JobCounts(v.Context())
	if err != nil {
		return err
	}
	s := sheetOf(v, jobs, next)
	more := struct {
		Waiting bool
		Counts  []queueCount
	}{Waiting: waiting}
	for _, q := range store.Queues() {
		more.Counts = append(more.Counts, queueCount{q, counts[q]})
	}
	s.More = more
	return c.show(v, "queue", s)
}

func (c *Console) retryJob(v *visit) error {
	if err := c.app.RetryJob(v.Context(), v.by(), v.PostFormValue("job")); err != nil {
		return err
	}
	return v.done("/queue", "retry")
}

func (c *Console) dropJob(v *visit) error {
	if err := c.app.DropJob(v.Context(), v.by(), v.PostFormValue("job")); err != nil {
		return err
	}
	return v.done("/queue", "removed")
}
