package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

// populate fills a store with some of every kind.
func populate(t *testing.T, s store.Store) {
	t.Helper()
	long := strings.Repeat("ä", 2000)
	update(t, s, func(tx store.Tx) error {
		i, answer := issue("i1"), issue("i2")
		i.Also, i.WaitingSince, i.NeedsUs = []desk.Handle{"other"}, at(2), true
		answer.Broadcast = "https://help.example/b"
		reply := ours("r1", desk.RoleReply, 2)
		reply.Object = desk.ObjectID(long)
		dead := job("dead", "x", 0)
		dead.Attempts, dead.Error, dead.Host = 3, "no", "m.example"
		other := job("a", "y", 7)
		other.Queue, other.Payload = store.QueueInbound, nil
		for _, err := range []error{
			tx.Meta().Put("url", "https://<help>.example"), tx.Meta().Put("a", ""),
			tx.Desks().Put(desk.Desk{Handle: "help", Names: []string{"acme"}, Created: t0}), tx.Desks().Put(desk.Desk{Handle: "b"}),
			tx.Keys().Put(store.Key{Owner: "help", Fragment: "main-key", Private: []byte{0, 1, 255}, Created: t0}),
			tx.Actors().Put(desk.Actor{ID: ana, Name: "Ana\u2028 <&>", Fetched: t0}), tx.Actors().Put(desk.Actor{ID: desk.ActorID(long + "2")}),
			tx.Actors().Put(desk.Actor{ID: desk.ActorID(long + "1")}),
			second(tx.Issues().Add(i)), second(tx.Issues().Add(answer)),
			tx.Posts().Put(remote("p2", 1)), tx.Posts().Put(remote("p10", 1)), tx.Posts().Put(reply),
			tx.Events().Add(desk.Event{ID: "e", Issue: "i1", Kind: desk.KindStatus, At: at(3)}),
			tx.Terms().Set("p2", "i1", []string{"down", "line"}),
			tx.Follows().Put(store.Follow{Local: "help", Actor: ana, Since: t0}), tx.Follows().Put(store.Follow{Local: "help", Actor: "b"}),
			tx.Documents().Put(store.Document{ID: "d", JSON: []byte("\x00\xff{}"), Public: true, Addressed: []desk.ActorID{ana}, At: t0}),
			tx.Deliveries().Put(store.Delivery{Activity: "act", Inbox: "in", State: store.DeliveryFailed, Status: 410, At: t0}),
			tx.Sources().Put(store.Source{ID: "s", Actor: ana, State: store.SourceAccepted, Created: t0}),
			second(tx.Sightings().Add(store.Sighting{Object: "o", Source: "s", At: t0})),
			tx.Blocks().Put(desk.Block{Target: "bad.example", Since: t0}),
			tx.OptOuts().Put(desk.OptOut{Actor: ana, Cause: desk.OptOutStop, Since: t0}),
			tx.Hosts().Put(store.HostState{Host: "m.example", Failures: 2, DownSince: t0, MaxCharacters: 500, MaxCharactersAt: at(1)}),
			tx.Agents().Put(desk.Agent{Email: "bo@acme.example", ID: "7", Name: "Bo", Role: desk.RoleAdmin, Created: t0}),
			tx.Credentials().Put(store.Credential{Agent: "bo@acme.example", ID: "password", Secret: []byte("h"), Created: t0}),
			tx.Grants().Put(store.Grant{Hash: "h", Kind: store.GrantToken, Agent: "bo@acme.example", Created: t0}),
			tx.AuditLog().Add(store.AuditEntry{ID: "7", At: t0, Via: store.ViaMachine, What: "desk.add", On: "desks/help"}),
			tx.Quarantine().Put(quarantined("https://a.example/1", "https://a.example/u", 1)), tx.Quarantine().Put(quarantined("https://b.example/1", "https://b.example/u", 1)),
			tx.Standings().Put(desk.Standing{Key: "m.example", Since: t0, Expires: at(1)}),
			tx.Incidents().Put(incident("in")),
			tx.Piles().Put(pile("pi")),
			tx.Rounds().Put(round("r")), tx.Rounds().PutVoice(roundVoice("r", "i1")),
			tx.Destinations().Put(destination("d", "")), tx.Destinations().PutNotification(notification("d", "n")),
			tx.Flags().Put(desk.Flag{ID: "f", Sender: ana, About: []desk.ObjectID{"https://help.example/desks/help"}, Issue: "i1", Words: "rude", At: t0}),
			tx.Drafts().Put(store.Draft{Agent: "bo@acme.example", On: "issues/i1", Text: "we loo", To: "quiet", At: t0}),
			tx.Pictures().Put(desk.PictureFile{Desk: "help", Role: desk.PictureIcon, Picture: desk.Picture{Version: "v", Type: "image/png", Width: 2, Height: 2}, Bytes: []byte{0, 255, 137}}),
			tx.Files().Add(desk.File{ID: "f", Post: "r1", Type: "image/png"}, []byte{0, 255, 137}), tx.Files().PutUpload(upload("bo@acme.example", "g", "issues/i1")),
			tx.Phrases().Put(desk.Phrase{ID: "p", Desk: "help", Language: "en", Name: "Router", Text: "Hello {name}", Changed: t0}),
			tx.Views().Put(desk.SavedView{ID: "v", Owner: desk.ViewsOfDesk("help"), Name: "Bills", List: "open", Search: "bill", Changed: t0}),
			tx.Remarks().Put(desk.Remark{ID: "n", About: ana, Text: "Calls at night.", Agent: "bo@acme.example", At: t0}),
			tx.Withdrawals().Put(store.Withdrawal{Hash: "w", Domain: "d", At: t0, Expires: at(1)}),
			second(tx.Jobs().Add(dead)), second(tx.Jobs().Add(job("z", "x", 3))), second(tx.Jobs().Add(job("m", "x", 1))),
			second(tx.Jobs().Add(job("free", "", 2))), second(tx.Jobs().Add(other)), second(tx.Jobs().Add(job("k", "x", 0))),
		} {
			noError(t, err)
		}
		_, _, err := tx.Once().Put("key", []byte{0, 255}, at(9))
		return err
	})
	held := lease(t, s, 0, 100, 1)
	same(t, "leased", names(held, jobID), []string{"dead"})
	does(t, s, "buried", true, func(js store.Jobs) (bool, error) { return js.Bury("dead", held[0].Lease, at(1), "gave up") })
	same(t, "under way", names(lease(t, s, 3, 100, 1), jobID), []string{"free"})
}

