// Package locale says things in the language of whoever reads. The words are
// in catalogue/, one file a language; docs/translating.md is for those who
// write them. English is what the others are held against: a catalogue that
// lacks a key, has one too many or uses other placeholders is refused at start.
//
// A text may hold placeholders, {name}, and may have one form for each plural
// category of its language, chosen by the placeholder {n}.
package locale
