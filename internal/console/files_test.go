package console

import (
	"bytes"
	"html"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

func lamp(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	check(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 60, 40))))
	return b.String()
}

// ourPosts are the posts of ours in an issue.
func (r *room) ourPosts(issue desk.IssueID) (out []desk.Post) {
	r.Helper()
	for _, e := range must(r.app.ShowIssue(r.Context(), issue))(r.T).Timeline {
		if e.Post != nil && e.Post.Ours() {
			out = append(out, *e.Post)
		}
	}
	return out
}

var attachedID = regexp.MustCompile(`name="attached" value="([a-z2-7]+)"`)

// attachedIn are the pictures of the forms on a page.
func (s seen) attachedIn() (out []string) {
	for _, m := range attachedID.FindAllStringSubmatch(s.body, -1) {
		out = append(out, m[1])
	}
	return out
}

// Without a script a picture is put into the form, survives a refusal and another page, is
// asked for what it shows, and goes out with the words. An edit changes it.
func TestPicturesWithoutScript(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issue := r.report("ana", "down")
	b := r.signedIn(bo)
	page := b.get("/console/issues/" + string(issue))
	form := func(p seen, more ...string) url.Values {
		f := p.form()
		f.Set("text", "This light")
		f.Set("audience", "quiet")
		for n := 0; n+1 < len(more); n += 2 {
			f.Set(more[n], more[n+1])
		}
		return f
	}
	page.wants(t, http.StatusOK, `type="file" name="picture"`)
	b.upload("/console/files", "picture", "<svg><script>alert(1)</script></svg>", form(page)).wants(t, http.StatusUnprocessableEntity, "PNG", "This light")
	b.post("/console/files", form(page)).wants(t, http.StatusUnprocessableEntity, "choose the file", "This light")
	// Before a word is typed, who will read it stays as it was chosen.
	wordless := form(page, "audience", "direct", "text", "")
	before := b.upload("/console/files", "picture", lamp(t), wordless)
	before.wants(t, http.StatusOK, `value="direct" checked`)
	b.post("/console/files/remove", form(before, "remove", before.attachedIn()[0])).wants(t, http.StatusOK)
	page = b.upload("/console/files", "picture", lamp(t), form(page))
	ids := page.attachedIn()
	page.wants(t, http.StatusOK, "This light")
	if len(ids) != 1 || !strings.HasPrefix(page.path, "/console/issues/"+string(issue)) {
		t.Fatalf("%s shows %v", page.path, ids)
	}
	shown := b.get("/console/files/" + ids[0])
	if shown.status != http.StatusOK || shown.header.Get("Content-Type") != "image/png" || shown.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(shown.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("shown with %d and %v", shown.status, shown.header)
	}
	r.signedIn("cy@acme.example").get("/console/files/"+ids[0]).wants(t, http.StatusNotFound)

	r.clock.Advance(time.Second)
	// The next one comes with the press that sends: both are asked for what they show.
	asked := b.upload("/console/issues/"+string(issue)+"/say", "picture", lamp(t), form(page, "to", "quiet", "alt-"+ids[0], "  a red light "))
	asked.wants(t, http.StatusUnprocessableEntity, "what each picture shows", "This light", "  a red light"[2:]+"</textarea>")
	if ids = asked.attachedIn(); len(ids) != 2 || len(r.ourPosts(issue)) != 0 {
		t.Fatalf("%d posts, the form has %v", len(r.ourPosts(issue)), ids)
	}
	send := form(asked, "to", "quiet", "alt-"+ids[0], "a red light", "alt-"+ids[1], "")
	send["attached"] = ids
	changed := url.Values{}
	for k, v := range send {
		changed[k] = v
	}
	changed.Set("alt-"+ids[0], "") // another one is without: it is asked for again
	b.post("/console/issues/"+string(issue)+"/say", changed).wants(t, http.StatusUnprocessableEntity, "what each picture shows")
	b.post("/console/issues/"+string(issue)+"/say", send).wants(t, http.StatusOK, `src="/console/files/`+ids[0]+`"`, "a red light")
	b.post("/console/issues/"+string(issue)+"/say", send) // again: one act
	ours := r.ourPosts(issue)
	if len(ours) != 1 || len(ours[0].Attachments) != 2 || ours[0].Attachments[0].Alt != "a red light" || ours[0].Attachments[1].Alt != "" {
		t.Fatalf("said %+v", ours)
	}
	edit := url.Values{"post": {string(ours[0].ID)}, "issue": {string(issue)}, "text": {"That light"}, "on": {app.DraftOnPost(ours[0].ID)}, "pictures": {"on"},
		"attached": ids, "drop": {ids[1]}, "alt-" + ids[0]: {"the third light"}}
	b.post("/console/posts/edit", edit).wants(t, http.StatusOK, "That light")
	if ours = r.ourPosts(issue); len(ours[0].Attachments) != 1 || ours[0].Attachments[0].Alt != "the third light" {
		t.Errorf("edited it has %+v", ours[0].Attachments)
	}
	page = b.get("/console/issues/" + string(issue))
	page = b.upload("/console/files", "picture", lamp(t), form(page))
	waits := page.attachedIn()
	// A comment goes without them, and says so.
	noted := b.post("/console/issues/"+string(issue)+"/say", form(page, "to", "comment", "attached", waits[len(waits)-1]))
	noted.wants(t, http.StatusOK, "they stay in the form")
	if !slices.Contains(noted.attachedIn(), waits[len(waits)-1]) {
		t.Error("the comment took the picture away")
	}
	b.post("/console/files/remove", form(page, "remove", waits[len(waits)-1])).wants(t, http.StatusOK, "This light")
	b.get("/console/files/"+waits[len(waits)-1]).wants(t, http.StatusNotFound)
}

