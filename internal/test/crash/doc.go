// Package crash breaks a running server again and again, under load, and then
// looks whether anything that was accepted is lost, said twice, out of order,
// or stuck. docs/operations/crash.md lists the faults and how they are made.
package crash
