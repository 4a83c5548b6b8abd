//go:build race

package cost

// slower is how much smaller inputs are under the race detector, where all costs
// ten times as much.
const slower = 4
