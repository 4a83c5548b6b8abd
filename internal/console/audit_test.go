package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// The log says who did what to which thing, under the days of the reader's zone.
func TestAuditInSentences(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo <Berg>", desk.RoleAgent)
	b := r.signedIn(ada)
	b.post("/console/you/zone", url.Values{"zone": {"Asia/Tokyo"}}).wants(t, http.StatusOK)
	issue := r.report("ana", "My line is down")
	_, err := r.app.Reply(t.Context(), app.By{Agent: bo}, app.ReplyInput{Issue: issue, Text: "Which street?", Visibility: desk.VisibilityQuiet})
	check(t, err)
	r.clock.Advance(4 * time.Hour) // 01:00 of the next day in Tokyo
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error { return tx.Audit(app.By{Agent: bo}, "new.thing", "news/1", "") }))
	page := b.get("/console/audit")
	page.wants(t, http.StatusOK, `<h2>2 March 2026</h2>`, `<h2>1 March 2026</h2>`, "Asia/Tokyo", ">21:00</time>", ">01:00</time>",
		`>Bo &lt;Berg&gt;</a> replied to <a href="/console/issues/`+string(issue)+`">issue …`, "signed in.", ">the desk @help</a>", "new.thing", "news/1")
	page.lacks(t, "Which street?", "<Berg>")
	if strings.Index(page.body, "2 March 2026</h2>") > strings.Index(page.body, "1 March 2026</h2>") {
		t.Error("the newest day is not the first")
	}
	only := b.get("/console/audit?kind=issue")
	only.wants(t, http.StatusOK, "replied to")
	only.lacks(t, "signed in.", "new.thing")
	b.get("/console/audit?until=2026-03-01").lacks(t, "new.thing", "2 March 2026</h2>")
	b.get("/console/audit?until=2026-02-28").wants(t, http.StatusOK, "No entries.")
	b.get("/console/audit?until=soon").wants(t, http.StatusOK, "2026-03-01", `value="soon"`)
	by := b.get("/console/audit?agent=" + bo)
	by.wants(t, http.StatusOK, "replied to", `value="`+bo+`" selected`)
	by.lacks(t, "the desk @help")
	german := must(http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/console/audit", http.NoBody))(t)
	german.Header.Set("Accept-Language", "de")
	b.do(german).wants(t, http.StatusOK, "hat auf <a href", "den Helpdesk @help")
}

// A page of a rare kind is found behind many entries of others, and pages go on.
func TestAuditPages(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	b := r.signedIn(ada)
	fill := func(what string, n int) {
		check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
			for range n {
				r.clock.Advance(time.Millisecond)
				tx.Now = r.clock.Now()
				if err := tx.Audit(app.By{Agent: ada}, what, "desks/help", ""); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	fill("pile.undo", 3)
	fill("desk.edit", 5*pageSize)
	b.get("/console/audit?kind=crowd").wants(t, http.StatusOK, "took a change back")
	first := b.get("/console/audit?kind=instance&agent=" + ada)
	_, rest, more := strings.Cut(first.body, `class="older"><a href="`)
	if !more {
		t.Fatal("there is no next page")
	}
	next, _, _ := strings.Cut(rest, `"`)
	b.get(strings.ReplaceAll(next, "&amp;", "&")).wants(t, http.StatusOK, "changed <a href", `value="instance" selected`)
}

// All who acted can be chosen: also agents who are gone, and the admin on the machine.
func TestAuditOfThoseWithoutAnAccount(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	b := r.signedIn(ada)
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		return tx.Audit(app.By{Agent: "gone@acme.example"}, "desk.edit", "desks/help", "")
	}))
	gone := b.get("/console/audit?agent=gone@acme.example")
	gone.wants(t, http.StatusOK, `value="gone@acme.example" selected`, "changed <a href")
	gone.lacks(t, "signed in.")
	machine := b.get("/console/audit?agent=-")
	machine.wants(t, http.StatusOK, `value="-" selected`, "<b>The admin on this machine</b> added")
	machine.lacks(t, "signed in.", "changed <a href")
}

