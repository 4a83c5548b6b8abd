//go:build linux

package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// total is how many rounds are asked for with EARSHOT_CRASH_ROUNDS; 0 for a
// short run.
func total(t *testing.T) int {
	s := os.Getenv("EARSHOT_CRASH_ROUNDS")
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("EARSHOT_CRASH_ROUNDS is a number of rounds, not %q", s)
	}
	return n
}

// row holds the results of one kind of fault.
type row struct {
	kind                         string
	rounds, posts, replies       int
	lost, twice, disorder, stuck int // broken promises
	repeated                     int
	struck                       int            // how often the fault found something that it could break
	points                       map[string]int // fail points at which the process died
	took                         time.Duration
}

// roundsPerSite is after how many rounds a long run begins with a fresh site, so
// that a round does not take longer and longer.
const roundsPerSite = 30

// Whatever happens to the process or its disk, nothing that was acknowledged is
// lost, said twice, out of order in its thread, or stuck.
func TestCrash(t *testing.T) {
	backends := []backend{onBolt{}, onPostgres{}}
	var rows []*row
	t.Run("on", func(t *testing.T) {
		for _, on := range backends {
			for _, k := range on.kinds() {
				r := &row{kind: on.name() + ": " + k.name, points: map[string]int{}}
				rows = append(rows, r)
				t.Run(r.kind, func(t *testing.T) { t.Parallel(); k.run(t, on, r) })
			}
		}
	})
	fmt.Print(table(rows))
	for _, on := range backends {
		died := map[string]bool{}
		for _, r := range rows {
			if strings.HasPrefix(r.kind, on.name()+": ") {
				for p := range r.points {
					died[p] = true
				}
			}
		}
		fmt.Printf("%s: died at %d of %d fail points\n", on.name(), len(died), len(on.points()))
	}
}

// run breaks sites in rounds of one kind, and checks.
func (k kind) run(t *testing.T, on backend, r *row) {
	rounds, every, long := k.short, k.every, total(t)
	if long > 0 {
		rounds, every = max(1, k.least, long*k.share/100), 1
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	began := time.Now()
	var s *site
	// By chance there is nothing to break in a few rounds; in five times as many there is.
	for n := 0; n < rounds || k.strikes && r.struck == 0 && n < 5*rounds; n++ {
		if n%roundsPerSite == 0 && (long > 0 || n == 0) {
			s = k.site(t, on, r, s)
		}
		s.load.resume()
		k.fault(s, n, dice)
		r.rounds++
		if (n+1)%every == 0 || n >= rounds-1 {
			s.check()
		}
		if s.hopeless() {
			break
		}
	}
	r.add(s)
	r.took = time.Since(began)
	if k.strikes && r.struck == 0 {
		t.Error("there was never anything to break")
	}
	if r.posts < rounds/2 || r.replies < rounds/5 {
		t.Errorf("there was hardly any load: %d posts, %d replies in %d rounds", r.posts, r.replies, rounds)
	}
}

// site makes a fresh site in place of the last one.
func (k kind) site(t *testing.T, on backend, r *row, last *site) *site {
	t.Helper()
	if last != nil {
		r.add(last)
	}
	dir, small := t.TempDir(), ""
	if k.small {
		small = mount(t, dir)
	}
	s := newSite(t, on, k, dir, r)
	s.small = small
	if k.heavy {
		s.load.filler = strings.Repeat("and nobody answers ", 600)
	}
	return s
}

// hopeless says that so much is broken that counting more is useless.
func (s *site) hopeless() bool { return s.row.stuck > 3 || s.row.lost > 20 }

func (r *row) add(s *site) {
	r.posts += len(s.load.accepted)
	r.replies += len(s.load.replied)
}

func table(rows []*row) string {
	var b strings.Builder
	const line = "%-35s %6v %6v %7v %5v %10v %12v %5v %9v %6v\n"
	fmt.Fprintf(&b, line, "kind of fault", "rounds", "posts", "replies", "lost", "said twice", "order broken", "stuck", "repeated", "took")
	for _, r := range rows {
		fmt.Fprintf(&b, line, r.kind, r.rounds, r.posts, r.replies, r.lost, r.twice, r.disorder, r.stuck, r.repeated, r.took.Round(time.Second))
	}
	b.WriteString("repeated: deliveries that came once more under the same id after a crash; receivers recognise them\n")
	return b.String()
}

// The test of the test: where a crash takes everything back, the posts that are
// missing are found.
func TestCheckFindsLostPosts(t *testing.T) {
	for _, on := range []backend{onBolt{}, onPostgres{}} {
		t.Run(on.name(), func(t *testing.T) {
			t.Parallel()
			r := &row{points: map[string]int{}}
			s := newSite(t, on, kind{}, t.TempDir(), r)
			s.quiet = true
			restore := on.save(s)
			s.load.resume()
			s.start()
			within(patience, func() bool {
				s.load.mu.Lock()
				defer s.load.mu.Unlock()
				return len(s.load.accepted) > 3 && len(s.load.replied) > 0
			})
			s.load.pause()
			s.kill()
			restore()
			s.load.told, s.load.planned = nil, nil
			s.load.replied = map[string]*reply{} // asking again would create them again
			s.check()
			if want := len(s.load.accepted); r.lost != want || want == 0 {
				t.Errorf("%d posts were lost, and %d are found missing", want, r.lost)
			}
		})
	}
}
