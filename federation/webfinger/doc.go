// Package webfinger finds accounts by name: WebFinger (RFC 7033), host-meta
// (RFC 6415) and NodeInfo 2.0 and 2.1, as client and as handlers.
//
// The client believes a JRD only about the account it was asked for, or about
// the canonical account that it names and that confirms itself
// (CVE-2025-23221). The handlers know a handle domain that differs from the
// server's host: the subject is always handle@handle-domain.
package webfinger
