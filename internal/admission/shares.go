package admission

import "sync"

// Bounds are a total and the shares of it.
type Bounds struct {
	Total     int // of all
	Strangers int // of all addresses together that are not known
	Address   int // of one address at first
	Floor     int // its smallest share
	Most      int // its largest share, and that of a shared address
	Unit      int // by how much a verified request lets it grow; 0: it stays as it is
}

// Fixed returns bounds that know no history: total, and of one address.
func Fixed(total, address int) Bounds {
	address = max(1, address)
	return Bounds{Total: total, Strangers: total, Address: address, Floor: address, Most: max(address, total*3/4)}
}

func (b Bounds) share(a Address, earned int) int {
	if a.Shared {
		return b.Most
	}
	return min(max(b.Address+earned*b.Unit, b.Floor), b.Most)
}

// Reason is why something was refused, one of a few words.
type Reason string

// The reasons.
const (
	Full        Reason = "full"         // all of it is taken
	OfAddress   Reason = "address"      // the address has its share
	OfStrangers Reason = "strangers"    // addresses that are not known have theirs
	GaveWay     Reason = "gave_way"     // it waited for a key, and another needed the place
	UnknownKeys Reason = "unknown_keys" // too many keys that this address named did not come
	Slow        Reason = "slow"         // a body came too slowly
)

// tally counts the used amounts.
type tally struct {
	Bounds
	history   *History
	used      int
	strangers int
	of        map[Address]int
}

func newTally(b Bounds, h *History) tally {
	return tally{Bounds: b, history: h, of: map[Address]int{}}
}

// held is an amount in use.
type held struct {
	address  Address
	amount   int
	stranger bool
}

// fits returns why a cannot have n more, "" if it can.
func (t *tally) fits(a Address, n int) Reason {
	earned := t.history.Earned(a)
	switch {
	case t.of[a]+n > t.share(a, earned):
		return OfAddress
	case !a.Shared && earned <= 0 && t.strangers+n > t.Strangers:
		return OfStrangers
	case t.used+n > t.Total:
		return Full
	}
	return ""
}

func (t *tally) take(a Address, n int) held {
	h := held{a, 0, !a.Shared && !t.history.Known(a)}
	t.add(&h, n)
	return h
}

// judge counts h no more among the strangers' once its address is known: fits
// does not ask for their bound then.
func (t *tally) judge(h *held) {
	if h.stranger && t.history.Known(h.address) {
		h.stranger = false
		t.strangers -= h.amount
	}
}

// add changes the value of h by n.
func (t *tally) add(h *held, n int) {
	h.amount += n
	t.used += n
	if h.stranger {
		t.strangers += n
	}
	if t.of[h.address] += n; t.of[h.address] == 0 {
		delete(t.of, h.address)
	}
}

// Shares hands out an amount. It is safe for concurrent use.
type Shares struct {
	mu sync.Mutex
	t  tally
}

// NewShares returns an amount of which nothing is taken.
func NewShares(b Bounds, h *History) *Shares { return &Shares{t: newTally(b, h)} }

// Holding is an amount in use; Give gives it back.
type Holding struct {
	of   *Shares
	held held
}

// Take hands n out to a, or says why not.
func (s *Shares) Take(a Address, n int) (*Holding, Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if why := s.t.fits(a, n); why != "" {
		return nil, why
	}
	return &Holding{s, s.t.take(a, n)}, ""
}

// Used returns how much is taken.
func (s *Shares) Used() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.t.used
}

// More adds n to the amount, or says why not. n below 0 gives back a part.
func (h *Holding) More(n int) Reason {
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	if n > 0 {
		h.of.t.judge(&h.held)
		if why := h.of.t.fits(h.held.address, n); why != "" {
			return why
		}
	}
	h.of.t.add(&h.held, n)
	return ""
}

// Give gives everything back. It may be called more than once.
func (h *Holding) Give() {
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	h.of.t.add(&h.held, -h.held.amount)
}
