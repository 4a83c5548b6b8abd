package console

import (
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// auditKinds are the subjects that the audit log can be narrowed to, with the first words
// of their actions.
var auditKinds = []auditKind{
	{"issue", []string{"issue", "post", "remark", "file"}},
	{"incident", []string{"incident", "broadcast", "alert"}},
	{"crowd", []string{"pile", "quarantine"}},
	{"people", []string{"agent", "session", "password", "passkey", "token"}},
	{"instance", []string{"desk", "source", "destination", "block", "optout", "flag", "job", "phrase", "view", "setup"}},
}

type auditKind struct {
	Name    string
	actions []string
}

// auditPages is how many pages are read at most for one page of a kind.
const auditPages = 40

// onMachine stands in the form for the admin on the machine, who has no address.
const onMachine desk.Email = "-"

// auditFilter is the form above the log, as it was sent.
type auditFilter struct {
	Agent   desk.Email
	Kind    string
	Until   string
	On      string
	Kinds   []string
	Agents  []desk.Agent
	Zone    string
	Invalid bool // the day
}

// auditDay is the entries of a day.
type auditDay struct {
	Title   string
	Entries []auditLine
}

// auditLine is an entry in words.
type auditLine struct {
	store.AuditEntry
	Clock string // in the agent's zone
	Says  template.HTML
	Note  string // what the sentence does not say, in the agent's language
}

// audit shows the audit log in sentences, newest first.
func (c *Console) audit(v *visit) error {
	q := v.URL.Query()
	people, err := c.staff(v.Context())
	if err != nil {
		return err
	}
	form := auditFilter{Agent: desk.EmailOf(strings.TrimSpace(q.Get("agent"))), Kind: q.Get("kind"), Until: strings.TrimSpace(q.Get("until")),
		On: strings.TrimSpace(q.Get("on")), Agents: people.all, Zone: v.agent.Zone().String()}
	for _, k := range auditKinds {
		form.Kinds = append(form.Kinds, k.Name)
	}
	f := store.AuditFilter{Agent: form.Agent, On: form.On}
	if form.Until != "" {
		day, err := time.ParseInLocation(time.DateOnly, form.Until, v.agent.Zone())
		if form.Invalid = err != nil; err == nil {
			f.Before = day.AddDate(0, 0, 1)
		}
	}
	if form.Agent == onMachine {
		f.Agent = ""
	} else if _, known := people.byMail[form.Agent]; form.Agent != "" && !known { // they are gone
		form.Agents = append(slices.Clone(form.Agents), desk.Agent{Email: form.Agent, Name: string(form.Agent)})
	}
	list, next, err := c.auditOf(v, f, form)
	if err != nil {
		return err
	}
	s := sheetOf(v, c.auditDays(v, people, list), next)
	s.More = form
	return c.show(v, "audit", s)
}

// auditOf reads a page of entries of a kind, or of the admin on the machine. It reads a bounded number of them: a page of a
// rare kind may be short, and the next one goes on.
func (c *Console) auditOf(v *visit, f store.AuditFilter, form auditFilter) (out []store.AuditEntry, next string, err error) {
	var actions []string
	for _, k := range auditKinds {
		if k.Name == form.Kind {
			actions = k.actions
		}
	}
	page := v.page()
	for range auditPages {
		var list []store.AuditEntry
		if list, next, err = c.app.AuditEntries(v.Context(), f, page); err != nil {
			return nil, "", err
		}
		for _, e := range list {
			subject, _, _ := strings.Cut(e.What, ".")
			if form.Agent == onMachine && e.Agent != "" {
				continue
			}
			if actions == nil || slices.Contains(actions, subject) {
				out = append(out, e)
			}
		}
		if page.After = next; next == "" || len(out) >= pageSize/2 {
			break
		}
	}
	return out, next, nil
}

// auditDays puts entries under their days, in the agent's zone.
func (c *Console) auditDays(v *visit, people staff, list []store.AuditEntry) (out []auditDay) {
	zone, last := v.agent.Zone(), ""
	for _, e := range list {
		at := e.At.In(zone)
		if day := at.Format(time.DateOnly); day != last {
			last = day
			out = append(out, auditDay{Title: v.speech.Day(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC))})
		}
		d := &out[len(out)-1]
		d.Entries = append(d.Entries, auditLine{e, at.Format("15:04"), auditSays(v, people, e), auditNote(v, people, e)})
	}
	return out
}

// auditSays is an entry as a sentence. An action that has none of its own is said by its
// verb; one of a newer program by its name.
func auditSays(v *visit, people staff, e store.AuditEntry) template.HTML {
	who := element("b", "", v.speech.T("console.admin"))
	if e.Agent != "" {
		who = link(Root+"/people/"+url.PathEscape(string(e.Agent)), people.name(e.Agent))
	}
	if key := sentenceOf(v.speech, e); key != "" {
		return v.speech.HTML(key, "who", who, "on", auditThing(v, people, e))
	}
	return v.speech.HTML("console_did.other", "who", who, "what", e.What, "on", auditThing(v, people, e))
}

