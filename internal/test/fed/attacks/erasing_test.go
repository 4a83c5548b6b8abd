package attacks

import (
	"fmt"
	"maps"
	"net/http"

	"earshot/internal/api"
	"earshot/internal/test/fed"
)

// erasing is class 45: conclusions from a fetch that a stranger caused.
var erasing = []attack{
	{class: 45, name: "erased_by_a_fetch", ids: "",
		tried:   "strangers and neighbours name direct, followers-only and public reports, whose server answers 404, or 403 from a firewall and in JSON",
		defends: "internal/app MayFetch, federation/inbox notFetched: a 404 counts for public posts, twice in six hours",
		elsewhere: []string{"federation/resolve.TestFirewallIsNoRefusal", "internal/test/fed.TestTwo404sHoursApart", "internal/test/fed.TestFailedFetchOfAPrivatePostProvesNothing",
			"internal/test/fed.TestWhoMayMakeUsFetch"}, run: erasedByAFetch},
}

// reportTo has a person of the peer's report to some addressees, and the peer
// answer 404 for the post from then on, as Mastodon does to all but those.
func reportTo(s *site, p *fed.Peer, n int, to ...string) (api.FullIssue, M) {
	s.Helper()
	var note M
	issue, _ := s.report(p, n, func(m M) {
		m["to"], m["cc"] = to, []string{}
		note = m
	})
	p.ServeRaw(fmt.Sprintf("/notes/%d", n), http.StatusNotFound, "application/json", []byte(`{"error":"Record not found"}`))
	return issue, note
}

// strangersWords are activities in the name of a post's author, as a stranger
// forwards them.
func strangersWords(p *fed.Peer, note M) []M {
	in := func(kind string, object any) M {
		return M{"id": fmt.Sprint(p.URL, "/forged/", kind, note["id"]), "type": kind, "actor": string(p.Actor), "to": []string{public}, "object": object}
	}
	widened := maps.Clone(note)
	widened["to"] = []string{public}
	return []M{in("Create", note), in("Create", widened), in("Update", note), in("Update", widened), in("Delete", note["id"]), in("Announce", note["id"])}
}

func erasedByAFetch(s *site) {
	ana, eve := s.peer(), s.peer()
	mal := ana.Person("mal", nil) // a neighbour of the reporter's
	s.report(eve, 1)
	status, answer := s.sendAs(ana, mal, byNeighbour(s, string(mal), ana.URL+"/notes/99"))
	s.answered(status, answer, http.StatusAccepted) // mal's key is known, like any neighbour's
	s.settle()
	ana.Asked()

	hidden := map[string][]string{"direct": {s.help()}, "followers": {s.help(), string(ana.Actor) + "/followers"}}
	for n, name := range []string{"direct", "followers"} {
		issue, note := reportTo(s, ana, n+2, hidden[name]...)
		ana.Asked()
		s.unmoved(func() {
			for _, a := range strangersWords(ana, note) {
				s.refused(eve, a, http.StatusAccepted)
			}
			status, answer := s.sendAs(ana, mal, byNeighbour(s, string(mal), note["id"].(string)))
			s.answered(status, answer, http.StatusAccepted)
		})
		s.asked(ana)
		s.stillSays(issue)
	}

	// A public post is asked for: its server may know better. But one 404 erases
	// nothing, however often it comes at once, and no 403 does anything.
	issue, note := reportTo(s, ana, 4, public, s.help())
	forged := strangersWords(ana, note)
	s.unmoved(func() {
		for _, a := range forged {
			s.refused(eve, a, http.StatusAccepted)
			s.settle()
		}
	})
	s.onlyAsked(ana, "GET /notes/4")
	s.stillSays(issue)
	for contentType, body := range map[string]string{"text/html": "<h1>Just a moment</h1>", "application/json": `{"error":"This action is not allowed"}`} {
		ana.ServeRaw("/notes/4", http.StatusForbidden, contentType, []byte(body))
		s.refused(eve, forged[4], http.StatusAccepted)
		s.settle()
		s.dropJobs()
		s.stillSays(issue)
	}
	s.onlyAsked(ana, "GET /notes/4")
	// And it is not that nothing is ever erased.
	ana.ServeRaw("/notes/4", http.StatusGone, "application/json", []byte(`{"error":"Gone"}`))
	s.refused(eve, forged[4], http.StatusAccepted)
	s.settle()
	if e := s.still(issue); e.Text != "" {
		s.Errorf("its server says that it is gone, and here it says %q", e.Text)
	}
}

// byNeighbour makes a neighbour's Create that only names another person's post.
func byNeighbour(s *site, who, object string) M {
	return M{"id": object + "#by-a-neighbour", "type": "Create", "actor": who, "to": []string{public}, "cc": []string{s.help()}, "object": object}
}

// stillSays fails unless a report is there as it was, and its author may be written to.
func (s *site) stillSays(issue api.FullIssue) {
	s.Helper()
	full, err := s.client.Issue(s.Context(), issue.ID)
	s.must(err)
	if e := full.Timeline[0]; e.Text == "" || e.Text != issue.Timeline[0].Text || full.Silenced != "" {
		s.Errorf("the report says %q, and the issue is silenced by %q", e.Text, full.Silenced)
	}
}
