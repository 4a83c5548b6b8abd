package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"earshot/internal/desk"
	"earshot/store/internal/layout"
)

// formatBucket says which format a file has. Its name marks our files.
const formatBucket = "earshot"

var versionKey = []byte("version")

// migration brings a file to one version from the one before.
type migration struct {
	name  string
	apply func(*bbolt.Tx) error
}

// migrations lists every step; the n-th leads to version n. Steps are never
// changed once released: what a step makes is written out in it, not taken
// from the present layout.
var migrations = []migration{
	{"first layout", createFirstLayout},
	{"agents, credentials, grants, acts and changes", createAccounts},
	{"lists of assigned issues", listAssigned},
	{"quarantine", createQuarantine},
	{"colleagues mentioned in comments, and posts from sources by the hour", newMembers},
	{"what an undo needs to know, how long posts may be elsewhere, why a reply was withheld", newMembers},
	{"what happened as a note with its parts, and by which two keys an issue was heard", newMembers},
	{"the tags of desks as they are written", newMembers},
	{"withdrawals", createWithdrawals},
	{"addresses that desks had before", newMembers},
	{"parts of timelines, with third persons apart; the post above those that are held back", listThreads},
	{"complaints of other servers", createFlags},
	{"drafts", createDrafts},
	{"the warnings of posts, who may comment, and the software of servers", newMembers},
	{"issues that are parts of others, and the copies of their replies", newMembers},
	{"incidents", createIncidents},
	{"every kind of source", newMembers},
	{"how the voices of incidents are told", createRounds},
	{"the room that open issues take", newMembers},
	{"the search index in blocks", createBlocks},
	{"destinations", createDestinations},
	{"alerts, services of desks, and updates of planned work that go out by themselves", newMembers},
	{"phrases, remarks about people, time zones of agents", createPhrases},
	{"piles", createPiles},
	{"the choices that drafts keep", newMembers},
	{"piles of reports that are held back", pileHeldBack},
	{"short records, and the load of a desk apart from the reports on its rows", newMembers},
	{"browsers and mail as destinations", newMembers},
	{"snoozed issues", newMembers},
	{"pictures, colours and links of desks", createPictures},
	{"saved views", createViews},
	{"files of our posts", createFiles},
	{"the bytes of files apart", splitFiles},
	{"when a pile was read, the rota of desks, and whose turn it is", newMembers},
	{"the desks of agents, and replies that wait for a colleague", newMembers},
}

// migrate applies the missing steps, each in a transaction with its number.
func migrate(db *bbolt.DB, path string, steps []migration, log *slog.Logger) error {
	version, err := fileVersion(db, path)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("bolt: %s was written by a newer earshot (format %d, this one knows up to %d): run that version, or restore a backup from before the upgrade", path, version, len(steps))
	}
	if version < len(steps) && db.IsReadOnly() {
		return fmt.Errorf("bolt: %s has the older format %d and is opened for reading only: start the server once to bring it to %d", path, version, len(steps))
	}
	for ; version < len(steps); version++ {
		step := steps[version]
		err := db.Update(func(tx *bbolt.Tx) error {
			if err := step.apply(tx); err != nil {
				return err
			}
			b, err := tx.CreateBucketIfNotExists([]byte(formatBucket))
			if err != nil {
				return err
			}
			return b.Put(versionKey, binary.BigEndian.AppendUint64(nil, uint64(version+1)))
		})
		if err != nil {
			return openError(path, fmt.Errorf("migration %d (%s): %w", version+1, step.name, err))
		}
		log.Info("store migrated", "version", version+1, "name", step.name)
	}
	return nil
}

// fileVersion reads a file's version, 0 for an empty file.
func fileVersion(db *bbolt.DB, path string) (version int, err error) {
	err = db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(formatBucket))
		if b == nil {
			if k, _ := tx.Cursor().First(); k != nil {
				return fmt.Errorf("bolt: %s is some other program's file", path)
			}
			return nil
		}
		v := b.Get(versionKey)
		if len(v) != 8 {
			return errors.New("bolt: the file's version is damaged")
		}
		version = int(binary.BigEndian.Uint64(v))
		return nil
	})
	return version, err
}

