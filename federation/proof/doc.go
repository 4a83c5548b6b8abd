// Package proof puts Object Integrity Proofs (FEP-8b32) on our documents and
// reads those of others, in the one suite that is in use: eddsa-jcs-2022. It is
// a signature by an Ed25519 key over the SHA-256 sums of the proof's own terms
// and of the document, both canonicalised by RFC 8785.
//
// A document is read as plain JSON: no JSON-LD context is fetched or evaluated
// (docs/security.md). What a proof is worth is for the caller to decide: it
// says that the owner of a key made these bytes, and when; not that they still
// stand.
package proof
