// Package as is the reading half of the ActivityStreams codec: it turns the bytes of
// other servers into small typed values.
//
// # Reading
//
// Everything is read from the raw JSON as plain JSON with the well-known short
// keys: no expansion and no context is fetched, so a context that renames
// `actor` changes nothing (CVE-2022-24307, CVE-2026-42462). go-fed's typed
// vocabulary is not used for reading: measured, it does not see Hashtag tags,
// drops contentMap beside content, drops fractions of a second, fails without
// @context and for the `as:` prefix, and makes about five times the allocations.
//
// A document is refused as a whole if it is larger than MaxBytes, is not exactly
// one JSON object, is not UTF-8, has U+0000 in a key, has an object with the same key
// twice, nests deeper than MaxDepth or holds more than MaxValues values.
// Everything else is tolerated as far as peers were seen to vary it: a value
// where a list belongs, an object where an id belongs, Link objects for URLs,
// contentMap without content, compact names of Public, types in an array, no
// @context, dates without colon in the zone, language maps where a text belongs,
// a byte order mark, and U+0000, which is dropped from texts. A property that cannot be read is
// left empty, except for identities: an activity needs id, type and actor, an
// object id and type, and an attributedTo must be an id.
//
// Lists are read up to MaxList entries; further ones are dropped. A truncated
// audience can only look narrower than it is.
//
// Remote documents are never serialised again: the fields named Raw share memory
// with the bytes that were parsed and must not be changed.
//
// # Writing
//
// The package build beside this one makes our own documents. Only it imports
// go-fed/activity.
package as
