package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	loadRemembered = 40 * 24 * time.Hour // longer than its history
	pilesAtOnce    = 20                  // piles of a desk that may take in a report
	pilesMost      = 8                   // of these, that are of one kind: further reports stand on rows or among the others
	pileLearns     = 120                 // reports from which the words of a pile are learned
	pileTries      = 4                   // after so many reports unlike all piles they are compared with each other
)

// loadKey and rowsKey name a desk's load, and the reports on rows that count in it.
func loadKey(h desk.Handle) string { return "load:" + string(h) }
func rowsKey(h desk.Handle) string { return "rows:" + string(h) }

// load reads how much has come to a desk, as of now.
func (t *Tx) load(h desk.Handle) (l desk.Load, err error) {
	if err := t.recall(loadKey(h), &l); err != nil {
		return l, fmt.Errorf("reading the load of a desk: %w", err)
	}
	l.Pass(t.Now)
	return l, nil
}

func (t *Tx) keepLoad(h desk.Handle, l desk.Load) error {
	return t.rememberDays(loadKey(h), l)
}

// rows reads the reports on rows that may come into a pile, as of now.
func (t *Tx) rows(h desk.Handle, l desk.Load) (r desk.LoadRows, err error) {
	if err := t.recall(rowsKey(h), &r); err != nil {
		return r, fmt.Errorf("reading the unread reports of a desk: %w", err)
	}
	return r.Pass(l, t.Now), nil
}

func (t *Tx) recall(key string, out any) error {
	raw, ok, err := t.Once().Get(key)
	if err != nil || !ok {
		return err
	}
	return json.Unmarshal(raw, out)
}

// rememberDays stores a value until a midnight: one that is written again and again stays
// in its place in the list of times.
func (t *Tx) rememberDays(key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.Once().Set(key, raw, t.Now.Add(loadRemembered).Truncate(24*time.Hour))
}

// stand decides whether a new issue stands on a row of the list or in a pile. Who is
// known here, and who answers us, stands on a row.
func (t *Tx) stand(i *desk.Issue, report desk.Post, released bool) error {
	l, err := t.load(i.Desk)
	if err != nil {
		return err
	}
	lately := l.Lately(t.Now)
	full := l.Full(t.Now)
	if full && !lately { // once for each outbreak
		if err := t.Changes().Add(store.Change{ID: t.NewID(), At: t.Now, Kind: store.ChangeSurge, Desks: []desk.Handle{i.Desk}}); err != nil {
			return err
		}
	}
	stays := released || i.Heard != desk.HeardMention && i.Heard != desk.HeardTags
	if !stays {
		earlier, _, err := t.Issues().ByReporter(i.Reporter, store.Page{Limit: 1})
		if err != nil {
			return err
		}
		stays = len(earlier) > 0
	}
	if stays {
		l.Stand(t.Now)
		return t.keepLoad(i.Desk, l)
	}
	c := crowding{Tx: t, of: i.Desk, load: &l, full: full}
	if l.Lately(t.Now) {
		if i.Pile, err = c.pile(*i, report); err != nil {
			return err
		}
	}
	if i.Pile != "" {
		l.Pile(t.Now)
	} else {
		l.Stand(t.Now)
		rows, err := c.rows()
		if err != nil {
			return err
		}
		c.keepRows(rows.Add(desk.LoadRow{Issue: i.ID, At: t.Now, Odd: full}, &l))
	}
	return c.keep()
}

// crowding finds the pile of a report while there are too many.
type crowding struct {
	*Tx
	of    desk.Handle
	load  *desk.Load
	full  bool // now, not only lately
	known alike.Known
	piles []desk.Pile // that go on

	onRows  desk.LoadRows
	fetched bool // onRows
	changed bool
}

// rows are the reports on rows that may come into a pile. Most reports need none of them.
func (c *crowding) rows() (desk.LoadRows, error) {
	if c.fetched {
		return c.onRows, nil
	}
	r, err := c.Tx.rows(c.of, *c.load)
	c.onRows, c.fetched = r, err == nil
	return r, err
}

func (c *crowding) keepRows(r desk.LoadRows) { c.onRows, c.changed = r, true }