// Notes and things are in words: no raw ids, nothing said twice.
func TestAuditNotes(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	b := r.signedIn(ada)
	for _, tt := range []struct{ what, on, note, says, lacks string }{
		{"file.upload", "files/nj5i35", "", "uploaded a picture.", "nj5i35"},
		{"view.add", "agents/" + ada + "/views/01a2", "", "added a saved view of Ada Alt.", "01a2"},
		{"agent.link", "agents/", "", "made the link by which the first admin comes in.", "agents/"},
		{"source.add", "sources/s1", "fedibuzz", ">the source fedibuzz</a>.</span>", "(fedibuzz)"},
		{"issue.assign", "issues/0192abcdefgh", "in_progress, " + ada, "(in progress, Ada Alt)", "in_progress"},
		{"issue.comment", "issues/0192abcdefgh", "posts/0192xyz", "commented on <a", "(posts/"},
		{"incident.dismiss", "desks/help", "3 issues", "is no incident: <a href=\"/console/desks/help\">the desk @help</a>. <span class=\"soft\">(3 issues)", "incident.dismiss, "},
		{"incident.window", "incidents/0192abcdefgh", "in_progress", "The planned time changed the status", "in_progress"},
		{"incident.pause", "incidents/0192abcdefgh", "paused: 3 sent, 2 not", "(paused, 3 told, 2 not yet)", "3 sent"},
		{"remark.add", "people/https://m.example/users/ana", "", "wrote a remark about the person m.example/users/ana.", "people/https"},
		{"agent.edit", "agents/" + ada, "role lead", "(lead)", "role lead"},
		{"job.drop", "queue/j1", "", "dropped <a href=\"/console/queue\">job j1</a>.", "queue/j1"},
	} {
		r.clock.Advance(time.Second)
		check(t, r.app.Update(t.Context(), func(tx *app.Tx) error { return tx.Audit(app.By{Agent: ada}, tt.what, tt.on, tt.note) }))
		_, entry, _ := strings.Cut(b.get("/console/audit").body, `<li data-what="`)
		entry, _, _ = strings.Cut(entry, "</li>")
		if !strings.Contains(entry, tt.says) || strings.Contains(entry, tt.lacks) {
			t.Errorf("%s: %s; wants %q without %q", tt.what, entry, tt.says, tt.lacks)
		}
	}
}

// noActions are texts of the code that look like names of actions.
var noActions = []string{"tags.pub", "relay.fedi.buzz"}

// destinationActs are the functions that are told an action on a destination.
var destinationActs = []string{"destinationAudit", "changeDestination"}

// actionsInCode are the names of all audit entries that the program makes: its texts of that
// form, and those that it puts together.
func actionsInCode(t *testing.T) (out []string) {
	out = []string{"passkey.remove", "password.remove"}
	for _, kind := range []desk.Kind{desk.KindStatus, desk.KindAssign, desk.KindMerge, desk.KindMove, desk.KindSnooze} {
		out = append(out, "issue."+string(kind)+".undo")
	}
	for _, do := range []desk.PileDo{desk.PileLink, desk.PileAssign, desk.PileStatus, desk.PileSpam, desk.PileRelease} {
		out = append(out, "pile."+string(do))
	}
	form := regexp.MustCompile(`^[a-z]+(\.[a-z]+(-[a-z]+)*)+$`)
	text := func(e ast.Expr) string {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			return must(strconv.Unquote(lit.Value))(t)
		}
		return ""
	}
	for _, folder := range []string{"app", "auth"} {
		for _, path := range must(filepath.Glob("../" + folder + "/*.go"))(t) {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file := must(parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution))(t)
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ImportSpec:
					return false
				case *ast.ValueSpec:
					return !strings.HasPrefix(n.Names[0].Name, "meta") // keys of store.Meta
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Hit" {
						return false // a fail point
					}
					name := ""
					switch f := n.Fun.(type) {
					case *ast.Ident:
						name = f.Name
					case *ast.SelectorExpr:
						name = f.Sel.Name
					}
					if slices.Contains(destinationActs, name) {
						for _, arg := range n.Args {
							if what := text(arg); what != "" {
								out = append(out, "destination."+what)
							}
						}
					}
				case *ast.BasicLit:
					if what := text(n); form.MatchString(what) && !slices.Contains(noActions, what) {
						out = append(out, what)
					}
				}
				return true
			})
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Each action has a sentence and belongs to a kind by which the log can be narrowed.
func TestEachActionHasASentence(t *testing.T) {
	l, _ := must(locale.Load())(t).Choose("en", "")
	all := actionsInCode(t)
	for _, known := range []string{"file.upload", "destination.resume", "token.revoke", "block.add", "incident.postmortem"} {
		if !slices.Contains(all, known) {
			t.Errorf("%s was not found in the code", known)
		}
	}
	for _, what := range all {
		if sentenceOf(l, store.AuditEntry{What: what}) == "" {
			t.Errorf("%s has no sentence in [console_did]", what)
		}
		subject, _, _ := strings.Cut(what, ".")
		if !slices.ContainsFunc(auditKinds, func(k auditKind) bool { return slices.Contains(k.actions, subject) }) {
			t.Errorf("%s is of no kind in auditKinds", what)
		}
	}
	for _, kind := range []string{"issues", "posts", "files", "people", "agents", "desks", "incidents", "piles", "queue", "quarantine", "sources", "destinations", "optouts", "blocks", "flags", "instance"} {
		if !knownThing(l, kind) {
			t.Errorf("there is no word for %s/… in [console_thing]", kind)
		}
	}
}
