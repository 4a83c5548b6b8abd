package store

import (
	"errors"
	"slices"
	"strconv"
	"testing"
)

// numbers lists 0 to 6 in pages of three, and counts the pages that are read.
func numbers(read *int, fails int, err error) func(Page) ([]int, string, error) {
	return func(p Page) (out []int, next string, _ error) {
		if *read++; *read == fails {
			return nil, "", err
		}
		first, _ := strconv.Atoi(p.After)
		for n := first; n < min(first+3, 7); n++ {
			out = append(out, n)
		}
		if first+3 < 7 {
			next = strconv.Itoa(first + 3)
		}
		return out, next, nil
	}
}

func TestEach(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		fails int // page
		until int // number, then the loop breaks
		want  []int
		err   error
		read  int
	}{
		{"to the end", 0, 99, []int{0, 1, 2, 3, 4, 5, 6}, nil, 3},
		{"until a break", 0, 4, []int{0, 1, 2, 3, 4}, nil, 2},
		{"until a break at the end of a page", 0, 2, []int{0, 1, 2}, nil, 1},
		{"the first page fails", 1, 99, nil, broken, 1},
		{"a later page fails", 2, 99, []int{0, 1, 2}, broken, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []int
			var failed error
			read := 0
			for n, err := range Each(numbers(&read, c.fails, broken)) {
				if err != nil {
					failed = err
					continue // the loop ends all the same
				}
				if got = append(got, n); n == c.until {
					break
				}
			}
			if !slices.Equal(got, c.want) || failed != c.err || read != c.read {
				t.Errorf("%v, %v, %d pages read; want %v, %v, %d", got, failed, read, c.want, c.err, c.read)
			}
		})
	}
}

func TestEachPage(t *testing.T) {
	read, broken := 0, errors.New("broken")
	list := numbers(&read, 3, broken)
	var all []int
	err := EachPage(func(p Page) (string, error) {
		some, next, err := list(p)
		all = append(all, some...)
		return next, err
	})
	if err != broken || !slices.Equal(all, []int{0, 1, 2, 3, 4, 5}) {
		t.Errorf("%v, %v", all, err)
	}
}
