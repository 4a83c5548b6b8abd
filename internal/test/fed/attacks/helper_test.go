package attacks

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"

	"earshot/internal/api"
)

func decode(r io.Reader, into any) error {
	return json.NewDecoder(io.LimitReader(r, 1<<20)).Decode(into)
}

func blockOf(target string) api.NewBlock { return api.NewBlock{Target: target} }

// quiet is for servers of which errors are expected.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func insecure() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }
