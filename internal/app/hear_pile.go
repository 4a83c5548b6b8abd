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

func loadKey(h desk.Handle) string { return "load:" + string(h) }

// load reads how much has come to a desk, as of now.
func (t *Tx) load(h desk.Handle) (l desk.Load, err error) {
	raw, ok, err := t.Once().Get(loadKey(h))
	if err != nil {
		return l, err
	}
	if ok {
		if err := json.Unmarshal(raw, &l); err != nil {
			return l, fmt.Errorf("reading the load of a desk: %w", err)
		}
	}
	l.Pass(t.Now)
	return l, nil
}

func (t *Tx) keepLoad(h desk.Handle, l desk.Load) error {
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return t.rememberAs(loadKey(h), raw, loadRemembered)
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
	row := desk.LoadRow{Issue: i.ID, At: t.Now, Stays: released || i.Heard != desk.HeardMention && i.Heard != desk.HeardTags}
	if !row.Stays {
		earlier, _, err := t.Issues().ByReporter(i.Reporter, store.Page{Limit: 1})
		if err != nil {
			return err
		}
		row.Stays = len(earlier) > 0
	}
	if !row.Stays && l.Lately(t.Now) {
		c := crowding{Tx: t, load: &l, full: full}
		if i.Pile, err = c.pile(*i, report); err != nil {
			return err
		}
		row.Odd = full
	}
	if i.Pile != "" {
		l.Pile(t.Now)
	} else {
		l.Stand(row)
	}
	return t.keepLoad(i.Desk, l)
}

// crowding finds the pile of a report while there are too many.
type crowding struct {
	*Tx
	load  *desk.Load
	full  bool // now, not only lately
	known alike.Known
}

// pile is the pile of a report; "": it stands on a row.
func (c *crowding) pile(i desk.Issue, report desk.Post) (desk.PileID, error) {
	d, err := c.desk(i.Desk)
	if err != nil {
		return "", err
	}
	c.known = alike.Known{Names: d.Names, Calls: d.Calls, Since: c.Now.Add(-suggestSince), Now: c.Now}
	piles, _, err := c.Piles().List(store.PileFilter{Desk: i.Desk}, store.Page{Limit: pilesAtOnce})
	if err != nil {
		return "", err
	}
	piles = slices.DeleteFunc(piles, func(p desk.Pile) bool { return !p.GoesOn(c.Now) })
	r := c.read(i, report)
	words := alike.Words(r, c.known)
	if p := likest(piles, words); p != nil {
		return p.ID, c.learn(*p)
	}
	if !c.full {
		return "", nil
	}
	if len(words) > 0 {
		c.load.Unlike++
		if c.load.Unlike%pileTries == 1 {
			if id, err := c.form(i.Desk, r, pilesMost-alikes(piles)); err != nil || id != "" {
				return id, err
			}
		}
		if c.load.OddRoom() {
			return "", nil
		}
	}
	c.load.Other(i.ID)
	for _, p := range piles {
		if p.Others {
			return p.ID, nil
		}
	}
	return c.others(i.Desk)
}

// others makes the pile of others. Reports on rows that say nothing come into it too.
func (c *crowding) others(h desk.Handle) (desk.PileID, error) {
	p := desk.Pile{ID: desk.PileID(c.NewID()), Desk: h, Others: true, Since: c.Now, Last: c.Now}
	if err := c.Piles().Put(p); err != nil {
		return "", err
	}
	issues, reports, err := c.loose()
	if err != nil {
		return "", err
	}
	for _, r := range reports {
		if len(alike.Words(r, c.known)) > 0 {
			continue
		}
		if err := c.move(issues[r.Issue], p.ID); err != nil {
			return "", err
		}
		c.load.Other(r.Issue)
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

// loose are the unread issues on rows and among the others that may come into a pile.
func (c *crowding) loose() (issues map[desk.IssueID]desk.Issue, reports []alike.Report, err error) {
	issues = map[desk.IssueID]desk.Issue{}
	ids := slices.Clone(c.load.Others)
	for _, row := range c.load.Rows {
		if !row.Stays {
			ids = append(ids, row.Issue)
		}
	}
	for _, id := range ids {
		i, ok, err := c.Issues().Get(id)
		if err != nil {
			return nil, nil, err
		}
		if !ok || !i.MayPile() {
			continue
		}
		r, err := c.comparable(i, true)
		if err != nil {
			return nil, nil, err
		}
		issues[id] = i
		reports = append(reports, r)
	}
	return issues, reports, nil
}

// move puts an issue that stands elsewhere into a pile.
func (c *crowding) move(i desk.Issue, to desk.PileID) error {
	if _, row := c.load.Leave(i.ID); row {
		c.load.Pile(c.Now)
	}
	c.load.Others = slices.DeleteFunc(c.load.Others, func(id desk.IssueID) bool { return id == i.ID })
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

// unrow notes that an issue which came lately is no unread one on a row any more.
func (t *Tx) unrow(before, after desk.Issue) error {
	if !before.MayPile() || after.MayPile() || before.InPile() != "" {
		return nil
	}
	l, err := t.load(before.Desk)
	if err != nil {
		return err
	}
	if _, row := l.Leave(after.ID); !row {
		return nil
	}
	return t.keepLoad(before.Desk, l)
}
