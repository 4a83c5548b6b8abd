package store

import "iter"

// EachPage reads a list to its end, portion by portion. read returns the next
// of the page it was given; each read may be a transaction of its own.
func EachPage(read func(Page) (next string, err error)) error {
	for p := (Page{}); ; {
		next, err := read(p)
		if err != nil || next == "" {
			return err
		}
		p.After = next
	}
}

// Each goes through a list to its end, page by page. The last pair has the
// error if the list fails.
func Each[T any](list func(Page) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := EachPage(func(p Page) (string, error) {
			all, next, err := list(p)
			if err != nil {
				return "", err
			}
			for _, one := range all {
				if !yield(one, nil) {
					return "", nil
				}
			}
			return next, nil
		})
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// EachOf is Each for a list of what belongs to a key, or meets a filter.
func EachOf[K, T any](list func(K, Page) ([]T, string, error), key K) iter.Seq2[T, error] {
	return Each(func(p Page) ([]T, string, error) { return list(key, p) })
}
