package bolt

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"earshot/internal/desk"
)

// A block is a part of the list of a term: issues, by id, each with how many of its
// posts have the term. An id that is a UUID takes 16 bytes, less those that it shares
// with the one before; a count takes room above 1 only.
//
// The first block of a term is under the term alone; later ones are under the term and
// an id: all of their ids come at or after that, and before that of the next block.
const blocksBucket = "terms.blocks"

// maxBlock is the size of a block, in bytes, above which it is divided.
const maxBlock = 512

// posting is one entry of a block.
type posting struct {
	issue string // packed, see packID
	posts uint64 // at least 1
}

var errBlock = errors.New("bolt: a block of the search index is damaged")

// The kinds of packed ids.
const (
	kindUUID = 'u'
	kindText = 't'
)

// usualEntry is how many bytes an entry takes, about.
const usualEntry = 12

// packID makes an id short: 'u' and 16 bytes for a UUID in its usual form, else 't'
// and the text.
func packID(id string) string {
	var b [17]byte
	if len(id) == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' && strings.ToLower(id) == id {
		plain := id[:8] + id[9:13] + id[14:18] + id[19:23] + id[24:]
		if n, err := hex.Decode(b[1:], []byte(plain)); err == nil && n == 16 {
			b[0] = kindUUID
			return string(b[:])
		}
	}
	return string(kindText) + id
}

