//go:build linux

package crash

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/api"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
)

// The size of a crowd in a short run, and how often the program is killed then.
const fewPeople, fewKills = 80, 3

// crowdOf is how many people shout, and how often the program is killed:
// EARSHOT_CROWD asks for a long run.
func crowdOf(t *testing.T) (n, kills int) {
	s := os.Getenv("EARSHOT_CROWD")
	if s == "" {
		return fewPeople, fewKills
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < fewPeople || n > 100_000 {
		t.Fatalf("EARSHOT_CROWD is a number of people from %d to 100000, not %q", fewPeople, s)
	}
	return n, 10
}

// scene is a program with the usual limits, whose clock the test moves, and a crowd.
type scene struct {
	*site
	square *square
	n      int
	kills  int // how often the program is killed
	moved  time.Duration
	file   *os.File
	env    []string
}

// A crowd shouts at full speed, and not one report is lost or refused for good; the
// pages of the list stay usable; one update reaches each of them once, in their own
// thread, while the program is killed again and again. The clock is moved on where the pace
// makes the program wait.
func TestCrowd(t *testing.T) {
	n, kills := crowdOf(t)
	for _, on := range []backend{onBolt{}, onPostgres{}} {
		t.Run(on.name(), func(t *testing.T) {
			s := newScene(t, on, n)
			s.kills = kills
			s.start(s.env...)
			s.shout()
			s.pages("unread")
			i := s.link()
			s.pages("linked")
			s.tell(i)
			s.stop()
			st, err := on.open(t.Context(), s.site)
			s.must(err)
			s.compare(st, i)
			s.must(st.Close())
		})
	}
}

func newScene(t *testing.T, on backend, n int) *scene {
	t.Helper()
	s := &scene{site: newSite(t, on, kind{}, t.TempDir(), &row{points: map[string]int{}}), n: n}
	var err error
	s.file, err = os.Create(filepath.Join(t.TempDir(), "clock"))
	s.must(err)
	t.Cleanup(func() { _ = s.file.Close() })
	s.move(0)
	s.square = newSquare(t, n, "http://"+s.addr+"/desks/help", s.now)
	s.env = []string{"EARSHOT_FAILPOINT_CLOCK=" + s.file.Name(), "EARSHOT_FLOOD_LIMITS=true", "EARSHOT_LOG_LEVEL=warn", "EARSHOT_FAILPOINT_LEASE=5s",
		// The pace of 20,000, in proportion.
		fmt.Sprint("EARSHOT_TELL_FIRST=", max(1, n/1000)), fmt.Sprint("EARSHOT_TELL_AT_ONCE=", max(1, n/200)), fmt.Sprint("EARSHOT_TELL_A_DAY=", s.aDay())}
	return s
}

func (s *scene) aDay() int { return max(1, s.n/20) }

func (s *scene) now() time.Time { return clock.System{}.Now().Add(s.moved) }

// move moves the clock of the program on.
func (s *scene) move(by time.Duration) {
	s.t.Helper()
	s.moved += by
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(s.moved))
	_, err := s.file.WriteAt(b[:], 0)
	s.must(err)
}

// progress waits until done, as long as the count changes within some time.
func (s *scene) progress(what string, done func() bool, count func() int) {
	s.t.Helper()
	for last := -1; !done(); {
		if now := count(); now == last {
			s.t.Fatalf("%s: nothing more happens, at %d", what, now)
		} else {
			last = now
		}
		if within(2*patience, func() bool { return done() || count() != last }) {
			continue
		}
	}
}

// waits is how many jobs of some queues wait or are under way.
func (s *scene) waits(queues ...store.Queue) (n int) {
	s.t.Helper()
	counts, err := s.client().JobCounts(s.t.Context())
	s.must(err)
	for _, c := range counts {
		if slices.Contains(queues, c.Queue) {
			n += c.Waiting
		}
	}
	return n
}

// shout has all post at once. Those who are asked to come back do, when they may.
func (s *scene) shout() {
	s.t.Helper()
	_, err := s.client().EditDesk(s.t.Context(), "help", api.DeskEdit{Names: &[]string{"acme", "acmenet"}, Calls: &[]string{"fail", "down", "broken", "help", "outage", "störung", "panne", "caído", "障害"}})
	s.must(err)
	waiting := slices.Clone(s.square.people)
	rand.Shuffle(len(waiting), func(a, b int) { waiting[a], waiting[b] = waiting[b], waiting[a] })
	began, asked, tries := time.Now(), 0, 0
	var first, after time.Duration
	for len(waiting) > 0 {
		again, later := s.post(waiting)
		if tries++; tries == 1 {
			first, asked = time.Since(began), len(again)
		} else {
			after += time.Since(began)
		}
		if len(again) > 0 {
			s.move(later)
			after += later
		}
		if after > 10*time.Minute {
			s.t.Fatalf("%d reports are not in ten minutes after all were sent", len(again))
		}
		waiting, began = again, time.Now()
	}
	took := time.Now()
	heard := func() int { return s.waits(store.QueueInbound, store.QueueFetch) }
	s.progress("hearing the reports", func() bool { return heard() == 0 }, heard)
	s.t.Logf("%d reports of %d servers answered in %.1f s (%.0f a second), %d asked to come back, all in after %.0f s; every one heard %.1f s later",
		s.n, s.n/10, first.Seconds(), float64(s.n)/first.Seconds(), asked, after.Seconds(), time.Since(took).Seconds())
}

