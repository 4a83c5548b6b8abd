package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// release is set when a release is built: -ldflags "-X main.release=1.2.3".
var release string

func version() string {
	if release != "" {
		return release
	}
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "devel"
}

type versionCmd struct{}

func (versionCmd) Run(c *command) error {
	v := map[string]string{"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
	return c.show(v, func(w io.Writer) { fmt.Fprintf(w, "earshot %s (%s, %s)\n", v["version"], v["go"], v["platform"]) })
}
