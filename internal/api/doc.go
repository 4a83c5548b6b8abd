// Package api is the JSON API of an instance: its shapes, its handler and a
// typed client.
//
// Requests arrive in two ways. The command line uses a Unix socket, and its
// file permissions are the lock: a process that can connect may do everything.
// On the network a client shows an API token or a console session, and may do
// what the table of routes allows for the role and the token's scopes.
//
// # Requests
//
// A body is one JSON object of at most 1 MiB, with a picture of a desk of at most
// 5.3 MiB; an unknown field is an error.
// Idempotency-Key makes a write safe to repeat: the same request with the same
// key within a day is answered with the first result and does nothing. The
// same key on another request is another key. On the socket X-Earshot-Agent
// names the agent who acts; like the socket itself it is believed.
//
// # Answers
//
// Lists are JSON arrays; where there is more, the header X-Next holds the
// cursor to pass as `after`, escaped for it, and Link the whole address (RFC
// 8288). Times are RFC 3339 in UTC, or ""; texts and lists are never null.
// Errors are application/problem+json (RFC 9457) with a `code`.
package api