// sentenceOf is the text for an action, or "".
func sentenceOf(l *locale.Language, e store.AuditEntry) string {
	action := strings.NewReplacer(".", "_", "-", "_").Replace(e.What)
	if e.What == "agent.link" && e.On == "agents/" {
		action = "agent_link_first" // nobody has that address yet
	}
	for _, key := range []string{action, action[strings.LastIndex(action, "_")+1:]} {
		if l.Has("console_did." + key) {
			return "console_did." + key
		}
	}
	return ""
}

// toldNote is the note on a round of answers, severalNote that on a number of issues.
var (
	toldNote    = regexp.MustCompile(`^([a-z]+): ([0-9]{1,9}) sent, ([0-9]{1,9}) not$`)
	severalNote = regexp.MustCompile(`^([0-9]{1,9}) issues( so far)?$`)
)

// auditNote is the note of an entry in the agent's language. Names that people wrote stay.
func auditNote(v *visit, people staff, e store.AuditEntry) string {
	word := func(section, word string) (string, bool) {
		key := section + "." + word
		return v.speech.T(key), word != "" && v.speech.Has(key)
	}
	if told := toldNote.FindStringSubmatch(e.Note); told != nil {
		sent, _ := strconv.Atoi(told[2])    // it is a number
		waiting, _ := strconv.Atoi(told[3]) // and this one
		state, _ := word("console_round", told[1])
		return state + ", " + v.speech.T("console_audit.voices", "sent", sent, "waiting", waiting)
	}
	if several := severalNote.FindStringSubmatch(e.Note); several != nil {
		n, _ := strconv.Atoi(several[1]) // it is a number
		return v.speech.T("console_audit.several", "n", n)
	}
	subject, _, _ := strings.Cut(e.What, ".")
	said, known := "", false
	switch subject {
	case "source", "destination": // the name, which the sentence has
		return ""
	case "issue", "post", "broadcast":
		status, assignee, more := strings.Cut(e.Note, ", ")
		if said, known = word("console_status", status); !known {
			return "" // the address of a post
		}
		if more {
			said += ", " + people.name(desk.Email(assignee))
		}
		return said
	case "incident":
		if said, known = word("console_stands", e.Note); known {
			return said
		}
	case "agent":
		role := strings.TrimPrefix(e.Note, "role ")
		if said, known = word("console_role", role); known {
			return said
		}
		if e.Note == "name" {
			return v.speech.T("console_audit.renamed")
		}
	case "session":
		if e.Note == "all" {
			return v.speech.T("console_audit.whole")
		}
	case "desk":
		if e.What == "desk.picture" || e.What == "desk.unpicture" {
			return ""
		}
	}
	return e.Note
}

// thingPages are the pages on which things are, below Root.
var thingPages = map[string]string{"issues": "/issues/", "incidents": "/incidents/", "piles": "/piles/", "agents": "/people/",
	"sources": "/sources", "destinations": "/webhooks", "optouts": "/silence", "blocks": "/silence", "flags": "/flags", "queue": "/queue", "quarantine": "/quarantine", "phrases": "/phrases"}

// auditThing says what an action changed, with a link to its page.
func auditThing(v *visit, people staff, e store.AuditEntry) template.HTML {
	kind, id, _ := strings.Cut(e.On, "/")
	name, page := id, thingPages[kind]
	switch kind {
	case "issues", "incidents", "piles", "posts":
		if len(id) > 6 {
			name = "…" + id[len(id)-6:]
		}
	case "agents":
		owner, _, _ := strings.Cut(id, "/")
		name = people.name(desk.Email(owner))
	case "people":
		_, name, _ = strings.Cut(id, "://")
	case "desks":
		handle, below, _ := strings.Cut(id, "/")
		name = "@" + handle
		if page = pageOfDesk(desk.Handle(handle)); below != "" {
			kind, _, _ = strings.Cut(below, "/")
			page = thingPages[kind]
		}
	case "sources", "destinations":
		if e.Note != "" {
			name = e.Note
		}
	}
	if _, below, ok := strings.Cut(id, "/views/"); ok && below != "" {
		kind, page = "views", ""
	}
	if !knownThing(v.speech, kind) {
		return element("code", "", e.On)
	}
	text := v.speech.T("console_thing."+kind, "name", name)
	if page == "" {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // it is escaped
	}
	if strings.HasSuffix(page, "/") {
		page += url.PathEscape(id)
	}
	return link(Root+page, text)
}

// knownThing reports whether there is a word for a kind of thing.
func knownThing(l *locale.Language, kind string) bool { return l.Has("console_thing." + kind) }

func link(to, text string) template.HTML {
	return element("a", ` href="`+template.HTMLEscapeString(to)+`"`, text)
}
