package attacks

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"earshot/internal/test/fed"
)

// late is classes 50 and 51: documents around a post, and answers that take too long.
var late = []attack{
	{class: 51, name: "spoofed_threads", ids: "GHSA-r388-57j3-5fgp GHSA-x58x-xx7h-7rh4 GHSA-h3jv-px69-2gpj",
		tried:   "activities and posts without id around a post of the victim; parents, contexts, answers and quotes that are written into a post, in the victim's name; parents whose address gives the victim's post",
		defends: "federation/inbox: posts above are fetched from their own server; of collections only ids are read", run: spoofedThreads},
	{class: 52, name: "answers_without_end", ids: "GHSA-9pmv-w936-hj3f GHSA-fq5h-gjhp-g75x GHSA-64hq-2hgr-q4pm",
		tried:   "a WebFinger and a NodeInfo that send a letter every 0.2 s for ever, an inbox that never answers",
		defends: "internal/safehttp: one deadline for a request, with its redirects and body", elsewhere: []string{"internal/safehttp.TestSlowDrip"}, run: answersWithoutEnd},
}

// mouth is what the victim never said.
const mouth = "put into their mouth"

func spoofedThreads(s *site) {
	eve, victim := s.peer(), s.peer()
	forged := func(n int) M { return victim.Note(n, s.actor(), "<p>"+mouth+"</p>") }
	real := victim.Note(1, "https://nobody.example/", "<p>good morning</p>")
	real["cc"], real["tag"] = []string{}, []M{}
	victim.Serve("/notes/1", real)
	s.report(eve, 9) // eve is known
	s.nothingAround(eve, forged)
	for n, change := range []func(M){
		func(note M) { note["inReplyTo"] = forged(1) },
		func(note M) { note["inReplyTo"] = []any{forged(2), forged(3)} },
		func(note M) {
			note["context"] = M{"id": eve.URL + "/context", "type": "OrderedCollection", "attributedTo": string(victim.Actor), "orderedItems": []M{forged(2)}}
			note["replies"] = M{"type": "Collection", "first": M{"type": "CollectionPage", "items": []M{forged(3)}}}
		},
		func(note M) { note["quote"], note["quoteUrl"] = forged(4), forged(4) },
		func(note M) { note["inReplyTo"] = eve.URL + "/above/forged" },
		func(note M) { note["inReplyTo"] = eve.URL + "/above/theirs" },
		func(note M) { note["inReplyTo"] = eve.URL + "/above/led" },
	} {
		author := eve
		if n >= 4 { // one person has only so many issues an hour
			author = s.peer()
		}
		eve.Serve("/above/forged", forged(5))
		theirs := eve.Note(6, s.actor(), "<p>"+mouth+"</p>")
		theirs["id"], theirs["attributedTo"] = eve.URL+"/above/theirs", string(victim.Actor)
		eve.Serve("/above/theirs", theirs)
		eve.Handle("/above/led", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/above/forged", http.StatusFound) })
		note := author.Note(20+n, s.actor(), fmt.Sprintf("<p>it is broken, %d</p>", n))
		change(note)
		s.refused(author, author.Create(note), http.StatusAccepted)
	}
	s.settle()
	asked := 0 // the victim, for what it really said
	for _, r := range s.records() {
		switch {
		case !strings.HasPrefix(r, "post "):
		case strings.Contains(r, mouth):
			s.Errorf("stored: %.600s", r)
		case strings.Contains(r, victim.URL) && strings.Contains(r, "good morning"):
			asked++
		}
	}
	if asked != 1 {
		s.Errorf("%d posts of the victim's own words are stored, want 1", asked)
	}
	s.dropJobs()
}

// nothingAround sends the forged post in activities and posts that have no id, so
// that nothing can be compared with its host.
func (s *site) nothingAround(eve *fed.Peer, forged func(int) M) {
	s.Helper()
	nameless := eve.Note(7, s.actor(), "<p>look</p>")
	delete(nameless, "id")
	nameless["inReplyTo"], nameless["attachment"], nameless["preview"] = forged(2), []M{forged(3)}, forged(4)
	s.unmoved(func() {
		for _, a := range []M{
			{"type": "Create", "object": forged(2)}, {"type": "Update", "object": forged(2)}, {"type": "Announce", "object": forged(2)}, {"type": "Like", "object": forged(2)},
			{"type": "Create", "object": nameless}, {"type": "Create", "object": []any{nameless, forged(2)}}, {"type": "Undo", "object": M{"type": "Delete", "object": forged(2)}},
			{"type": "Announce", "object": M{"type": "Create", "object": forged(2)}}, {"type": "Add", "object": forged(2), "target": s.help()},
		} {
			a["actor"], a["to"], a["cc"] = string(eve.Actor), []string{public}, []string{s.help()}
			status, answer := s.send(eve, a)
			s.answered(status, answer, http.StatusBadRequest, http.StatusAccepted)
		}
	})
}

func answersWithoutEnd(s *site) {
	eve, good := s.peer(), s.peer()
	var ended atomic.Int64
	began := time.Now()
	drip := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"subject":"`)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for gone := r.Context().Done(); ; {
			select {
			case <-gone:
				ended.Add(1)
				return
			case <-tick.C:
				_, _ = io.WriteString(w, "x")
				_ = http.NewResponseController(w).Flush()
			}
		}
	}
	for _, path := range []string{"/.well-known/webfinger", "/api/v2/instance"} {
		eve.Handle(path, drip)
	}
	eve.Handle("/users/eve/inbox", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); ended.Add(1) })
	s.accepted(eve, M{"id": eve.URL + "/follows/1", "type": "Follow", "actor": string(eve.Actor), "object": s.help()})
	slow := eve.Note(1, s.actor(), "<p>no light</p>")
	s.accepted(eve, eve.Create(slow))
	note := good.Note(1, s.actor(), "<p>no light either</p>")
	s.accepted(good, good.Create(note))
	s.before(&ended, "a report beside answers without end is heard", func() bool { return s.isOpen(note["id"]) })
	until(s.T, "our side to give up all three requests", func() bool { return ended.Load() >= 3 })
	s.Logf("%d requests were given up after %v", ended.Load(), time.Since(began).Round(time.Second))
	until(s.T, "the report to be heard, by the name that its own server gives it", func() bool { return s.isOpen(slow["id"]) })
	s.settle()
	s.dropJobs()
}