// By keyboard: a picture is chosen, described and sent.
func TestPictureByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "down")
	file := filepath.Join(t.TempDir(), "lamp.png")
	check(t, os.WriteFile(file, []byte(lamp(t)), 0o600))
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(issue))
	signIn(bo)(s.Tab)
	s.press("r")
	s.press("This light")
	s.tabTo("#composer input[name=picture]", 8)
	// One that is too large is not sent: the page says so, and the field is empty again.
	large := filepath.Join(t.TempDir(), "photo.png")
	check(t, os.WriteFile(large, nil, 0o600))
	check(t, os.Truncate(large, app.MaxUpload+1))
	s.Do(chromedp.SetUploadFiles(chromedp.CSS("#composer input[name=picture]"), []string{large}))
	s.sees(`document.querySelector('#composer .too-large').innerText.includes('10 MB') && document.activeElement.name === 'picture' && !document.activeElement.value`)
	s.accessible()
	s.Release(chromedp.SetUploadFiles(chromedp.CSS("#composer input[name=picture]"), []string{file}))
	s.sees(`document.activeElement?.name?.startsWith('alt-') && document.activeElement.form.id === 'composer'`)
	s.press("A red light")
	s.focus()
	s.send()
	s.sees(`document.querySelector('#timeline .ours .pictures img[alt="A red light"]')?.naturalWidth === 60`)
	s.accessible()
	ours := r.ourPosts(issue)
	if len(ours) != 1 || !strings.HasPrefix(ours[0].Text, "This light") || len(ours[0].Attachments) != 1 || ours[0].Attachments[0].Alt != "A red light" {
		t.Errorf("said %+v", ours)
	}
}

