package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var pilesTable = table[desk.Pile]{
	name:    "piles",
	key:     func(p *desk.Pile) key { return key(nil).text(string(p.ID)) },
	indexes: []*index[desk.Pile]{pilesBySince},
}

// pilesBySince has an entry for every filter that lets the pile through.
var pilesBySince = &index[desk.Pile]{name: "piles.since", keys: func(p *desk.Pile) (ks []key) {
	for _, h := range []desk.Handle{"", p.Desk} {
		for _, standing := range []bool{false, true} {
			if !standing || p.People > 0 {
				ks = append(ks, pileList(h, standing).timeDesc(p.Since).rawDesc(key(nil).text(string(p.ID))))
			}
		}
	}
	return ks
}}

func pileList(h desk.Handle, standing bool) key {
	k := key(nil).text(string(h))
	if standing {
		return k.text("standing")
	}
	return k.text("")
}

type piles struct{ *tx }

func (s piles) Put(p desk.Pile) error { return pilesTable.put(s.tx, &p) }

func (s piles) Get(id desk.PileID) (desk.Pile, bool, error) {
	return pilesTable.get(s.tx, key(nil).text(string(id)))
}

func (s piles) Delete(id desk.PileID) (bool, error) {
	return pilesTable.delete(s.tx, key(nil).text(string(id)))
}

func (s piles) List(f store.PileFilter, p store.Page) ([]desk.Pile, string, error) {
	return pilesTable.listBy(s.tx, pilesBySince, pileList(f.Desk, f.Standing), p)
}
