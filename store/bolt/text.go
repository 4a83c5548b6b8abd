package bolt

import "earshot/store"

// checkText returns ErrText if a text anywhere in a record is not valid.
func checkText(record any) error { return store.CheckText(record) }