// The words typed of the pictures of a post, and which are to be taken away, come back with its
// form: after a refusal, another picture, a picture taken out, and signing in again. They are asked
// for once.
func TestEditKeepsDescriptions(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "down")
	b := r.signedIn(bo)
	by := app.By{Agent: bo}
	var has [2]desk.FileID
	for n := range has {
		has[n] = must(r.app.Upload(r.Context(), by, "", []byte(lamp(t))))(t).ID
	}
	p := must(r.app.Reply(r.Context(), by, app.ReplyInput{Issue: issue, Text: "This light", Now: true, Files: []app.FileInput{{ID: has[0], Alt: "a lamp"}, {ID: has[1], Alt: "another"}}}))(t)
	check(t, r.app.Update(r.Context(), func(tx *app.Tx) error { _, _, err := tx.PublishPost(p.ID); return err }))
	on := app.DraftOnPost(p.ID)
	form := url.Values{"post": {string(p.ID)}, "issue": {string(issue)}, "text": {"That light"}, "on": {on}, "pictures": {"on"}, "quiet": {"true"},
		"attached": {string(has[0]), string(has[1])}, "alt-" + string(has[0]): {"a red lamp"}, "alt-" + string(has[1]): {"taken away"}, "drop": {string(has[1])}}
	typed := func(when string, s seen, more ...string) {
		t.Helper()
		for _, want := range append([]string{">a red lamp</textarea>", `value="` + string(has[1]) + `" checked>`, ">That light</textarea>"}, more...) {
			if !strings.Contains(s.body, want) {
				t.Errorf("%s, the form is without %s", when, want)
			}
		}
	}
	again := func() seen { t.Helper(); return b.get("/console/issues/" + string(issue)) }
	b.post("/console/drafts", form).wants(t, http.StatusNoContent)
	typed("kept", again())
	form.Del("quiet")
	typed("after a file that is no picture", b.upload("/console/files", "picture", "<svg>", form), `role="alert"`)
	page := b.upload("/console/files", "picture", lamp(t), form)
	typed("after one more", page)
	ids := page.attachedIn()
	s := ids[len(ids)-1]
	form["attached"] = append(form["attached"], s)
	form.Set("alt-"+s, "a second lamp")
	form.Set("text", strings.Repeat("x", 10001))
	refused := b.post("/console/posts/edit", form)
	refused.wants(t, http.StatusUnprocessableEntity, ">a second lamp</textarea>", ">a red lamp</textarea>")
	form.Set("text", "That light")
	form.Set("remove", s)
	typed("after it was taken out", b.post("/console/files/remove", form))
	form["attached"] = form["attached"][:2]

	stranger := r.plainBrowser()
	page = stranger.post("/console/posts/edit", form)
	page.wants(t, http.StatusUnauthorized, "described")
	check(t, r.app.DiscardDraft(r.Context(), by, on))
	in := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)"( data-typed)?>`).FindAllStringSubmatch(page.body, -1) {
		in.Set(m[1], html.UnescapeString(m[2]))
	}
	in.Set("email", bo)
	in.Set("password", password)
	stranger.post("/console/sign-in", in)
	typed("after signing in", again())

	form.Set("alt-"+string(has[0]), "")
	asked := b.post("/console/posts/edit", form)
	asked.wants(t, http.StatusUnprocessableEntity, "what each picture shows")
	form.Set("undescribed", undescribed([]app.FileInput{{ID: has[0]}}))
	if !strings.Contains(asked.body, `name="undescribed" value="`+form.Get("undescribed")+`"`) {
		t.Error("a second press is asked for the same again")
	}
	b.post("/console/posts/edit", form).wants(t, http.StatusOK, "That light")
	if ours := r.ourPosts(issue); len(ours[0].Attachments) != 1 || ours[0].Attachments[0].Alt != "" {
		t.Errorf("changed to %+v", ours[0].Attachments)
	}
}

