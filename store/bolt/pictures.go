package bolt

import "earshot/internal/desk"

var picturesTable = table[desk.PictureFile]{name: "pictures", key: func(p *desk.PictureFile) key { return deskKey(p.Desk).text(string(p.Role)) }}

type pictures struct{ *tx }

func (s pictures) Put(p desk.PictureFile) error { return picturesTable.put(s.tx, &p) }

func (s pictures) Get(of desk.Handle, role desk.PictureRole) (desk.PictureFile, bool, error) {
	return picturesTable.get(s.tx, deskKey(of).text(string(role)))
}

func (s pictures) Delete(of desk.Handle, role desk.PictureRole) (bool, error) {
	return picturesTable.delete(s.tx, deskKey(of).text(string(role)))
}
