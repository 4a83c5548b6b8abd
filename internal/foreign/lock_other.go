//go:build !unix

package foreign

import (
	"context"
	"errors"
)

func lock(context.Context, string) (func(), error) {
	return nil, errors.New("foreign implementations need a Unix system here: set EARSHOT_FOREIGN=off to skip their tests")
}
