//go:build linux

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/store"
)

// telling is an update of an incident that was acknowledged, and the issues that had
// been linked to it.
type telling struct {
	incident, words string
	issues          []desk.IssueID
}

// toldWords begin the words of every such update: many replies have them.
const toldWords = "told-"

// tell opens incident after incident, links issues that were answered, and tells
// their reporters.
func (l *load) tell(ctx context.Context) {
	for linked := map[desk.IssueID]bool{}; pace(ctx, 50*time.Millisecond); {
		issues, err := l.door().client().Issues(ctx, api.IssueQuery{Status: desk.StatusAcknowledged, Limit: 40})
		if err != nil {
			continue
		}
		var voices []desk.IssueID
		for _, i := range issues {
			if !linked[i.ID] && i.Incident == "" && len(voices) < 5 {
				linked[i.ID] = true
				voices = append(voices, i.ID)
			}
		}
		if len(voices) > 0 {
			l.tellOnce(ctx, voices)
		}
	}
}

func (l *load) tellOnce(ctx context.Context, voices []desk.IssueID) {
	key := toldWords + string(voices[0])
	i, ok := l.ask(ctx, http.MethodPost, "/api/v1/incidents", key+"-open", map[string]any{"desk": "help", "title": "An outage", "publish": true, "now": true})
	if !ok {
		return
	}
	path := "/api/v1/incidents/" + string(i.ID)
	if _, ok = l.ask(ctx, http.MethodPost, path+"/link", key+"-link", map[string]any{"issues": voices}); !ok {
		return
	}
	// Refused as a conflict until the first post is out, and asked again.
	if _, ok = l.ask(ctx, http.MethodPost, path+"/updates", key+"-update", map[string]any{"text": key + " |", "now": true, "status": "identified", "tell": map[string]any{}}); ok {
		l.promise(func() { l.told = append(l.told, telling{string(i.ID), key, voices}) })
	}
}

// plan prepares work after work, each with a text that goes out by itself when it
// begins.
func (l *load) plan(ctx context.Context) {
	for n := 0; pace(ctx, 500*time.Millisecond); n++ {
		from := time.Now().Add(time.Second)
		key := fmt.Sprintf("plan-%d", from.UnixNano())
		i, ok := l.ask(ctx, http.MethodPost, "/api/v1/incidents", key, map[string]any{"desk": "help", "title": "New switch", "publish": true, "now": true,
			"from": from.UTC(), "until": from.Add(time.Hour).UTC(), "at_begin": "It begins."})
		if ok {
			l.promise(func() { l.planned = append(l.planned, desk.IncidentID(i.ID)) })
		}
	}
}

// unbegun names planned work that did not begin by itself, "" for none.
func (s *site) unbegun() string {
	for _, id := range s.load.planned[s.begun:] {
		_, body := s.load.door().api(http.MethodGet, "/api/v1/incidents/"+string(id), "", nil)
		var i api.Incident
		if json.Unmarshal(body, &i) != nil || i.Status != desk.WorkInProgress {
			return fmt.Sprintf("the beginning of the work %s: %.300s", id, body)
		}
		s.begun++
	}
	return ""
}

// checkBegun: the text of each planned work has gone out, once.
func (s *site) checkBegun(st store.Store) {
	s.view(st, func(tx store.Tx) error {
		for _, id := range s.load.planned {
			i, ok, err := tx.Incidents().Get(id)
			if err != nil {
				return err
			}
			switch n := len(i.Updates); {
			case !ok || n == 0:
				s.find(&s.row.lost, "the work %s did not begin: %v", id, ok)
			case n > 1:
				s.find(&s.row.twice, "the work %s began %d times", id, n)
			}
		}
		return nil
	})
}

// untold names an incident whose voices have not all been told, "" for none.
func (s *site) untold() string {
	for _, t := range s.load.told {
		_, body := s.load.door().api(http.MethodGet, "/api/v1/incidents/"+t.incident+"/told", "", nil)
		var rounds []api.Round
		if json.Unmarshal(body, &rounds) != nil || len(rounds) != 1 || rounds[0].State != desk.RoundDone {
			return fmt.Sprintf("telling the voices of %s: %.300s", t.incident, body)
		}
	}
	return ""
}

// checkTold: every voice was told once, and the peer has that once, whatever broke
// on the way.
func (s *site) checkTold(st store.Store) {
	arrived, _ := s.arrivals()
	heard := map[string]int{} // by the words and the answered post
	for _, a := range arrived {
		if key, _, _ := strings.Cut(a.words, " |"); strings.HasPrefix(key, toldWords) && a.answers != "" {
			heard[key+" "+a.answers]++
		}
	}
	s.view(st, func(tx store.Tx) error {
		for _, t := range s.load.told {
			for _, id := range t.issues {
				i, ok, err := tx.Issues().Get(id)
				if err != nil || !ok {
					return err
				}
				v, ok, err := tx.Rounds().Voice(i.Round, id)
				if err != nil {
					return err
				}
				n := heard[t.words+" "+string(i.Report)]
				switch {
				case !ok || v.State != desk.VoiceTold || n == 0:
					s.find(&s.row.lost, "the voice %s was not told: %v %+v, the peer has %d", id, ok, v, n)
				case n > 1:
					s.find(&s.row.twice, "the voice %s was told in %d replies", id, n)
				}
			}
		}
		return nil
	})
}
