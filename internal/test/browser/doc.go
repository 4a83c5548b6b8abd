// Package browser shows pages to a real Chromium, and to axe-core, which knows what keeps people with a screen
// reader, a keyboard or weak eyes from using them.
//
// A test that asks for a browser is skipped, with one line that says what to install, where there is none.
// EARSHOT_BROWSER names another browser than the one found, or is "off".
package browser
