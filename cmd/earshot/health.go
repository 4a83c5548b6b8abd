package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"earshot/internal/api"
	"earshot/internal/config"
)

type healthCmd struct{}

func (healthCmd) Help() string {
	return `Asks the running server, over its socket, whether its store answers and every worker runs. Exits 0 if so, 1 if not. For container and service managers.

Example:

	earshot health
`
}

func (healthCmd) Run(c *command) error {
	transport := api.Socket(filepath.Join(c.data, config.SocketName))
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(c.ctx, http.MethodGet, "http://earshot/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("no server answers for %s: is `earshot serve` running? (%w)", c.data, err)
	}
	defer answer.Body.Close()
	words, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(words)))
	}
	return c.show(map[string]string{"health": "ready"}, func(w io.Writer) { fmt.Fprintln(w, "ready") })
}
