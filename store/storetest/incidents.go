package storetest

import (
	"fmt"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

func incidentID(i desk.Incident) string { return string(i.ID) }

// incident makes one of every member.
func incident(id string) desk.Incident {
	return desk.Incident{ID: desk.IncidentID(id), Desk: "help", Title: "No internet", Text: "We are looking.", Language: "en", Services: []string{"Internet", "Ostviertel"},
		Impact: desk.ImpactMajor, Status: desk.IncidentMonitoring, From: at(1), Until: at(2), NextUpdate: at(3), Root: "root", PublishedAt: at(4),
		Updates: []desk.IncidentUpdate{{Post: "u", Status: desk.IncidentMonitoring, NextUpdate: at(5), Agent: "bo@acme.example", At: at(6), Published: at(7)}},
		Voices:  3, Answers: 2, Asking: 1, Revision: 4, Surprised: "No alarm rang.", Changed: "It rings now.", Agent: "bo@acme.example", OpenedAt: t0, StatusAt: at(8), ClosedAt: at(9),
		FirstStatus: desk.IncidentInvestigating, DiscardedAt: at(10), Prepared: []desk.PreparedUpdate{{Status: desk.WorkInProgress, Text: "Begun.", Agent: "bo@acme.example", Post: "p"}},
		Alert: &desk.IncidentAlert{Source: desk.AlertGatus, Sender: "bo@acme.example/pager", Title: "down", Text: "x", URL: "https://a.example", Firing: true, Since: at(11), At: at(12), Times: 2, Over: at(13)}}
}

func testIncidents(t *testing.T, s store.Store) {
	var kept []desk.Incident // newest first
	for n, opened := range []int{5, 4, 4, 3, 2, 1} {
		i := incident(fmt.Sprint(9 - n)) // of the same time the larger id is first
		i.OpenedAt = at(opened)
		if n%2 == 1 {
			i.Desk = "other"
		}
		switch n % 3 {
		case 0:
			i.Status = desk.IncidentResolved
		case 1:
			i.Withdraw()
			i.DiscardedAt = time.Time{}
			i.Updates = nil
		}
		kept = append(kept, i)
	}
	update(t, s, func(tx store.Tx) error {
		for n := range kept {
			i := kept[(n*5)%len(kept)]
			early := i // as if it had changed since
			early.Desk, early.Status, early.PublishedAt, early.OpenedAt = "third", desk.IncidentInvestigating, at(100), at(200)
			noError(t, tx.Incidents().Put(early))
			noError(t, tx.Incidents().Put(i))
		}
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		for _, h := range []desk.Handle{"", "help", "other", "third"} {
			for _, state := range []desk.IncidentState{"", desk.IncidentDraft, desk.IncidentDiscarded, desk.IncidentOpen, desk.IncidentOver, "none"} {
				var want []desk.Incident
				for _, i := range kept {
					if (h == "" || h == i.Desk) && (state == "" || state == i.State()) {
						want = append(want, i)
					}
				}
				f := store.IncidentFilter{Desk: h, State: state}
				got := all(t, func(p store.Page) ([]desk.Incident, string, error) { return tx.Incidents().List(f, p) })
				same(t, fmt.Sprintf("%+v", f), names(got, incidentID), names(want, incidentID))
			}
		}
		got, ok, err := tx.Incidents().Get(kept[0].ID)
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "incident", got, kept[0])
		_, ok, err = tx.Incidents().Get("none")
		same(t, "one that is not there", ok, false)
		return err
	})
}

// testVoices lists the issues of an incident, while they are linked to it.
func testVoices(t *testing.T, s store.Store) {
	put := func(id string, in desk.IncidentID) {
		i := issue(id)
		i.Incident = in
		update(t, s, func(tx store.Tx) error {
			added, err := tx.Issues().Add(i)
			if err == nil && !added {
				err = tx.Issues().Put(i)
			}
			return err
		})
	}
	for n := range 7 {
		put(fmt.Sprint(n), "one")
	}
	put("7", "two")
	put("8", "")
	put("3", "") // the link ended
	put("4", "two")
	view(t, s, func(tx store.Tx) error {
		of := func(f store.IssueFilter) []string {
			return names(all(t, func(p store.Page) ([]desk.Issue, string, error) { return tx.Issues().List(f, p) }), issueID)
		}
		same(t, "voices", of(store.IssueFilter{Incident: "one"}), []string{"6", "5", "2", "1", "0"})
		same(t, "voices of another", of(store.IssueFilter{Incident: "two"}), []string{"7", "4"})
		same(t, "voices of none", len(of(store.IssueFilter{Incident: "three"})), 0)
		same(t, "voices of a desk", len(of(store.IssueFilter{Incident: "one", Desk: "help"})), 5)
		same(t, "voices of another desk", len(of(store.IssueFilter{Incident: "one", Desk: "other"})), 0)
		same(t, "new voices", len(of(store.IssueFilter{Incident: "one", Category: desk.CategoryOpen})), 5)
		same(t, "all", len(of(store.IssueFilter{})), 9)
		return nil
	})
}
