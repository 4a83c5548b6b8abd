// Package alike says which of the reports of the last hours belong together. It is
// pure, and only suggests: a person decides whether they are one incident.
//
// A crowd is found by its words. A word counts that different people use within an
// hour and did not use before; what everybody always says does not: the desk's
// names and calls, and the small words of a language. From such a word a crowd
// grows by the words that those who use it share, and by the time at which they
// spoke. Two crowds at once stay two where their words differ. A text that many
// accounts send is one voice, however many they are.
//
// The same reports give the same answer, and the cost grows with their number: 20,000
// take about a second of one processor, and no transaction.
package alike
