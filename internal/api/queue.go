package api

import (
	"context"
	"slices"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

func (h *handler) listJobs(r *request) (answer, error) {
	page, err := r.page()
	if err != nil {
		return answer{}, err
	}
	f := store.JobFilter{Queue: store.Queue(r.query("queue"))}
	if f.Queue != "" && !slices.Contains(store.Queues(), f.Queue) {
		return answer{}, desk.Invalid("there is no queue %q; there are %v", f.Queue, store.Queues())
	}
	if f.Dead, err = r.flag("dead"); err != nil {
		return answer{}, err
	}
	jobs, next, err := h.app.Jobs(r.Context(), f, page)
	return answer{body: each(jobs, jobOf), next: next}, err
}

// countJobs counts every queue, the empty ones too.
func (h *handler) countJobs(r *request) (answer, error) {
	counts, err := h.app.JobCounts(r.Context())
	return answer{body: each(store.Queues(), func(q store.Queue) Count {
		return Count{Queue: q, Waiting: counts[q].Waiting, Dead: counts[q].Dead}
	})}, err
}

func (h *handler) retryJob(r *request) (answer, error) { return h.onJob(r, h.app.RetryJob) }

func (h *handler) dropJob(r *request) (answer, error) { return h.onJob(r, h.app.DropJob) }

// onJob takes the id in the body: it holds addresses.
func (h *handler) onJob(r *request, f func(context.Context, app.By, string) error) (answer, error) {
	var in JobID
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	return answer{}, f(r.Context(), r.by, in.ID)
}
