package postgres

import (
	"fmt"
	"strings"
)

// seen are the records that a transaction has read by their keys, by table. It reads none
// of them twice: its snapshot does not change, but by its own writes.
type seen map[string]map[string][]byte

// maxSeen is how many records of a table are remembered.
const maxSeen = 256

// of is what a query found; nil: no record.
func (s *seen) of(table, query string) (raw []byte, known bool) {
	if s != nil {
		raw, known = (*s)[table][query]
	}
	return raw, known
}

// keep remembers what a query found.
func (s *seen) keep(table, query string, raw []byte) {
	if s == nil {
		return
	}
	records := (*s)[table]
	if records == nil || len(records) >= maxSeen {
		records = map[string][]byte{}
		(*s)[table] = records
	}
	records[query] = raw
}

// changed forgets the table that a statement writes to; all, if it is not clear which.
func (s *seen) changed(sql string) {
	if s == nil {
		return
	}
	for _, begin := range []string{"insert into ", "update ", "delete from "} {
		if rest, ok := strings.CutPrefix(sql, begin); ok {
			table, _, _ := strings.Cut(rest, " ")
			delete(*s, table)
			return
		}
	}
	clear(*s)
}

// asked names a query with its arguments.
func asked(sql string, args []any) string {
	b := []byte(sql)
	for _, a := range args {
		switch a := a.(type) {
		case []byte:
			b = fmt.Appendf(b, "\x00%d:%s", len(a), a)
		default:
			b = fmt.Appendf(b, "\x00%T:%v", a, a)
		}
	}
	return string(b)
}
