package console

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

var meantField = regexp.MustCompile(`name="meant" value="([^"]+)"`)

// Each form of an issue says what was seen, and comes back when there is something
// newer: with the words, and for a second press.
func TestFormsOfAnOlderPage(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	r.agent("ada@acme.example", "Ada Ahl", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	path := "/console/issues/" + string(issue)
	b := r.signedIn("bo@acme.example")
	page := b.get(path)
	form := page.form()
	seen := form.Get("seen")
	if seen == "" {
		t.Fatal("the page does not say what was seen")
	}
	must(r.app.SetStatus(t.Context(), app.By{Agent: "ada@acme.example"}, app.StatusInput{Issue: issue, Change: desk.StatusChange{To: desk.StatusInProgress}}))(t)
	must(r.app.Comment(t.Context(), app.By{Agent: "ada@acme.example"}, issue, "It is the cabinet"))(t)
	// A silent status, also by a program that copies what each form of the page says.
	b.post(path+"/status", url.Values{"status": {"waiting"}, "seen": {seen + "\n" + seen}}).wants(t, http.StatusConflict, "Ada Ahl commented")
	b.post(path+"/status", url.Values{"status": {"waiting"}, "seen": {seen}}).wants(t, http.StatusConflict, "Ada Ahl commented")
	// Many at once.
	list := b.get("/console/issues?view=open")
	list.wants(t, http.StatusOK, `name="seen_at"`)
	b.post("/console/several", url.Values{"do": {"not_a_call"}, "issue": {string(issue)}, "seen_at": {"2020-01-01T00:00:00Z"}}).wants(t, http.StatusConflict, "newer in this issue")
	// A reply, and once more.
	form.Set("text", "Which street?")
	form.Set("to", "quiet")
	again := b.post(path+"/say", form)
	again.wants(t, http.StatusConflict, "Ada Ahl commented", "Which street?</textarea>")
	form.Set("seen", again.form().Get("seen"))
	b.post(path+"/say", form).wants(t, http.StatusOK, "goes out in")
	if i := must(r.app.ShowIssue(t.Context(), issue))(t).Issue; i.Status == desk.StatusWaiting || i.Status == desk.StatusClosed {
		t.Errorf("the issue is %s", i.Status)
	}
}

// What takes something back says what was seen too: an older page takes back nothing that a
// colleague built on.
func TestTakesBackFromAnOlderPage(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	r.agent("ada@acme.example", "Ada Ahl", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	path := "/console/issues/" + string(issue)
	b := r.signedIn("bo@acme.example")
	must(r.app.SetStatus(t.Context(), app.By{Agent: "bo@acme.example"}, app.StatusInput{Issue: issue, Change: desk.StatusChange{To: desk.StatusInProgress}}))(t)
	must(r.app.Snooze(t.Context(), app.By{Agent: "bo@acme.example"}, app.SnoozeInput{Issue: issue}))(t)
	page := b.get(path)
	seen := page.form().Get("seen")
	page.wants(t, http.StatusOK, `name="seen" value="`+seen+`"><input type="hidden" name="kind" value="status">`, `name="seen" value="`+seen+`"><button>Bring it back now`)
	must(r.app.Comment(t.Context(), app.By{Agent: "ada@acme.example"}, issue, "It is the cabinet"))(t)
	b.post(path+"/undo-change", url.Values{"kind": {"status"}, "seen": {seen}}).wants(t, http.StatusConflict, "Ada Ahl commented")
	b.post(path+"/wake", url.Values{"seen": {seen}}).wants(t, http.StatusConflict, "Ada Ahl commented")
	now := b.get(path).form().Get("seen")
	b.post(path+"/wake", url.Values{"seen": {now}}).wants(t, http.StatusOK)
	b.post(path+"/undo-change", url.Values{"kind": {"status"}, "seen": {now}}).wants(t, http.StatusOK)
	// Many at once.
	many := b.post("/console/several", url.Values{"do": {"mine"}, "issue": {string(issue)}, "key": {"many"}})
	act := regexp.MustCompile(`name="seen_at" value="([^"]+)"><input type="hidden" name="act" value="([^"]+)"`).FindStringSubmatch(many.body)
	if act == nil {
		t.Fatal("the undo of many does not say what was seen")
	}
	must(r.app.Comment(t.Context(), app.By{Agent: "ada@acme.example"}, issue, "Take it, then"))(t)
	r.clock.Advance(time.Second)
	undo := regexp.MustCompile(`name="seen_at" value="([^"]+)"><input type="hidden" name="act" value="` + act[2] + `"`)
	old := b.post("/console/several/undo", url.Values{"act": {act[2]}, "seen_at": {"2020-01-01T00:00:00Z"}})
	old.wants(t, http.StatusConflict, "newer in this issue")
	again := undo.FindStringSubmatch(old.body) // of a page that shows the newer word
	if again == nil {
		t.Fatal("an undo that was refused cannot be tried again")
	}
	done := b.post("/console/several/undo", url.Values{"act": {act[2]}, "seen_at": {again[1]}})
	done.wants(t, http.StatusOK)
	if undo.MatchString(done.body) {
		t.Error("what was taken back is offered to be taken back")
	}
	// A reply whose words a colleague changed.
	p := must(r.app.Reply(t.Context(), app.By{Agent: "bo@acme.example"}, app.ReplyInput{Issue: issue, Text: "Which street?"}))(t)
	now = b.get(path).form().Get("seen")
	must(r.app.EditPost(t.Context(), app.By{Agent: "ada@acme.example"}, p.ID, "Which town?"))(t)
	b.post(path+"/undo", url.Values{"post": {string(p.ID)}, "seen": {now}}).wants(t, http.StatusConflict, "Which town?")
	b.post(path+"/undo", url.Values{"post": {string(p.ID)}, "seen": {b.get(path).form().Get("seen")}}).wants(t, http.StatusOK)
}

// A change of one of our posts that is refused comes back with its words.
func TestRefusedChangeKeepsItsWords(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("bo@acme.example")
	path := "/console/issues/" + string(issue)
	said := must(r.app.Comment(t.Context(), app.By{Agent: "bo@acme.example"}, issue, "The cabinet"))(t)
	seen := b.get(path).form().Get("seen")
	change := url.Values{"post": {string(said.ID)}, "issue": {string(issue)}, "seen": {seen}, "text": {"Please send us the PIN assignment"}}
	asked := b.post("/console/posts/edit", change)
	asked.wants(t, http.StatusUnprocessableEntity, "Please send us the PIN assignment</textarea>", `<details class="edit" open>`, "only impostors ask for", `name="meant"`)
	// Meant as it is, with the line breaks of a browser.
	change.Set("text", "Please send us the PIN assignment\r\nand the colour")
	asked = b.post("/console/posts/edit", change)
	change.Set("meant", meantField.FindStringSubmatch(asked.body)[1])
	b.post("/console/posts/edit", change).wants(t, http.StatusOK, "and the colour")
	must(r.app.Comment(t.Context(), app.By{Agent: "ada@acme.example"}, issue, "No, the cable"))(t)
	change.Set("text", "The cabinet at the corner")
	b.post("/console/posts/edit", change).wants(t, http.StatusConflict, "The cabinet at the corner</textarea>", "newer in this issue")
}

// What seems to ask for a secret is sent at a second press, as it is.
func TestMeantAsItIs(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleLead)
	issue := r.report("ana", "My line is down")
	b := r.signedIn("bo@acme.example")
	form := b.get("/console/issues/" + string(issue)).form()
	form.Set("text", "Please send us the PIN assignment")
	form.Set("to", "quiet")
	asked := b.post("/console/issues/"+string(issue)+"/say", form)
	asked.wants(t, http.StatusUnprocessableEntity, "only impostors ask for")
	form.Set("meant", asked.form().Get("meant"))
	form.Set("text", "Please send us the PIN") // other words: asked once more
	b.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusUnprocessableEntity, "only impostors ask for")
	form.Set("text", "Please send us the PIN assignment")
	b.post("/console/issues/"+string(issue)+"/say", form).wants(t, http.StatusOK, "goes out in")
	// A broadcast.
	page := b.post("/console/broadcasts", url.Values{"desk": {"help"}, "text": {"Please send us the PIN assignment"}, "key": {"k"}})
	page.wants(t, http.StatusUnprocessableEntity, `name="meant"`)
	b.post("/console/broadcasts", url.Values{"desk": {"help"}, "text": {"Please send us the PIN assignment"}, "key": {"k"}, "meant": {meantField.FindStringSubmatch(page.body)[1]}}).wants(t, http.StatusOK, "The broadcast goes out in a moment")
}
