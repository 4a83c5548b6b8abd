package postgres

import "earshot/internal/desk"

var picturesTable = define(table[desk.PictureFile]{
	name: "pictures", keys: []string{"desk", "role"},
	key: func(p *desk.PictureFile) []any { return []any{ordered(p.Desk), ordered(p.Role)} },
})

type pictures struct{ *tx }

func (s pictures) Put(p desk.PictureFile) error { return picturesTable.put(s.tx, &p) }

func (s pictures) Get(of desk.Handle, role desk.PictureRole) (desk.PictureFile, bool, error) {
	return picturesTable.get(s.tx, ordered(of), ordered(role))
}

func (s pictures) Delete(of desk.Handle, role desk.PictureRole) (bool, error) {
	return picturesTable.delete(s.tx, ordered(of), ordered(role))
}