func unpackID(p string) string {
	if p[0] != kindUUID {
		return p[1:]
	}
	h := hex.EncodeToString([]byte(p[1:]))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// compareIDs compares packed ids as their texts compare.
func compareIDs(a, b string) int {
	if a[0] == b[0] {
		return strings.Compare(a, b)
	}
	return strings.Compare(unpackID(a), unpackID(b))
}

// What the first byte of an entry says, beside how many bytes of its id are those of
// the entry before.
const (
	entryMany   = 0x80 // a count follows the id
	entryText   = 0x40 // the id is a text: its length comes first
	entryShared = 0x3f
)

func encodeBlock(list []posting) []byte {
	out := make([]byte, 0, (1+len(list))*usualEntry)
	before := ""
	for _, p := range list {
		shared := 0
		for before != "" && before[0] == p.issue[0] && shared < min(len(before)-1, len(p.issue)-1, entryShared) && before[1+shared] == p.issue[1+shared] {
			shared++
		}
		head := byte(shared)
		rest := p.issue[1+shared:]
		if p.posts > 1 {
			head |= entryMany
		}
		if p.issue[0] == kindText {
			head |= entryText
			out = binary.AppendUvarint(append(out, head), uint64(len(rest)))
		} else {
			out = append(out, head)
		}
		if out = append(out, rest...); p.posts > 1 {
			out = binary.AppendUvarint(out, p.posts)
		}
		before = p.issue
	}
	return out
}

func decodeBlock(b []byte) (list []posting, err error) {
	if len(b) > 0 {
		list = make([]posting, 0, 2+len(b)/usualEntry) // one may be added
	}
	before := ""
	for len(b) > 0 {
		head := b[0]
		b = b[1:]
		kind, size, shared := string(kindUUID), uint64(16), int(head&entryShared)
		if head&entryText != 0 {
			kind = string(kindText)
			if size, b, err = cutNumber(b); err != nil {
				return nil, err
			}
		} else if shared > 16 {
			return nil, errBlock
		} else {
			size -= uint64(shared)
		}
		if size > uint64(len(b)) || shared > 0 && (before == "" || before[:1] != kind || shared >= len(before)) {
			return nil, errBlock
		}
		start := kind
		if shared > 0 {
			start = before[:1+shared]
		}
		p := posting{issue: start + string(b[:size]), posts: 1}
		if b = b[size:]; head&entryMany != 0 {
			if p.posts, b, err = cutNumber(b); err != nil {
				return nil, err
			}
		}
		if p.posts == 0 || before != "" && compareIDs(before, p.issue) >= 0 {
			return nil, errBlock
		}
		list, before = append(list, p), p.issue
	}
	return list, nil
}

func cutNumber(b []byte) (n uint64, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 {
		return 0, nil, errBlock
	}
	return n, b[size:], nil
}

// find returns where an issue is in a block, or would be.
func find(list []posting, issue string) (at int, there bool) {
	return slices.BinarySearchFunc(list, issue, func(p posting, id string) int { return compareIDs(p.issue, id) })
}

// rawBlock reads the block of a term in which an issue is, or would be. Without one it is
// the first, and empty.
func (s terms) rawBlock(term string, issue desk.IssueID) (k key, block []byte, err error) {
	b, err := s.bucket(blocksBucket)
	if err != nil {
		return nil, nil, err
	}
	want := key(nil).text(term)
	of := len(want)
	want = want.raw(issueKey(issue))
	at, v := lastUpTo(b, want)
	if !bytes.HasPrefix(at, want[:of]) {
		return want[:of:of], nil, nil
	}
	return bytes.Clone(at), v, nil
}

func (s terms) block(term string, issue desk.IssueID) (key, []posting, error) {
	k, v, err := s.rawBlock(term, issue)
	if err != nil {
		return nil, nil, err
	}
	list, err := decodeBlock(v)
	return k, list, err
}

// has says whether any post of an issue has a term.
func (s terms) has(term string, issue desk.IssueID) (bool, error) {
	_, list, err := s.block(term, issue)
	_, there := find(list, packID(string(issue)))
	return there, err
}

// appended returns a block with an issue behind its others, as encodeBlock would; false
// if it does not come behind them, or a block is not of UUIDs only. Most issues with a
// term are new, and a block need not be taken apart for them.
func appended(block []byte, id string) ([]byte, bool) {
	if id[0] != kindUUID || len(block) == 0 {
		return nil, false
	}
	var last [16]byte
	for b := block; len(b) > 0; {
		head := b[0]
		shared := int(head & entryShared)
		if head&entryText != 0 || shared >= len(last) || len(b) < 1+len(last)-shared {
			return nil, false
		}
		copy(last[shared:], b[1:])
		b = b[1+len(last)-shared:]
		if head&entryMany != 0 {
			_, rest, err := cutNumber(b)
			if err != nil {
				return nil, false
			}
			b = rest
		}
	}
	if string(last[:]) >= id[1:] {
		return nil, false
	}
	shared := 0
	for last[shared] == id[1+shared] {
		shared++
	}
	out := append(make([]byte, 0, len(block)+1+len(last)), block...)
	return append(append(out, byte(shared)), id[1+shared:]...), true
}

// count adds one to the posts of an issue that have a term, or takes one off.
func (s terms) count(term string, issue desk.IssueID, more bool) error {
	k, old, err := s.rawBlock(term, issue)
	if err != nil {
		return err
	}
	id := packID(string(issue))
	if more {
		v, last := appended(old, id)
		switch {
		case last && len(v) <= maxBlock:
			return s.replace(blocksBucket, k, old, v)
		case last: // ids ascend: the full block stays full
			return s.put(blocksBucket, blockKey(term, id), encodeBlock([]posting{{id, 1}}))
		}
	}
	list, err := decodeBlock(old)
	if err != nil {
		return err
	}
	return s.recount(term, k, list, id, more)
}

// recount is count for a block that was taken apart.
func (s terms) recount(term string, k key, list []posting, id string, more bool) error {
	at, there := find(list, id)
	last := at == len(list)
	switch {
	case more && there:
		list[at].posts++
	case more:
		list = slices.Insert(list, at, posting{id, 1})
	case !there:
		return errBlock
	case list[at].posts > 1:
		list[at].posts--
	default:
		list = slices.Delete(list, at, at+1)
	}
	if len(list) == 0 {
		return s.delete(blocksBucket, k)
	}
	v := encodeBlock(list)
	if len(v) <= maxBlock || len(list) < 2 {
		return s.put(blocksBucket, k, v)
	}
	cut := len(list) / 2
	if last { // ids ascend: the full block stays full
		cut = len(list) - 1
	}
	if err := s.put(blocksBucket, k, encodeBlock(list[:cut])); err != nil {
		return err
	}
	return s.put(blocksBucket, blockKey(term, list[cut].issue), encodeBlock(list[cut:]))
}

// blockKey is the key of a later block, which begins with an id.
func blockKey(term, id string) key {
	return key(nil).text(term).raw(issueKey(desk.IssueID(unpackID(id))))
}