// post posts reports over many connections, and returns those that were asked to
// come back, and after how long.
func (s *scene) post(some []*shouter) (again []*shouter, later time.Duration) {
	s.t.Helper()
	var mu sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	for range 48 {
		all.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(some); k = int(next.Add(1)) - 1 {
				status, seconds, said := s.square.shout(context.Background(), some[k], "http://"+s.addr+"/inbox")
				switch {
				case status == http.StatusAccepted:
				case (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && seconds > 0:
					mu.Lock()
					again = append(again, some[k])
					later = max(later, time.Duration(seconds)*time.Second)
					mu.Unlock()
				default:
					s.t.Errorf("the report of %s was answered %d %.200s", some[k].id, status, said)
				}
			}
		})
	}
	all.Wait()
	return again, later
}

// pages takes the time of the pages that agents look at.
func (s *scene) pages(when string) {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	s.must(err)
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	email := desk.Email(when + "@acme.example")
	_, err = s.client().AddAgent(s.t.Context(), api.NewAgent{Email: email, Name: "Bo", Role: desk.RoleLead})
	s.must(err)
	link, err := s.client().LinkAgent(s.t.Context(), email)
	s.must(err)
	s.fetch(browser, link.URL)
	res, err := browser.PostForm("http://"+s.addr+"/console/welcome", url.Values{"email": {string(email)}, "name": {"Bo"}, "password": {"a long password of Bo"}})
	s.must(err)
	_ = res.Body.Close()
	piles, err := s.client().Piles(s.t.Context(), "help", 20)
	s.must(err)
	addresses := []string{"/console/issues", "/console/issues?view=new", "/console/incidents/suggestions"}
	if len(piles) > 0 {
		addresses = append(addresses, "/console/piles/"+string(piles[0].ID))
	}
	incidents, err := s.client().Incidents(s.t.Context(), "", "", 1)
	s.must(err)
	if len(incidents) > 0 {
		addresses = append(addresses, "/console/incidents/"+string(incidents[0].ID), "/console/incidents/"+string(incidents[0].ID)+"/told")
	}
	for _, a := range addresses {
		var took []time.Duration
		size := 0
		for range 3 {
			at := time.Now()
			size = s.fetch(browser, "http://"+s.addr+a)
			took = append(took, time.Since(at))
		}
		slices.Sort(took)
		s.t.Logf("%s, %d piles: %s in %s, %d kB", when, len(piles), a, took[1].Round(time.Millisecond), size/1000)
	}
}

func (s *scene) fetch(browser *http.Client, address string) (size int) {
	s.t.Helper()
	res, err := browser.Get(address)
	s.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	s.must(err)
	if res.StatusCode != http.StatusOK || strings.Contains(res.Request.URL.Path, "sign-in") {
		s.t.Fatalf("%s: %s at %s", address, res.Status, res.Request.URL)
	}
	return len(body)
}

// link opens an incident, and links every report: the piles, and those on rows.
func (s *scene) link() desk.IncidentID {
	s.t.Helper()
	ctx, began := s.t.Context(), time.Now()
	i, err := s.client().OpenIncident(ctx, api.NewIncident{Desk: "help", Title: "No internet in the Ostviertel", Language: "en", Impact: desk.ImpactMajor, Publish: true, Now: true})
	s.must(err)
	piles, err := s.client().Piles(ctx, "help", 50)
	s.must(err)
	for _, p := range piles {
		_, err := s.client().ChangePile(ctx, p.ID, "link", api.PileLink{Incident: i.ID})
		s.must(err)
		of := func() api.Pile { now, err := s.client().Pile(ctx, p.ID); s.must(err); return now }
		s.progress("linking a pile", func() bool { return of().Act.Over }, func() int { return of().Act.Done })
	}
	for {
		rows, err := s.client().Issues(ctx, api.IssueQuery{Status: desk.StatusNew, Limit: s.n})
		s.must(err)
		var loose []desk.IssueID
		for _, r := range rows {
			if r.Incident == "" {
				loose = append(loose, r.ID)
			}
		}
		if len(loose) == 0 {
			break
		}
		_, err = s.client().LinkVoices(ctx, i.ID, api.Voices{Issues: loose[:min(len(loose), 500)]})
		s.must(err)
	}
	now, err := s.client().Incident(ctx, i.ID)
	s.must(err)
	s.t.Logf("%d voices linked in %.1f s, %d piles", now.Voices, time.Since(began).Seconds(), len(piles))
	return i.ID
}

