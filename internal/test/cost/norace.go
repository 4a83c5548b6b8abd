//go:build !race

package cost

const slower = 1