// createFirstLayout makes the buckets of version 1.
func createFirstLayout(tx *bbolt.Tx) error {
	return createBuckets(tx,
		"counters", "sequences",
		"meta", "desks", "keys", "actors",
		"issues", "issues.report", "issues.broadcast", "issues.reporter", "issues.status", "issues.answered",
		"posts", "posts.object", "posts.context", "posts.issue", "posts.author", "posts.answers", "posts.outbox", "posts.broadcasts",
		"events", "events.issue",
		"terms", "terms.term", "terms.issue",
		"follows", "documents", "deliveries",
		"jobs", "jobs.lane", "jobs.ready", "jobs.list", "jobs.payload",
		"once", "once.expires",
		"sources", "sources.actor", "sources.created",
		"sightings", "blocks", "optouts", "hosts",
	)
}

// createAccounts makes the buckets of version 2.
func createAccounts(tx *bbolt.Tx) error {
	return createBuckets(tx,
		"agents", "agents.id", "credentials",
		"grants", "grants.kind", "grants.agent", "grants.expires",
		"acts", "acts.at", "acts.agent", "acts.on",
		"changes", "changes.at",
	)
}

// listAssigned puts issues on the lists of their assignees.
func listAssigned(tx *bbolt.Tx) error {
	status, answered := tx.Bucket([]byte("issues.status")), tx.Bucket([]byte("issues.answered"))
	return tx.Bucket([]byte("issues")).ForEach(func(k, v []byte) error {
		var i desk.Issue
		if err := json.Unmarshal(v, &i); err != nil || i.Assignee == "" {
			return err
		}
		list := key(nil).text("=" + string(i.Assignee))
		if err := status.Put(slices.Clone(list).text(string(i.Status)).raw(issueOrder(&i)), k); err != nil || !i.NeedsUs {
			return err
		}
		return answered.Put(list.raw(issueOrder(&i)), k)
	})
}

// listThreads lists the parts of timelines. What others than the reporter said
// after the issue was opened was said by third persons; but before the reporter
// moved, they had another account.
func listThreads(tx *bbolt.Tx) error {
	if err := createBuckets(tx, "events.thread"); err != nil {
		return err
	}
	parts, issues, events := tx.Bucket([]byte("events.thread")), tx.Bucket([]byte("issues")), tx.Bucket([]byte("events"))
	moved := map[desk.IssueID]time.Time{}
	if err := events.ForEach(func(_, v []byte) error {
		var e desk.Event
		if err := json.Unmarshal(v, &e); err != nil {
			return err
		}
		if e.Note == desk.NoteMoved && e.At.After(moved[e.Issue]) {
			moved[e.Issue] = e.At
		}
		return nil
	}); err != nil {
		return err
	}
	changed := map[string][]byte{}
	if err := events.ForEach(func(k, v []byte) error {
		var e desk.Event
		if err := json.Unmarshal(v, &e); err != nil {
			return err
		}
		said := e.Kind == desk.KindPost || e.Kind == desk.KindEdit || e.Kind == desk.KindDelete
		if said && e.Actor != "" {
			var i desk.Issue
			if raw := issues.Get(key(nil).text(string(e.Issue))); raw != nil {
				if err := json.Unmarshal(raw, &i); err != nil {
					return err
				}
			}
			e.Third = i.Reporter != "" && e.Actor != i.Reporter && e.At.After(i.OpenedAt) && e.At.After(moved[e.Issue])
		}
		part, value := "main", []byte{0}
		if e.Third {
			part, value = "third", key(nil).text(string(e.Actor))
			raw, err := layout.Encode(&e)
			if err != nil {
				return err
			}
			changed[string(k)] = raw
		}
		at := func(part string) key { return key(nil).text(string(e.Issue)).text(part).time(e.At).raw(k) }
		if e.Kind == desk.KindReply {
			if err := parts.Put(at("replies"), value); err != nil {
				return err
			}
		}
		return parts.Put(at(part), value)
	}); err != nil {
		return err
	}
	for k, raw := range changed {
		if err := events.Put([]byte(k), raw); err != nil {
			return err
		}
	}
	return nil
}

