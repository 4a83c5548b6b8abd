package resolve

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// A run whose result nobody will use ends with its last caller, and who comes then begins
// another. Other runs go on.
func TestRunIsGivenUp(t *testing.T) {
	for _, givesUp := range []bool{true, false} {
		base, stop := context.WithCancel(t.Context())
		f := newFlights[string](base, time.Minute, 10, slog.New(slog.DiscardHandler))
		f.givesUp = givesUp
		began, ended := make(chan bool, 10), make(chan error, 10)
		work := func(ctx context.Context) (string, error) {
			began <- true
			<-ctx.Done()
			ended <- ctx.Err()
			return "", ctx.Err()
		}
		results := make(chan error, 10)
		call := func() (leave func()) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() { _, err := f.do(ctx, "k", "https://a.example", work); results <- err }()
			return cancel
		}
		first := call()
		<-began
		second := call()
		for waiting := 0; waiting < 2; {
			f.mu.Lock()
			waiting = f.runs["k"].waiting
			f.mu.Unlock()
		}
		first()
		if err := <-results; !Own(err) {
			t.Errorf("who left got %v", err)
		}
		select {
		case err := <-ended:
			t.Errorf("it ended while another caller waited: %v", err)
		default:
		}
		second()
		<-results
		third := call()
		if givesUp {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
			<-began // another run
		} else if f.mu.Lock(); len(ended) > 0 || f.runs["k"] == nil {
			t.Error("it ended without being asked to")
			f.mu.Unlock()
		} else {
			f.mu.Unlock()
		}
		third()
		<-results
		stop()
		f.close()
	}
}
