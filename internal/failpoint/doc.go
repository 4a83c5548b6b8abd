// Package failpoint names the moments between two steps of the work, so that a
// test can make the process die at exactly one of them. In a program that is
// built without the tag "failpoint" nothing of it remains.
package failpoint

import "context"

// Worker is what a server runs until it stops.
type Worker interface {
	Run(ctx context.Context) error
}
