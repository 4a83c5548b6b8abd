// Package resolve fetches documents of other servers: actors, keys and posts.
// Every request is a GET signed as the instance actor, through
// internal/safehttp.
//
// What it promises:
//   - A document is believed only if its media type is one of ActivityPub's and
//     its own host served it under its own id; an id that differs from the URL
//     asked for is asked for once (package origin; CVE-2024-23832,
//     CVE-2024-25623). So the id that is returned may differ from the id that
//     was asked for: go on with the one returned.
//   - Our own host and blocked hosts are never asked, on no hop of a redirect.
//   - A key counts only if the actor it says to belong to names it too.
//   - A 403 is a refusal only if the answer is a JSON object. A firewall's page
//     says nothing about the author: it is a failure that passes.
//   - The same thing is asked for once at a time. Work that has begun goes on
//     when its first caller leaves, until its own deadline; Close waits for it.
//   - Nothing is held while a request is under way but a place among those
//     allowed to one host and to all. Hosts that we have had nothing to do with
//     share half of them, so that dead hosts which strangers name stop nobody.
//   - Caches, queues and budgets are bounded. Failures are remembered for a few
//     minutes, and refetches that a bad signature can bring about are rationed
//     for each host (CVE-2026-34148).
//
// Results are shared with the cache and with other callers: do not change them.
// Actors have no Raw.
package resolve
