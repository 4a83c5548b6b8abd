package app

import (
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/search"
	"earshot/store"
)

// Operators are those of a search: each narrows it. What stands after the colon of a day is
// a day, a month or a year.
var Operators = []string{"from", "status", "tag", "host", "after", "before", "is", "has"}

// What may stand after is: and has:.
var (
	SearchedIs  = []string{"unread", "mine", "unassigned", "snoozed"}
	SearchedHas = []string{"picture"}
)

// maxOperators is how many a search may have: each is checked for every issue that is looked at.
const maxOperators = 20

// asked is a search that was read.
type asked struct {
	terms    []string // by which the index is asked; none: the lists are gone through
	statuses []desk.Status
	narrow   store.IssueFilter // what of the operators the lists know
	checks   []func(*Tx, desk.Issue) (bool, error)
}

// readSearch reads a search. A word that looks like an operator and is none is an error: it
// is never searched as a word.
func (t *Tx) readSearch(in ListInput) (q asked, err error) {
	var words []string
	zone, operators := time.UTC, 0
	if in.For != "" {
		a, err := t.Agent(in.For)
		if err != nil {
			return q, err
		}
		zone = a.Zone()
	}
	for _, p := range search.Parts(in.Search) {
		if p.Name == "" {
			words = append(words, p.Value)
			continue
		}
		if operators++; operators > maxOperators {
			return q, desk.Invalid("search_operators_many", "a search has at most %d operators: take some out", maxOperators)
		}
		if p.Value == "" && slices.Contains(Operators, p.Name) {
			return q, desk.Invalid("search_operator_empty", "write the name or word right after %s: with no space between", p.Name)
		}
		term, err := q.add(p, in.For, zone)
		if err != nil {
			return q, err
		}
		words = append(words, term)
	}
	q.terms = search.Query(strings.Join(words, " "))
	if len(q.terms) == 0 && len(q.checks) == 0 {
		return q, desk.Invalid("search_empty", "there is no word to search for in %q", in.Search)
	}
	return q, nil
}

// add takes an operator in; words are those by which the index narrows it.
func (q *asked) add(p search.Part, who desk.Email, zone *time.Location) (words string, err error) {
	value := strings.ToLower(p.Value)
	is := func(check func(desk.Issue) bool) {
		q.checks = append(q.checks, func(_ *Tx, i desk.Issue) (bool, error) { return check(i), nil })
	}
	switch p.Name {
	case "from":
		if len(search.Query(p.Value)) == 0 {
			return "", desk.Invalid("search_operator_empty", "write the name or word right after %s: with no space between", p.Name)
		}
		q.checks = append(q.checks, func(t *Tx, i desk.Issue) (bool, error) { return t.isFrom(i, p.Value) })
		return p.Value, nil
	case "tag":
		return "#" + strings.TrimPrefix(strings.Join(strings.Fields(p.Value), ""), "#"), nil
	case "host":
		return "host:" + strings.Join(strings.Fields(p.Value), ""), nil
	case "status":
		return "", q.addStatus(value)
	case "after":
		day, err := searchedDay(p, zone)
		is(func(i desk.Issue) bool { return !i.OpenedAt.Before(day) })
		return "", err
	case "before":
		day, err := searchedDay(p, zone)
		is(func(i desk.Issue) bool { return i.OpenedAt.Before(day) })
		return "", err
	case "is":
		return "", q.addIs(value, who, is)
	case "has":
		if !slices.Contains(SearchedHas, value) {
			return "", desk.Invalid("search_has_unknown", "there is no has:%s. There is: %v", p.Value, SearchedHas)
		}
		q.checks = append(q.checks, (*Tx).hasPicture)
		return "", nil
	}
	return "", desk.Invalid("search_operator_unknown", "there is no operator %s: in a search. There are %v, each with a colon. To search for these words, put them in quotation marks", p.Name, Operators)
}

