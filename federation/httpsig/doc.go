// Package httpsig signs requests and verifies their signers, in the two schemes
// of the network: draft-cavage-http-signatures-12 (the common one) and RFC
// 9421.
//
// The cavage signing string and its cryptography come from
// github.com/superseriousbusiness/httpsig, which checks neither Digest nor Date
// nor which headers are covered, and refuses by the machine's clock. RFC 9421
// is our own code. The policy (covered parts, age) is here for both:
//
//   - cavage: (request-target), host, date or (created), and digest unless it
//     is a GET without a body; exactly one Signature header;
//   - RFC 9421: @method, the target (@target-uri, or @authority with
//     @request-target or @path, then also @query if there is one),
//     content-digest if there is a body; created is required;
//   - the host is the one that Verifier.BaseURL names, a digest fits the body;
//   - RSA keys of 2048 bits and more, or Ed25519.
//
// Replays within the time window are for the caller to recognise: activities
// are deduplicated by their content, not by their signature.
package httpsig
