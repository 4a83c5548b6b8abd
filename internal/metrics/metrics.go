// Package metrics counts what happens and shows it in Prometheus' format. It
// has a registry of its own and is told by those who do the work, through
// hooks of theirs: nobody below knows Prometheus.
//
// No label names a server, an actor or anything else that strangers choose:
// how many series there are follows from this code.
package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the counters of one instance. Its methods may be called by
// several goroutines.
type Metrics struct {
	registry *prometheus.Registry

	requests      *prometheus.CounterVec
	requestTime   *prometheus.HistogramVec
	inbox         *prometheus.CounterVec
	jobs          *prometheus.CounterVec
	jobTime       *prometheus.HistogramVec
	deliveries    *prometheus.CounterVec
	alerts        *prometheus.CounterVec
	pictures      *prometheus.CounterVec
	commits       *prometheus.CounterVec
	commitTime    prometheus.Histogram
	commitUpdates prometheus.Histogram
}

const prefix = "earshot_"

// seconds are the bounds of times: from a cached page to a slow server.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// New returns metrics that know the version and look at state when asked.
func New(version string, state State) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),

		requests:      counters("http_requests_total", "Answered requests by kind of address and status.", "class", "status"),
		requestTime:   times("http_request_duration_seconds", "Time to answer a request.", "class"),
		inbox:         counters("inbox_answers_total", "Answers to activities by status and reason: kept, or one of those of dropped_total.", "status", "reason"),
		jobs:          counters("jobs_total", "Runs of jobs by how they ended.", "queue", "outcome"),
		jobTime:       times("job_duration_seconds", "Time of one run of a job.", "queue"),
		deliveries:    counters("deliveries_total", "Attempts to deliver by how they ended.", "outcome"),
		alerts:        counters("alerts_total", "Alerts of monitoring programs by what became of them.", "source", "result"),
		pictures:      counters("pictures_total", "Pictures of other people that agents' browsers asked for, by what became of them.", "outcome"),
		commits:       counters("store_commits_total", "Commits of the store.", "outcome"),
		commitTime:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "store_commit_duration_seconds", Help: "Time to write one commit to disk.", Buckets: seconds}),
		commitUpdates: prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "store_commit_updates", Help: "Updates that shared one commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 9)}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.requestTime, m.inbox, m.jobs, m.jobTime, m.deliveries, m.alerts, m.pictures, m.commits, m.commitTime, m.commitUpdates,
		build, newStateCollector(state), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func times(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: seconds}, labels)
}

// Handler shows everything, to a few at once.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 2 * gatherWithin})
}

// Request counts an answered request. class is one of a fixed few.
func (m *Metrics) Request(class string, status int, took time.Duration) {
	m.requests.WithLabelValues(class, statusLabel(status)).Inc()
	m.requestTime.WithLabelValues(class).Observe(took.Seconds())
}

// Inbox counts the answer to an activity.
func (m *Metrics) Inbox(status int, reason string) {
	m.inbox.WithLabelValues(statusLabel(status), reason).Inc()
}

// Job counts a run of a job.
func (m *Metrics) Job(queue, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(queue, outcome).Inc()
	m.jobTime.WithLabelValues(queue).Observe(took.Seconds())
}

// Delivery counts an attempt to deliver.
func (m *Metrics) Delivery(outcome string) { m.deliveries.WithLabelValues(outcome).Inc() }

// Alert counts an alert. Both are of a fixed few.
func (m *Metrics) Alert(source, result string) { m.alerts.WithLabelValues(source, result).Inc() }

// Picture counts a picture that was asked for. The outcome is of a fixed few.
func (m *Metrics) Picture(outcome string) { m.pictures.WithLabelValues(outcome).Inc() }

// Commit counts a commit that updates shared.
func (m *Metrics) Commit(outcome string, updates int, took time.Duration) {
	m.commits.WithLabelValues(outcome).Inc()
	m.commitTime.Observe(took.Seconds())
	m.commitUpdates.Observe(float64(updates))
}

// statusLabel is an HTTP status; a handler may answer nonsense.
func statusLabel(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return strconv.Itoa(status)
}
