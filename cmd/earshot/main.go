// Command earshot runs a provider's instance and is its command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones of agents, where the machine has no list
)

func main() {
	os.Exit(run(untilSignal(), os.Args[1:], os.Environ(), stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// untilSignal returns a context that ends with the first Ctrl-C or SIGTERM.
// From before that moment on a second one ends the process at once.
func untilSignal() context.Context {
	ctx, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() { // as long as the process
		<-signals
		signal.Stop(signals)
		end()
	}()
	return ctx
}
