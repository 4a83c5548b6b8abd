// Package console is where the people at the desk work: the list of reporters
// who wait, one thread, and the pages beside it.
//
// Every page is rendered whole on the server and works with plain forms. Where
// the browser library is built in (see static/vendor), it fetches the same
// pages and takes the part that changed; there are no other answers for it.
//
// One file an action: form, check, use case, redirect. The console calls
// internal/app only; it knows neither federation nor a database.
package console
