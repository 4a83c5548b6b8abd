package inbox

import (
	"sync"
	"time"

	"earshot/internal/desk"
)

const (
	alarmHosts = 5
	alarmSpan  = time.Hour
)

// refusals notices when several servers refuse our signature within an hour:
// then it is our fault, and nobody's wish.
type refusals struct {
	mu      sync.Mutex
	hosts   map[desk.Host]time.Time // at most alarmHosts
	alarmed time.Time
}

// record records a refusal and says whether to raise the alarm now; it is raised
// once an hour.
func (r *refusals) record(h desk.Host, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hosts == nil {
		r.hosts = map[desk.Host]time.Time{}
	}
	for k, at := range r.hosts {
		if now.Sub(at) > alarmSpan {
			delete(r.hosts, k)
		}
	}
	if len(r.hosts) < alarmHosts {
		r.hosts[h] = now
	}
	if len(r.hosts) < alarmHosts || now.Sub(r.alarmed) < alarmSpan {
		return false
	}
	r.alarmed = now
	return true
}
