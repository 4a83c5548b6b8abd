package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"earshot/internal/clock"
)

type manCmd struct{}

func (manCmd) Help() string {
	return `The page is made from the commands and flags of this program. Its date is that of SOURCE_DATE_EPOCH (seconds since 1970) if it is set, else of today.

Examples:

	earshot man > earshot.1
	earshot man | man -l -
`
}

func (manCmd) Run(c *command, program *kong.Kong) error {
	day, err := c.sourceDate()
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.io.out, manPage(program.Model, day))
	return err
}

// sourceDate is the time of SOURCE_DATE_EPOCH, by which builds can be repeated
// (https://reproducible-builds.org/specs/source-date-epoch/), or now.
func (c *command) sourceDate() (time.Time, error) {
	s := c.getenv("SOURCE_DATE_EPOCH")
	if s == "" {
		return clock.System{}.Now(), nil
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil || seconds < 0 {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is a number of seconds since 1970, not %q", s)
	}
	return time.Unix(seconds, 0), nil
}
