package inbox

import (
	"sync"
	"time"

	"earshot/internal/desk"
)

const (
	alarmDomains = 5
	alarmSpan    = time.Hour
)

// refusals notices when several servers, each of another domain, refuse our
// signature within an hour: then it is our fault, and nobody's wish.
type refusals struct {
	mu      sync.Mutex
	domains map[desk.Domain]time.Time // at most alarmDomains
	alarmed time.Time
}

// record records a refusal and says whether to raise the alarm now; it is raised
// once an hour.
func (r *refusals) record(h desk.Host, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.domains == nil {
		r.domains = map[desk.Domain]time.Time{}
	}
	for k, at := range r.domains {
		if now.Sub(at) > alarmSpan {
			delete(r.domains, k)
		}
	}
	if len(r.domains) < alarmDomains {
		r.domains[h.Domain()] = now
	}
	if len(r.domains) < alarmDomains || now.Sub(r.alarmed) < alarmSpan {
		return false
	}
	r.alarmed = now
	return true
}