// keep stores what has changed.
func (c *crowding) keep() error {
	if c.changed {
		if err := c.rememberDays(rowsKey(c.of), c.onRows); err != nil {
			return err
		}
	}
	return c.keepLoad(c.of, *c.load)
}

// pile is the pile of a report; "": it stands on a row.
func (c *crowding) pile(i desk.Issue, report desk.Post) (desk.PileID, error) {
	d, err := c.anyDesk(i.Desk)
	if err != nil {
		return "", err
	}
	c.known = alike.Known{Names: d.Names, Calls: d.Calls, Services: d.Services, Since: c.Now.Add(-suggestSince), Now: c.Now}
	piles, _, err := c.Piles().List(store.PileFilter{Desk: i.Desk}, store.Page{Limit: pilesAtOnce})
	if err != nil {
		return "", err
	}
	c.piles = slices.DeleteFunc(piles, func(p desk.Pile) bool { return !p.GoesOn(c.Now) })
	r := c.read(i, report)
	words := alike.Words(r, c.known)
	if p := likest(c.piles, words); p != nil {
		return p.ID, c.learn(*p)
	}
	if !c.full {
		return "", nil
	}
	if len(words) > 0 {
		c.load.Unlike++
		if c.load.Unlike%pileTries == 1 {
			if id, err := c.form(i.Desk, r, pilesMost-alikes(c.piles)); err != nil || id != "" {
				return id, err
			}
		}
		if c.load.OddRoom() {
			return "", nil
		}
	}
	if p := c.pileOfOthers(); p != "" {
		return p, nil
	}
	return c.others(i.Desk)
}

// pileOfOthers is the pile of others that goes on, "" before it is made.
func (c *crowding) pileOfOthers() desk.PileID {
	for _, p := range c.piles {
		if p.Others {
			return p.ID
		}
	}
	return ""
}

// others makes the pile of others. Reports on rows that say nothing come into it too.
func (c *crowding) others(h desk.Handle) (desk.PileID, error) {
	issues, reports, err := c.loose()
	if err != nil {
		return "", err
	}
	p := desk.Pile{ID: desk.PileID(c.NewID()), Desk: h, Others: true, Since: c.Now, Last: c.Now}
	if err := c.Piles().Put(p); err != nil {
		return "", err
	}
	for _, r := range reports {
		if len(alike.Words(r, c.known)) > 0 {
			continue
		}
		if err := c.move(issues[r.Issue], p.ID); err != nil {
			return "", err
		}
	}
	return p.ID, nil
}

// likest is the pile whose words a report says most, nil if it is like none.
func likest(piles []desk.Pile, words []string) (best *desk.Pile) {
	most := alike.Enough
	for n, p := range piles {
		if says := alike.Likeness(words, p.Weights); !p.Others && says >= most {
			best, most = &piles[n], says
		}
	}
	return best
}

// alikes counts the piles of reports that are alike.
func alikes(piles []desk.Pile) (n int) {
	for _, p := range piles {
		if !p.Others {
			n++
		}
	}
	return n
}

// form makes at most so many piles of the unread reports that are alike, the largest
// first, and returns that of r.
func (c *crowding) form(h desk.Handle, r alike.Report, most int) (mine desk.PileID, err error) {
	if most <= 0 {
		return "", nil
	}
	issues, reports, err := c.loose()
	if err != nil {
		return "", err
	}
	crowds := alike.Suggest(append(reports, r), c.known)
	for _, crowd := range crowds[:min(len(crowds), most)] {
		p := desk.Pile{ID: desk.PileID(c.NewID()), Desk: h, Since: crowd.Since, Last: c.Now}
		learned(&p, crowd)
		if err := c.Piles().Put(p); err != nil {
			return "", err
		}
		for _, id := range crowd.Issues {
			if id == r.Issue {
				mine = p.ID
			} else if err := c.move(issues[id], p.ID); err != nil {
				return "", err
			}
		}
	}
	return mine, nil
}

func learned(p *desk.Pile, crowd alike.Crowd) {
	p.Weights, p.Words = crowd.Weights, nil
	for _, w := range crowd.Words[:min(len(crowd.Words), desk.PileWords)] {
		p.Words = append(p.Words, w.Text)
	}
}

