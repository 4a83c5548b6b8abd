// Package safehttp is the one way out: every request of this instance to an
// address from outside goes through its Client.
//
// What it promises of every request:
//   - https only, unless Options.AllowPrivate (the --dev switch);
//   - the address is checked when the connection is made, after DNS and for
//     every address tried, so that neither a redirect nor a name that changes
//     its mind reaches an internal service (CVE-2024-39687, CVE-2025-25194,
//     CVE-2026-33693, CVE-2026-46348, CVE-2026-47389, CVE-2026-50131);
//   - only hosts in Options.Private may be private, each by its whole name, and
//     loopback only where it says so;
//   - one deadline for everything, the last byte of the body included
//     (CVE-2023-36461), and a size limit that counts after decompression;
//   - redirects are followed for GET only, at most three, never to another
//     scheme, each with a request made and signed afresh (CVE-2026-77632,
//     CVE-2026-34148);
//   - certificates are verified, whatever the TLS configuration says, and no
//     state is shared with other clients (CVE-2026-59825);
//   - no proxy from the environment, no cookies, a bounded number of
//     connections.
package safehttp
