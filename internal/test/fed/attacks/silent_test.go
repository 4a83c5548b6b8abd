package attacks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// silence is class 49: hosts that take requests and never answer.
var silence = []attack{
	{class: 49, name: "silent_hosts", ids: "",
		tried:     "30 posts that answer a silent host; 40 followers with inboxes on as many silent hosts; a source that announces 30 posts of silent hosts",
		defends:   "federation/inbox: posts above are fetched after a post is heard; internal/queue places: a share of the workers for a host",
		elsewhere: []string{"internal/queue.TestSilentHostsStopNoOther", "internal/queue.TestSlowHostsShareFewWorkers", "internal/test/fed.TestHeardBeforeTheThreadIsComplete", "internal/test/fed.TestLateAncestorsJoinAThread"},
		run:       silentHostsStopNobody},
}

// hush makes hosts that take connections and never answer, until the test goes
// on with the next case: then they refuse all. ended counts the requests to them
// that were given up.
func hush(s *site, n int) (urls []string, ended *atomic.Int64, speak func()) {
	s.Helper()
	ended = &atomic.Int64{}
	spoken, stop := context.WithCancel(s.Context())
	for i := range n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.2.%d.%d:0", i/200, i%200+1))
		s.must(err)
		context.AfterFunc(spoken, func() { _ = l.Close() })
		urls = append(urls, "http://"+l.Addr().String())
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				context.AfterFunc(spoken, func() { _ = c.Close() })
				go func() {
					_, _ = io.Copy(io.Discard, c)
					ended.Add(1)
					_ = c.Close()
				}()
			}
		}()
	}
	return urls, ended, stop
}

// before fails unless something happens while no request to a silent host has ended.
func (s *site) before(ended *atomic.Int64, what string, ok func() bool) {
	s.Helper()
	began := time.Now()
	until(s.T, what, ok)
	if s.Logf("%s: after %v", what, time.Since(began).Round(time.Millisecond)); ended.Load() > 0 {
		s.Errorf("%s: only after %d requests to silent hosts were given up", what, ended.Load())
	}
}

func (s *site) accepted(p *fed.Peer, activity M) {
	s.Helper()
	status, answer := s.send(p, activity)
	s.answered(status, answer, http.StatusAccepted)
}

func (s *site) announced(tags *fed.Peer, source desk.ActorID, n int, object any) {
	s.Helper()
	status, answer := s.sendAs(tags, source, M{"id": fmt.Sprint(tags.URL, "/silent/", n), "type": "Announce", "actor": string(source), "object": object})
	s.answered(status, answer, http.StatusAccepted)
}

// isOpen says whether a post has an issue.
func (s *site) isOpen(object any) bool {
	s.Helper()
	issues, err := s.client.Issues(s.Context(), api.IssueQuery{})
	s.must(err)
	for _, i := range issues {
		full, err := s.client.Issue(s.Context(), i.ID)
		s.must(err)
		for _, e := range full.Timeline {
			if string(e.Object) == object {
				return true
			}
		}
	}
	return false
}

func silentHostsStopNobody(s *site) {
	tags, known := s.peer(), s.peer()
	source := s.source(tags, "acme")
	s.report(known, 9) // its host is no stranger from now on
	s.silentParents()
	s.silentInboxes()
	s.silentAnnounced(tags, source, known)
	s.settle()
	s.dropJobs()
}

func (s *site) silentParents() {
	s.Helper()
	eve, good := s.peer(), s.peer()
	hosts, ended, speak := hush(s, 1)
	defer speak()
	for n := range 30 {
		note := eve.Note(n+1, s.actor(), "<p>x</p>")
		note["inReplyTo"] = fmt.Sprintf("%s/notes/%d", hosts[0], n)
		s.accepted(eve, eve.Create(note))
	}
	note := good.Note(1, s.actor(), "<p>no light</p>")
	s.accepted(good, good.Create(note))
	s.before(ended, "a report behind 30 answers to a silent host is heard", func() bool { return s.isOpen(note["id"]) })
}

func (s *site) silentInboxes() {
	s.Helper()
	eve, good := s.peer(), s.peer()
	hosts, ended, speak := hush(s, 40)
	defer speak()
	for n, h := range hosts {
		who := eve.Person(fmt.Sprint("f", n), M{"inbox": h + "/inbox"})
		status, answer := s.sendAs(eve, who, M{"id": fmt.Sprint(eve.URL, "/f/", n), "type": "Follow", "actor": string(who), "object": s.help()})
		s.answered(status, answer, http.StatusAccepted)
	}
	s.accepted(good, M{"id": good.URL + "/f", "type": "Follow", "actor": string(good.Actor), "object": s.help()})
	s.before(ended, "a follower behind 40 silent inboxes is answered", func() bool { return len(good.Got()) > 0 })
}

func (s *site) silentAnnounced(tags *fed.Peer, source desk.ActorID, good *fed.Peer) {
	s.Helper()
	hosts, ended, speak := hush(s, 30)
	defer speak()
	note := good.Note(1, s.actor(), "<p>#acme #fail</p>")
	note["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	good.Serve("/notes/1", note)
	for n, h := range hosts {
		s.announced(tags, source, n, h+"/notes/1")
	}
	s.announced(tags, source, len(hosts), note["id"])
	s.before(ended, "an announced post behind 30 of silent hosts is heard", func() bool { return s.isOpen(note["id"]) })
}