// loose are the unread issues on rows, and the last ones among the others, that may come
// into a pile.
func (c *crowding) loose() (issues map[desk.IssueID]desk.Issue, reports []alike.Report, err error) {
	var all []desk.Issue
	if id := c.pileOfOthers(); id != "" {
		if all, _, err = c.Issues().List(store.IssueFilter{Pile: id}, store.Page{Limit: desk.PileRecent}); err != nil {
			return nil, nil, err
		}
	}
	rows, err := c.rows()
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		i, ok, err := c.Issues().Get(row.Issue)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			all = append(all, i)
		}
	}
	issues = map[desk.IssueID]desk.Issue{}
	for _, i := range all {
		if !i.MayPile() {
			continue
		}
		r, err := c.comparable(i, true)
		if err != nil {
			return nil, nil, err
		}
		issues[i.ID] = i
		reports = append(reports, r)
	}
	return issues, reports, nil
}

// move puts an issue that stands elsewhere into a pile.
func (c *crowding) move(i desk.Issue, to desk.PileID) error {
	rows, err := c.rows()
	if err != nil {
		return err
	}
	if rows, row := rows.Leave(i.ID, c.load); row {
		c.keepRows(rows)
		c.load.Unstand(i.OpenedAt)
		c.load.Pile(c.Now)
	}
	i.Pile = to
	return c.Issues().Put(i)
}

// learn learns the words of a pile again when it has doubled, and takes in the loose
// reports that are like it by then.
func (c *crowding) learn(p desk.Pile) error {
	if !p.Learns() {
		return nil
	}
	members, _, err := c.Issues().List(store.IssueFilter{Pile: p.ID}, store.Page{Limit: pileLearns})
	if err != nil {
		return err
	}
	in := make([]alike.Report, 0, len(members))
	for _, i := range members {
		r, err := c.comparable(i, true)
		if err != nil {
			return err
		}
		in = append(in, r)
	}
	issues, others, err := c.loose()
	if err != nil {
		return err
	}
	p.Learned = p.Came
	if crowd := alike.Learn(in, others, c.known); len(crowd.Weights) > 0 {
		learned(&p, crowd)
	}
	if err := c.Piles().Put(p); err != nil {
		return err
	}
	for _, r := range others {
		if alike.Likeness(alike.Words(r, c.known), p.Weights) >= alike.Enough {
			if err := c.move(issues[r.Issue], p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// countPile counts an issue that came to stand in a pile, or left one.
func (t *Tx) countPile(before, after desk.Issue) error {
	was, is := before.InPile(), after.InPile()
	if was == is && (is == "" || before.Language == after.Language && before.Reporter == after.Reporter) {
		return nil
	}
	for _, one := range []struct {
		pile desk.PileID
		i    desk.Issue
		n    int
	}{{was, before, -1}, {is, after, 1}} {
		if one.pile == "" {
			continue
		}
		p, ok, err := t.Piles().Get(one.pile)
		if err != nil {
			return err
		}
		if !ok { // it expired, and one of its issues is undone
			continue
		}
		if p.Count(one.i, one.n); one.n > 0 && was != is {
			p.Came++
			if one.i.OpenedAt.After(p.Last) {
				p.Last = one.i.OpenedAt
			}
		}
		if err := t.Piles().Put(p); err != nil {
			return err
		}
	}
	return nil
}

// unrow counts that an issue which came lately is no unread one on a row any more, or is
// one again.
func (t *Tx) unrow(before, after desk.Issue) error {
	was, is := before.MayPile() && before.InPile() == "", after.MayPile() && after.InPile() == ""
	if was == is || before.MayPile() == after.MayPile() { // the latter: it went into a pile
		return nil
	}
	l, err := t.load(before.Desk)
	if err != nil {
		return err
	}
	if is {
		l.Restand(after.OpenedAt)
		return t.keepLoad(before.Desk, l)
	}
	l.Unstand(before.OpenedAt)
	rows, err := t.rows(before.Desk, l)
	if err != nil {
		return err
	}
	if rows, row := rows.Leave(after.ID, &l); row {
		if err := t.rememberDays(rowsKey(before.Desk), rows); err != nil {
			return err
		}
	}
	return t.keepLoad(before.Desk, l)
}
