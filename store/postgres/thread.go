package postgres

import (
	"github.com/jackc/pgx/v5"

	"earshot/internal/desk"
	"earshot/store"
)

// inPart are the conditions of the parts of a timeline.
var inPart = map[store.ThreadPart]string{store.ThreadMain: "not third", store.ThreadThird: "third", store.ThreadReplies: "reply"}

// thread makes the statement that reads columns of a part of a timeline, the
// newest first.
func (s events) thread(q store.ThreadQuery, columns string, limit int) (sql string, args []any, err error) {
	sql, args = "select "+columns+" from events where issue = $1 and "+inPart[q.Part], []any{ordered(q.Issue)}
	if q.Before != "" {
		before, ok, err := s.Get(q.Before)
		if err != nil {
			return "", nil, err
		}
		if !ok {
			return "", nil, store.ErrCursor
		}
		sql, args = sql+" and (at, id) < ($2, $3)", append(args, before.At, ordered(before.ID))
	}
	args = append(args, limit)
	return sql + " order by at desc, id desc limit " + parameters(len(args), 1), args, nil
}

func (s events) Thread(q store.ThreadQuery) (out []store.ThreadEntry, older bool, err error) {
	most := store.Page{Limit: q.Limit}.Size()
	sql, args, err := s.thread(q, "record", most+1)
	if err != nil {
		return nil, false, err
	}
	var sizes []int
	err = s.each(sql, args, func(rows pgx.Rows) error {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return s.failed(wrap(err))
		}
		e, err := eventsTable.decode(raw)
		out, sizes = append(out, store.ThreadEntry{Event: e}), append(sizes, len(raw))
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if !q.Bare {
		if err := s.addPostSizes(out, sizes); err != nil {
			return nil, false, err
		}
	}
	n := fitting(sizes[:min(len(sizes), most)], q.Bytes)
	older, out = n < len(out), out[:n]
	if !q.Bare {
		err = s.addPosts(out)
	}
	return out, older, err
}

// fitting is how many of some sizes fit, one at least.
func fitting(sizes []int, bytes int) int {
	sum := 0
	for n, size := range sizes {
		if sum += size; bytes > 0 && n > 0 && sum > bytes {
			return n
		}
	}
	return len(sizes)
}

// postKeys are the keys of the posts of some entries.
func postKeys(entries []store.ThreadEntry) (keys [][]byte) {
	for _, e := range entries {
		if e.Event.Post != "" {
			keys = append(keys, ordered(e.Event.Post))
		}
	}
	return keys
}

// addPostSizes adds the sizes of the posts of some entries, without reading them.
func (s events) addPostSizes(entries []store.ThreadEntry, sizes []int) error {
	of := map[string]int{}
	err := s.each("select id, octet_length(record::text) from posts where id = any($1)", []any{postKeys(entries)}, func(rows pgx.Rows) error {
		var id []byte
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return s.failed(wrap(err))
		}
		of[string(id)] = n
		return nil
	})
	for n, e := range entries {
		sizes[n] += of[string(ordered(e.Event.Post))]
	}
	return err
}

// addPosts reads the posts of some entries.
func (s events) addPosts(entries []store.ThreadEntry) error {
	all, err := postsTable.all(s.tx, "select record from posts where id = any($1)", postKeys(entries))
	of := map[desk.PostID]*desk.Post{}
	for n := range all {
		of[all[n].ID] = &all[n]
	}
	for n := range entries {
		entries[n].Post = of[entries[n].Event.Post]
	}
	return err
}

func (s events) CountThread(q store.ThreadQuery) (n store.ThreadCount, err error) {
	sql, args, err := s.thread(q, "speaker", store.MaxCounted)
	if err != nil {
		return n, err
	}
	_, err = s.one("select count(*), count(distinct speaker) from ("+sql+") e", args, &n.Entries, &n.Accounts)
	return n, err
}