// addStatus narrows to a status or a category. Of several, one is enough.
func (q *asked) addStatus(value string) error {
	value = strings.ReplaceAll(value, "-", "_")
	first := len(q.statuses) == 0
	known := false
	for _, s := range desk.Statuses() {
		if string(s) == value || string(s.Category()) == value {
			known = true
			q.statuses = append(q.statuses, s)
		}
	}
	if !known {
		return desk.Invalid("search_status_unknown", "there is no status:%s. There are %v, and open, paused and done for several at once", value, desk.Statuses())
	}
	if first {
		q.checks = append(q.checks, func(_ *Tx, i desk.Issue) (bool, error) { return slices.Contains(q.statuses, i.Status), nil })
	}
	q.narrow.Status, q.narrow.Category = "", ""
	if len(q.statuses) == 1 {
		q.narrow.Status = q.statuses[0]
	} else if c := q.statuses[0].Category(); !slices.ContainsFunc(q.statuses, func(s desk.Status) bool { return s.Category() != c }) {
		q.narrow.Category = c
	}
	return nil
}

func (q *asked) addIs(value string, who desk.Email, is func(func(desk.Issue) bool)) error {
	switch value {
	case "unread": // nobody has read what the reporter said last
		is(func(i desk.Issue) bool { return i.Status == desk.StatusNew || i.NeedsUs })
	case "snoozed":
		q.narrow.Snoozed = true
		is(func(i desk.Issue) bool { return i.Snooze.On() })
	case "unassigned":
		is(func(i desk.Issue) bool { return i.Assignee == "" })
	case "mine":
		if who == "" {
			return desk.Invalid("search_mine_whose", "is:mine is about an agent, and none asks here: name the agent")
		}
		q.narrow.Assignee = who
		is(func(i desk.Issue) bool { return i.Assignee == who })
	default:
		return desk.Invalid("search_is_unknown", "there is no is:%s. There are %v", value, SearchedIs)
	}
	return nil
}

// searchedDay is the first moment of the day, month or year that an operator names.
func searchedDay(p search.Part, zone *time.Location) (from time.Time, err error) {
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if from, err = time.ParseInLocation(layout, p.Value, zone); err == nil {
			return from, nil
		}
	}
	return from, desk.Invalid("search_day_unknown", "%s is no day. Write %s:2026-10-25 for a day, 2026-10 for a month, or 2026 for a year", p.Value, p.Name)
}

// isFrom says whether a reporter of an issue has such a name or address.
func (t *Tx) isFrom(i desk.Issue, who string) (bool, error) {
	all, err := t.threads(i)
	for _, part := range all {
		a, ok, err := t.Actors().Get(part.Reporter)
		if err != nil {
			return false, err
		}
		if ok && search.Begins(who, desk.CleanName(a.Name), a.Acct) {
			return true, nil
		}
	}
	return false, err
}

// hasPicture says whether the reporters of an issue sent a picture.
func (t *Tx) hasPicture(i desk.Issue) (bool, error) {
	all, err := t.threads(i)
	if err != nil {
		return false, err
	}
	for _, part := range all {
		for p, err := range store.EachOf(t.Posts().ByIssue, part.ID) {
			if err != nil {
				return false, err
			}
			if !p.Ours() && !p.Deleted && slices.ContainsFunc(p.Attachments, desk.Attachment.Picture) {
				return true, nil
			}
		}
	}
	return false, nil
}

// meets says whether an issue is what was asked for.
func (q asked) meets(t *Tx, i desk.Issue) (bool, error) {
	for _, check := range q.checks {
		if ok, err := check(t, i); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// lists is the filter of the lists that are gone through where the index is not asked. What
// it does not say is checked of each issue.
func (q asked) lists(f store.IssueFilter) store.IssueFilter {
	own := f.Assignee == "" && f.Mentioned == "" && f.Incident == "" && f.Pile == "" && f.LeftPile == ""
	if own {
		f.Assignee = q.narrow.Assignee
		f.Snoozed = f.Snoozed || q.narrow.Snoozed && !f.Awake
	}
	if f.Status == "" && f.Category == "" {
		f.Status, f.Category = q.narrow.Status, q.narrow.Category
	}
	return f
}
