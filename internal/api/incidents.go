package api

import (
	"earshot/internal/alike"
	"earshot/internal/desk"
)

// Suggestion is a crowd of open issues that may have one cause, and why.
type Suggestion struct {
	Issues    []desk.IssueID `json:"issues"` // by the time of their reports
	People    int            `json:"people"` // different ones; accounts that send one text are left out
	Servers   int            `json:"servers"`
	Since     Time           `json:"since"` // the first report
	Last      Time           `json:"last"`  // the newest
	Words     []SharedWord   `json:"words"` // that they share, the most telling first
	Services  []SharedWord   `json:"services"`
	Calls     []SharedWord   `json:"calls"`
	Languages []string       `json:"languages"` // the most frequent first; "" is unknown
	Passed    int            `json:"passed"`    // reports of that time that many accounts sent alike, or that shout at strangers
}

// SharedWord is a word, and how many of the people say it.
type SharedWord struct {
	Text   string `json:"text"`
	People int    `json:"people"`
}

func suggestionOf(c alike.Crowd) Suggestion {
	shared := func(w alike.Word) SharedWord { return SharedWord{Text: w.Text, People: w.People} }
	return Suggestion{Issues: list(c.Issues), People: c.People, Servers: c.Servers, Since: Time{c.Since}, Last: Time{c.Last},
		Words: each(c.Words, shared), Services: each(c.Services, shared), Calls: each(c.Calls, shared), Languages: list(c.Languages), Passed: c.Passed}
}

// suggest says which open issues of a desk may be one incident.
func (h *handler) suggest(r *request) (response, error) {
	crowds, err := h.app.SuggestIncidents(r.Context(), r.desk())
	return response{body: each(crowds, suggestionOf)}, err
}
