// Package locale gives each reader texts in their language. The texts are in
// catalogue/, one file a language; docs/translating.md is for translators. The
// other catalogues are compared with English: one that lacks a key, has an
// extra key or uses other placeholders is refused at start.
//
// A text may hold placeholders, {name}, and may have one form for each plural
// category of its language, chosen by the placeholder {n}.
package locale
