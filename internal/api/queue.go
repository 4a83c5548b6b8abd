package api

import (
	"context"
	"slices"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

func (h *handler) listJobs(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	f := store.JobFilter{Queue: store.Queue(r.query("queue"))}
	if f.Queue != "" && !slices.Contains(store.Queues(), f.Queue) {
		return response{}, desk.Invalid("queue_unknown", "there is no queue %q; there are %v", f.Queue, store.Queues())
	}
	if f.Dead, err = r.flag("dead"); err != nil {
		return response{}, err
	}
	jobs, next, err := h.app.Jobs(r.Context(), f, page)
	return response{body: each(jobs, jobOf), next: next}, err
}

// countJobs counts every queue, the empty ones too.
func (h *handler) countJobs(r *request) (response, error) {
	counts, err := h.app.JobCounts(r.Context())
	return response{body: each(store.Queues(), func(q store.Queue) Count {
		return Count{Queue: q, Waiting: counts[q].Waiting, Dead: counts[q].Dead}
	})}, err
}

func (h *handler) retryJob(r *request) (response, error) { return h.onJob(r, h.app.RetryJob) }

func (h *handler) dropJob(r *request) (response, error) { return h.onJob(r, h.app.DropJob) }

// onJob takes the id in the body: it holds addresses.
func (h *handler) onJob(r *request, f func(context.Context, app.By, string) error) (response, error) {
	var in JobID
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return response{}, f(r.Context(), r.by, in.ID)
}
