// Package mail sends mail through the server of the settings. It decides nothing about
// who gets one: internal/notify writes them.
package mail
