// Package crash kills a running server again and again, under load, and then
// looks whether anything that was accepted is lost, or said twice.
package crash