// tell writes an update and tells all of them, and kills the program on the way.
func (s *scene) tell(i desk.IncidentID) {
	s.t.Helper()
	ctx := s.t.Context()
	at := time.Now()
	seen, err := s.client().Audience(ctx, i, desk.IncidentIdentified, "true")
	s.must(err)
	looked := time.Since(at)
	yes := true
	at = time.Now()
	_, err = s.client().UpdateIncident(ctx, i, api.NewUpdate{Text: "A digger hit a cable. We are splicing it.", Status: desk.IncidentIdentified, Now: true, Tell: &api.NewTelling{Tags: &yes, Count: seen.Replies}})
	s.must(err)
	s.t.Logf("the audience of %d replies on %d servers in %.2f s, the update in %.2f s", seen.Replies, seen.Servers, looked.Seconds(), time.Since(at).Seconds())
	began, moved, kills := time.Now(), s.moved, 0
	last, due, since := -1, -1, time.Now()
	for !s.done(i) {
		if told := s.square.told(); kills < s.kills && told >= (kills+1)*seen.Replies/(s.kills+2) {
			s.kill()
			kills++
			s.start(s.env...)
		} else if told != last {
			last, since = told, time.Now()
		} else if time.Since(since) > patience {
			now := s.due() // when the clock moves on by a day, the timers of all issues come first
			if now == due {
				s.t.Fatalf("nobody more is told than %d of %d, with %d jobs due: %+v", told, seen.Replies, now, s.rounds(i))
			}
			due, since = now, time.Now()
		}
		if s.waits(store.QueuePublish, store.QueueDeliver) == 0 {
			s.nextTimer()
		}
	}
	if kills != s.kills {
		s.t.Errorf("killed %d times, want %d", kills, s.kills)
	}
	s.t.Logf("%d voices told in %.1f s, %s on the moved clock; killed %d times; %d deliveries came again under their id", s.square.told(), time.Since(began).Seconds(),
		(s.moved - moved).Round(time.Minute), kills, s.square.more)
}

func (s *scene) rounds(i desk.IncidentID) []api.Round {
	s.t.Helper()
	rounds, err := s.client().Told(s.t.Context(), i, 1)
	s.must(err)
	return rounds
}

// done says whether all were told, and nothing is on its way.
func (s *scene) done(i desk.IncidentID) bool {
	r := s.rounds(i)
	return len(r) == 1 && r[0].State == desk.RoundDone && s.waits(store.QueuePublish, store.QueueDeliver) == 0
}

// due is how many jobs could be done now.
func (s *scene) due() (n int) {
	s.t.Helper()
	jobs, err := s.client().Jobs(s.t.Context(), store.JobFilter{}, 20*s.n)
	s.must(err)
	for _, j := range jobs {
		if !j.Due.After(s.now()) {
			n++
		}
	}
	return n
}

// nextTimer moves the clock to a little after the next portion, if that is not due.
func (s *scene) nextTimer() {
	s.t.Helper()
	jobs, err := s.client().Jobs(s.t.Context(), store.JobFilter{Queue: store.QueueTimer}, 10*s.n) // each issue has timers too
	s.must(err)
	var next time.Time
	for _, j := range jobs {
		if strings.HasPrefix(j.ID, "timer:round:") && (next.IsZero() || j.Due.Before(next)) {
			next = j.Due.Time
		}
	}
	if in := next.Sub(s.now()); !next.IsZero() && in > 0 {
		s.move(in + 30*time.Second)
	}
}

// compare: every report has one issue, which is a voice; every voice heard once; and
// nobody was told faster than the pace allows.
func (s *scene) compare(st store.Store, i desk.IncidentID) {
	s.t.Helper()
	issues, voices := map[desk.ObjectID]int{}, 0
	s.view(st, func(tx store.Tx) error {
		for one, err := range store.EachOf(tx.Issues().List, store.IssueFilter{}) {
			if err != nil {
				return err
			}
			issues[one.Report]++
			if one.Incident == i {
				voices++
			}
		}
		held, _, err := tx.Quarantine().List(store.QuarantineFilter{}, store.Page{Limit: 1})
		if len(held) > 0 {
			err = errors.Join(err, fmt.Errorf("reports are held back, %s for one", held[0].Author.ID))
		}
		return err
	})
	if voices != s.n || len(issues) != s.n {
		s.t.Errorf("%d issues, %d of them voices, want %d", len(issues), voices, s.n)
	}
	var big []time.Time // who were only heard by tags, on the big server
	for _, p := range s.square.people {
		heard := s.square.heard[p.note]
		if n := issues[p.report()]; n != 1 || len(heard) != 1 {
			s.t.Errorf("the report %s made %d issues, and was answered in %d posts", p.note, n, len(heard))
			continue
		}
		if !p.asked && p.server == s.square.people[0].server {
			big = append(big, heard[0].at)
		}
	}
	slices.SortFunc(big, time.Time.Compare)
	for k := range big {
		if e := k + s.aDay() + 60; e < len(big) && big[e].Sub(big[k]) < 23*time.Hour {
			s.t.Fatalf("%d strangers of one server were told within %s", e-k, big[e].Sub(big[k]))
		}
	}
	s.checkQueues(st)
}