// export reads everything, in the order in which it can be loaded.
func export(t testing.TB, s store.Store) (all []store.Record) {
	t.Helper()
	view(t, s, func(tx store.Tx) error {
		counts, err := tx.Records().Counts()
		noError(t, err)
		for _, kind := range store.RecordKinds() {
			rs := paged(t, 2, func(p store.Page) ([]store.Record, string, error) { return tx.Records().List(kind, p) })
			same(t, "count of "+string(kind), counts[kind], len(rs))
			all = append(all, rs...)
		}
		return nil
	})
	return all
}

// load loads exported records.
func load(t testing.TB, s store.Store, rs []store.Record) {
	t.Helper()
	for some := range slices.Chunk(rs, 7) {
		update(t, s, func(tx store.Tx) error {
			for _, r := range some {
				if err := tx.Records().Put(r); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// lines makes records readable.
func lines(rs []store.Record) []string {
	return names(rs, func(r store.Record) string { return string(r.Kind) + " " + string(r.JSON) })
}

// testRecords: exported records can be loaded, once or twice and with their
// jobs in any order; they are the same then, and work as before.
func testRecords(t *testing.T, open func(testing.TB) store.Store) {
	from := twice{opened(t, open)}
	populate(t, from)
	want := export(t, from)
	for _, kind := range store.RecordKinds() {
		if !slices.ContainsFunc(want, func(r store.Record) bool { return r.Kind == kind }) {
			t.Errorf("no record of kind %q", kind)
		}
	}
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	for _, loads := range [][][]store.Record{{want}, {want, want}, {backwards}, {backwards, want}} {
		to := twice{opened(t, open)}
		for _, rs := range loads {
			load(t, to, rs)
		}
		same(t, "loaded", lines(export(t, to)), lines(want))
		loadedWorks(t, to)
	}
}

// loadedWorks uses indexes, counters, lanes and sequences of the loaded
// records.
func loadedWorks(t *testing.T, s store.Store) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		is := all(t, func(p store.Page) ([]desk.Issue, string, error) {
			return tx.Issues().List(store.IssueFilter{Desk: "other", NeedsUs: true}, p)
		})
		same(t, "issues", names(is, issueID), []string{"i1"})
		found, _, err := tx.Terms().Search([]string{"lin"}, store.Page{})
		noError(t, err)
		same(t, "search", len(found), 1)
		n, err := tx.Follows().Count("help")
		noError(t, err)
		same(t, "followers", n, 2)
		n, err = tx.Quarantine().Count()
		noError(t, err)
		same(t, "quarantined", n, 2)
		counts, err := tx.Jobs().Counts()
		noError(t, err)
		same(t, "jobs", counts[store.QueueDeliver], store.QueueCount{Waiting: 4, Dead: 1})
		return second(tx.Jobs().Add(job("late", "x", 0)))
	})
	var order []string
	for range 5 {
		js := lease(t, s, 50, 99, 1)
		if len(js) == 0 {
			break
		}
		order = append(order, js[0].ID)
		does(t, s, "done", true, func(jobs store.Jobs) (bool, error) { return jobs.Done(js[0].ID, js[0].Lease) })
	}
	// The lease of "free" was not carried; lane x is z, m, k, late.
	same(t, "order", order, []string{"free", "z", "m", "k", "late"})
}

// testRecordShapes: the shapes that are not those of a type of desk or store.
func testRecordShapes(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		noError(t, tx.Meta().Put("k", "v<"))
		noError(t, tx.Terms().Set("p", "i", []string{"b", "a", "b"}))
		_, _, err := tx.Once().Put("o", []byte("x"), t0)
		noError(t, err)
		noError(t, second(tx.Jobs().Add(store.Job{ID: "free", Queue: store.QueueFetch, Due: t0, Added: t0})))
		return second(tx.Jobs().Add(store.Job{ID: "lane", Queue: store.QueueFetch, Lane: "l", Due: t0, Added: t0, Payload: []byte("x")}))
	})
	var place struct {
		Place int `json:"place"`
	}
	rs := export(t, s)
	noError(t, json.Unmarshal(rs[len(rs)-2].JSON, &place))
	if place.Place < 1 {
		t.Errorf("place %d", place.Place)
	}
	got := strings.Replace(strings.Join(lines(rs), "\n"), `"place":`+string(mustJSON(t, place.Place)), `"place":1`, 1)
	same(t, "records", got, strings.Join([]string{
		`meta {"Key":"k","Value":"v<"}`,
		`terms {"Post":"p","Issue":"i","Terms":["a","b"]}`,
		`job {"id":"free","queue":"fetch","due":"2026-03-01T12:00:00.123456Z","payload":null,"added":"2026-03-01T12:00:00.123456Z","attempts":0,"dead":false}`,
		`job {"id":"lane","queue":"fetch","lane":"l","due":"2026-03-01T12:00:00.123456Z","payload":"eA==","added":"2026-03-01T12:00:00.123456Z","attempts":0,"dead":false,"place":1}`,
		`once {"Key":"o","Value":"eA==","Expires":"2026-03-01T12:00:00.123456Z"}`,
	}, "\n"))
	for _, bad := range []store.Record{
		{Kind: "none", JSON: []byte("{}")}, {Kind: store.RecordPost, JSON: []byte("{")}, {Kind: store.RecordJob, JSON: []byte(`{"id":"j"}`)},
		{Kind: store.RecordJob, JSON: []byte(`{"id":"j","queue":"fetch","lane":"l"}`)}, {Kind: store.RecordJob, JSON: []byte(`{"id":"j","queue":"fetch","place":3}`)},
	} {
		if err := s.Update(t.Context(), newOp(), func(tx store.Tx) error { return tx.Records().Put(bad) }); err == nil || errors.Is(err, store.ErrText) {
			t.Errorf("%s %s: %v", bad.Kind, bad.JSON, err)
		}
	}
	err := s.Update(t.Context(), newOp(), func(tx store.Tx) error {
		return tx.Records().Put(store.Record{Kind: store.RecordMeta, JSON: []byte(`{"Key":"a\u0000","Value":""}`)})
	})
	if !errors.Is(err, store.ErrText) {
		t.Errorf("NUL in a record: %v", err)
	}
	if _, _, err := exportKind(t, s, "none"); err == nil {
		t.Error("records of no kind were listed")
	}
}

func exportKind(t testing.TB, s store.Store, kind store.RecordKind) (rs []store.Record, next string, err error) {
	err = s.View(t.Context(), func(tx store.Tx) error {
		rs, next, err = tx.Records().List(kind, store.Page{})
		return err
	})
	return rs, next, err
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	noError(t, err)
	return b
}

// Move checks that one backend loads the records that another exports, and
// exports the same.
func Move(t *testing.T, from, to func(testing.TB) store.Store) {
	source, target := twice{opened(t, from)}, twice{opened(t, to)}
	populate(t, source)
	want := export(t, source)
	load(t, target, want)
	same(t, "loaded", lines(export(t, target)), lines(want))
	loadedWorks(t, target)
}
