// Package browser shows pages to a real Chromium, and to axe-core, which finds obstacles for people with a
// screen reader, a keyboard or weak eyes.
//
// Without a browser, a test that needs one is skipped, with one line that says what to install.
// EARSHOT_BROWSER names another browser than the one found, or is "off".
package browser
