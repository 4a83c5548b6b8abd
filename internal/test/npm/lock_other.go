//go:build !unix

package npm

import (
	"context"
	"errors"
)

func lock(context.Context, string) (func(), error) {
	return nil, errors.New("npm packages are installed on Unix systems only")
}