func createBuckets(tx *bbolt.Tx, names ...string) error {
	for _, name := range names {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("making bucket %s: %w", name, err)
		}
	}
	return nil
}

// newMembers is a step of formats whose records have members that those before
// did not know, and would drop, or mean more than they did: it only ends the
// older programs.
func newMembers(*bbolt.Tx) error { return nil }

// createQuarantine makes the buckets of posts that are held back.
func createQuarantine(tx *bbolt.Tx) error {
	return createBuckets(tx, "quarantine", "quarantine.since", "quarantine.host", "quarantine.actor", "standings", "standings.expires")
}

// createFlags makes the buckets of complaints of other servers.
func createFlags(tx *bbolt.Tx) error { return createBuckets(tx, "flags", "flags.sender") }

// createDrafts makes the bucket of texts that are not sent yet.
func createDrafts(tx *bbolt.Tx) error { return createBuckets(tx, "drafts") }

// createIncidents makes the buckets of incidents. Issues and posts name theirs.
func createIncidents(tx *bbolt.Tx) error { return createBuckets(tx, "incidents", "incidents.state") }

// createRounds makes the buckets of rounds and of the voices in them.
func createRounds(tx *bbolt.Tx) error {
	return createBuckets(tx, "rounds", "rounds.incident", "roundvoices", "roundvoices.state")
}

// createPiles makes the buckets of piles. Issues name theirs; those of before stand in
// none.
func createPiles(tx *bbolt.Tx) error { return createBuckets(tx, "piles", "piles.since") }

// pileHeldBack lists the reports that are held back by their reason.
func pileHeldBack(tx *bbolt.Tx) error {
	if err := createBuckets(tx, "quarantine.flood", "quarantine.dropped"); err != nil {
		return err
	}
	byFlood := tx.Bucket([]byte("quarantine.flood"))
	return tx.Bucket([]byte("quarantine")).ForEach(func(k, raw []byte) error {
		var q struct {
			Author struct{ ID desk.ActorID }
			Post   struct{ Language string }
			Flood  string
			Since  time.Time
		}
		if err := json.Unmarshal(raw, &q); err != nil {
			return err
		}
		if q.Flood == "" {
			q.Flood = "person"
		}
		if len(q.Post.Language) > 35 {
			q.Post.Language = ""
		}
		return byFlood.Put(key(nil).text(q.Flood).time(q.Since).raw(k).text(string(q.Author.ID.Host())).text(q.Post.Language), k)
	})
}

// createBlocks makes the buckets of the search index in blocks. Posts come into them
// when they are indexed again; until then their rows are searched too.
func createBlocks(tx *bbolt.Tx) error { return createBuckets(tx, "terms.blocks", "terms.posts") }

// createDestinations makes the buckets of the places outside that are notified.
func createDestinations(tx *bbolt.Tx) error {
	return createBuckets(tx, "destinations", "destinations.agent", "notifications")
}

// createPhrases makes the buckets of phrases and of remarks about people.
func createPhrases(tx *bbolt.Tx) error { return createBuckets(tx, "phrases", "remarks") }

// createPictures makes the bucket of the pictures of desks.
func createPictures(tx *bbolt.Tx) error { return createBuckets(tx, "pictures") }

// createFiles makes the buckets of the files of our posts, and of those that are not sent
// yet.
func createFiles(tx *bbolt.Tx) error { return createBuckets(tx, "files", "uploads") }

// createViews makes the bucket of saved views.
func createViews(tx *bbolt.Tx) error { return createBuckets(tx, "views") }

// createWithdrawals makes the buckets of activities and posts that are taken
// back before they arrive.
func createWithdrawals(tx *bbolt.Tx) error {
	return createBuckets(tx, "withdrawals", "withdrawals.at", "withdrawals.domain", "withdrawals.expires")
}
