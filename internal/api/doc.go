// Package api is the JSON API of an instance: its shapes, its handler and a
// typed client.
//
// There are two doors. The command line talks to it over a Unix socket, whose
// file permissions are the lock: whoever can connect may do everything. On the
// network everybody shows an API token or is signed in to the console, and may
// do what the table of routes says for their role and the token's scopes.
//
// # Requests
//
// A body is one JSON object of at most 1 MiB; an unknown field is an error.
// Idempotency-Key makes a write safe to repeat: the same request with the same
// key within a day is answered with the first result and does nothing. The
// same key on another request is another key. On the socket X-Earshot-Agent
// names the agent who acts; like the socket itself it is believed.
//
// # Answers
//
// Lists are JSON arrays; where there is more, the header X-Next holds the
// cursor to pass as `after`, escaped for it, and Link the whole address (RFC
// 8288). Times are
// RFC 3339 in UTC, "" where there is none; texts and lists are never null.
// Errors are application/problem+json (RFC 9457) with a `code`.
package api