// Without a script a broadcast gets its pictures as a reply does: they survive a refusal, are shown in
// the list with what they show until it is taken back, and an edit changes them.
func TestPicturesOfBroadcasts(t *testing.T) {
	r := newRoom(t)
	r.agent("lea@acme.example", "Lea Lind", desk.RoleLead)
	b := r.signedIn("lea@acme.example")
	page := b.get("/console/broadcasts")
	form := func(key string, more ...string) url.Values {
		f := url.Values{"desk": {"help"}, "on": {"desks/help"}, "text": {"This light is red."}, "warning": {"Red"}, "key": {key}}
		for n := 0; n+1 < len(more); n += 2 {
			f[more[n]] = strings.Fields(more[n+1])
		}
		return f
	}
	page.wants(t, http.StatusOK, `type="file" name="picture"`)
	b.upload("/console/files", "picture", "<svg>", form("k")).wants(t, http.StatusUnprocessableEntity, "PNG", "This light is red.</textarea>", `value="Red"`)
	// Before a word is typed, the other fields stay.
	page = b.upload("/console/files", "picture", lamp(t), form("k", "text", ""))
	page.wants(t, http.StatusOK, `value="Red"`)
	first := page.attachedIn()[0]
	// The next one comes with the press that sends: both are asked for what they show.
	asked := b.upload("/console/broadcasts", "picture", lamp(t), form("k", "attached", first, "alt-"+first, "light"))
	asked.wants(t, http.StatusUnprocessableEntity, "what each picture shows", "This light is red.</textarea>", ">light</textarea>", `name="undescribed"`)
	ids := asked.attachedIn()
	if len(ids) != 2 {
		t.Fatalf("the form has %v", ids)
	}
	if again := b.get("/console/broadcasts").attachedIn(); len(again) != 2 {
		t.Errorf("on another page it has %v", again)
	}
	send := form("k", "attached", strings.Join(ids, " "), "alt-"+ids[0], "light", "alt-"+ids[1], "box")
	sent := b.post("/console/broadcasts", send)
	sent.wants(t, http.StatusOK, `src="/console/files/`+ids[0]+`"`, `alt="light"`, `alt="box"`, `<details class="veil">`)
	b.post("/console/broadcasts", send) // again: one act
	list, _, err := r.app.Broadcasts(t.Context(), "help", store.Page{Limit: 9})
	check(t, err)
	if len(list) != 1 || len(list[0].Post.Attachments) != 2 || list[0].Post.Attachments[1].Alt != "box" {
		t.Fatalf("said %+v", list)
	}
	// Taken back, they are in the form again, and not in the list.
	p := list[0].Post
	undone := b.post("/console/broadcasts/undo", url.Values{"post": {string(p.ID)}})
	if got := undone.attachedIn(); len(got) != 2 || strings.Contains(undone.body, `class="pictures"`) {
		t.Errorf("taken back, the form has %v: %s", got, undone.body)
	}
	send.Set("key", "l")
	b.post("/console/broadcasts", send).wants(t, http.StatusOK, `alt="box"`)
	list, _, err = r.app.Broadcasts(t.Context(), "help", store.Page{Limit: 1})
	check(t, err)
	p = list[0].Post
	r.publish(p.ID, store.Tally{})

	// An edit takes one away, describes the other, and brings one.
	edit := url.Values{"post": {string(p.ID)}, "desk": {"help"}, "text": {"That light is red."}, "on": {app.DraftOnPost(p.ID)}, "pictures": {"on"},
		"attached": ids, "drop": {ids[1]}, "alt-" + ids[0]: {"third"}}
	refused := b.upload("/console/files", "picture", "<svg>", edit)
	refused.wants(t, http.StatusUnprocessableEntity, `role="alert"`, ">third</textarea>", `value="`+ids[1]+`" checked>`, "That light is red.</textarea>")
	page = b.upload("/console/files", "picture", lamp(t), edit)
	for _, id := range page.attachedIn() {
		if id != ids[0] && id != ids[1] {
			edit.Add("attached", id)
			edit.Set("alt-"+id, "new")
		}
	}
	b.post("/console/posts/edit", edit).wants(t, http.StatusOK, "That light is red.", `alt="third"`, `alt="new"`)
	b.post("/console/posts/retract", url.Values{"post": {string(p.ID)}}).lacks(t, `alt="third"`, `alt="new"`, `class="pictures"`)
}

// By keyboard: a broadcast gets a picture that is chosen, described and sent.
func TestBroadcastPictureByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleLead)
	file := filepath.Join(t.TempDir(), "lamp.png")
	check(t, os.WriteFile(file, []byte(lamp(t)), 0o600))
	s := r.screen(browser.View{})
	s.open("/console/broadcasts")
	signIn(bo)(s.Tab)
	s.tabTo("#text", 30)
	s.press("This light is red.")
	s.tabTo(".composer input[name=picture]", 8)
	s.Release(chromedp.SetUploadFiles(chromedp.CSS(".composer input[name=picture]"), []string{file}))
	s.sees(`document.activeElement?.name?.startsWith('alt-') && document.querySelector('#text').value === 'This light is red.'`)
	s.press("A red light")
	s.accessible()
	s.tabTo(".composer .send-public", 20)
	s.leaves("\r")
	s.sees(`document.querySelector('.timeline .ours .pictures img[alt="A red light"]')?.naturalWidth === 60`)
	s.accessible()
}
