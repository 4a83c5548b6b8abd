package attacks

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// thirdPersons is class 50: what strangers add to the issue of another person.
var thirdPersons = []attack{
	{class: 50, name: "crowded_issue",
		tried:   "two accounts answer a report 240 times, with long picture descriptions, while the reporter goes on; one account sends as many bytes as it can",
		defends: "internal/app threads in pages of bytes, third persons rationed and folded; federation/inbox: bytes of one account and one domain in a day",
		elsewhere: []string{"internal/app.TestThreadBytes", "internal/app.TestThirdPersonsAreFolded", "internal/app.TestThirdPersonsAreRationed", "internal/console.TestThreadIsSmall",
			"internal/console.TestPagesOfThread", "internal/public.TestPagesOfReplies", "federation/inbox.TestBytesOfADay", "federation/inbox.TestBytesOfAnOutage"},
		run: crowdedIssue},
}

// pictures makes an answer with long descriptions.
func (s *site) pictures(p *fed.Peer, n int, to desk.ObjectID, length int) M {
	note := p.Note(n, s.actor(), "<p>me too</p>")
	note["inReplyTo"] = string(to)
	var pictures []M
	for i := range 256 {
		pictures = append(pictures, M{"type": "Document", "url": fmt.Sprintf("%s/p/%d", p.URL, i), "mediaType": "image/png", "name": strings.Repeat("long ", length/5)})
	}
	note["attachment"] = pictures
	return p.Create(note)
}

// weighs are the bytes of a page of an issue, and how long it took.
func (s *site) weighs(id desk.IssueID, q api.ThreadQuery) (full api.FullIssue, bytes int, took time.Duration) {
	s.Helper()
	began := time.Now()
	full, err := s.client.Thread(s.Context(), id, q)
	s.must(err)
	return full, len(encode(s.T, full)), time.Since(began)
}

func crowdedIssue(s *site) {
	ana, crowd := s.peer(), []*fed.Peer{s.peer(), s.peer()}
	issue, report := s.report(ana, 1)
	refused := 0
	for n := range 240 {
		if n%10 == 0 {
			s.settle()
		}
		status, answer := s.send(crowd[n%2], s.pictures(crowd[n%2], n, report.Object, 700))
		s.limited(status, answer, &refused)
		if n%40 == 20 {
			more := ana.Note(100+n, s.actor(), fmt.Sprintf("<p>still down, %d</p>", n))
			more["inReplyTo"] = string(report.Object)
			status, answer := s.send(ana, ana.Create(more))
			s.answered(status, answer, http.StatusAccepted)
		}
	}
	s.settle()
	full, bytes, took := s.weighs(issue.ID, api.ThreadQuery{})
	if bytes > 640<<10 {
		s.Errorf("the issue has %d bytes", bytes)
	}
	hers, theirs := 0, full.Folded.Entries
	for _, e := range full.Timeline {
		if e.Third {
			theirs++
		} else if strings.Contains(e.Text, "still down") || e.Kind == desk.KindReport {
			hers++
		}
	}
	if hers != 7 || full.Earlier != 0 {
		s.Errorf("%d of the reporter's 7 words are on the page, %d are earlier", hers, full.Earlier)
	}
	if theirs < 60 || theirs > 70 || theirs+refused != 240 || full.Folded.Accounts != 2 {
		s.Errorf("of 240 answers %d were kept and %d refused; folded: %+v", theirs, refused, full.Folded)
	}
	s.Logf("240 answers of two accounts: %d kept, %d refused; the issue has %d bytes, in %v; folded: %+v", theirs, refused, bytes, took, full.Folded)
	found := 0
	for q := (api.ThreadQuery{Third: true}); ; {
		page, bytes, _ := s.weighs(issue.ID, q)
		if bytes > 640<<10 {
			s.Errorf("a page of third persons has %d bytes", bytes)
		}
		found += len(page.Timeline) - 1
		if q.Before = page.Before; page.Before == "" {
			break
		}
	}
	if found != theirs {
		s.Errorf("the pages of third persons have %d entries of %d", found, theirs)
	}
	s.oneDay()
	s.dropJobs()
}

// oneDay has one account send long posts until it may send no more.
func (s *site) oneDay() {
	s.Helper()
	eve := s.peer()
	_, report := s.report(eve, 1)
	before, refused, sent := s.disk(), 0, 0
	for n := range 40 {
		create := s.pictures(eve, 2+n, report.Object, 3500)
		status, answer := s.send(eve, create)
		if s.limited(status, answer, &refused); status == http.StatusAccepted {
			sent += len(encode(s.T, create))
		}
	}
	s.settle()
	grown := s.disk() - before
	if refused < 20 || sent > 17<<20 || grown > 2*sent {
		s.Errorf("of 40 posts of 900 kB %d were refused; %d bytes were accepted, the disk grew by %d", refused, sent, grown)
	}
	s.Logf("one account: of 40 posts of 900 kB %d were refused; %d bytes were accepted, the disk grew by %d", refused, sent, grown)
}

// disk is how large the store is.
func (s *site) disk() int {
	s.Helper()
	at, err := os.Stat(filepath.Join(s.data, "earshot.db"))
	s.must(err)
	return int(at.Size())
}
