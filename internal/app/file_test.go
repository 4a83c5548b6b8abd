package app_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// photo is a JPEG with the place where it was taken.
func photo(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	place := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00GPS 52.5200 N 13.4050 E"
	head := append([]byte{0xff, 0xe1, byte((len(place) + 2) >> 8), byte(len(place) + 2)}, place...)
	return append(append(append([]byte{}, b.Bytes()[:2]...), head...), b.Bytes()[2:]...)
}

// noise is a picture that no encoder makes short, half of it transparent.
func noise(t testing.TB, side int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	r := rand.New(rand.NewPCG(1, 2))
	for n := range m.Pix {
		m.Pix[n] = uint8(r.Uint32())
	}
	m.SetNRGBA(0, 0, color.NRGBA{})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (r *threads) upload(agent desk.Email, on string) desk.FileID {
	r.Helper()
	r.clock.Advance(time.Second)
	return of(r.app().Upload(ctx, app.By{Agent: agent}, on, photo(r.T, 40, 20)))(r).ID
}

// seen says of files whether all may see them, and whether an agent may.
func (r *threads) seen(agent desk.Email, files ...desk.FileID) (out []string) {
	r.Helper()
	for _, id := range files {
		f, all, err := r.app().File(ctx, id)
		fine(r.T, err)
		_, inside, err := r.app().FileFor(ctx, agent, id)
		fine(r.T, err)
		if all || inside {
			b, err := r.app().FileBytes(ctx, f)
			fine(r.T, err)
			if f.Type != "image/jpeg" || len(b) != f.Size || bytes.Contains(b, []byte("GPS")) {
				r.Errorf("%s is %s of %d bytes, %d are there, with its place: %v", id, f.Type, f.Size, len(b), bytes.Contains(b, []byte("GPS")))
			}
		}
		out = append(out, fmt.Sprint(all, inside))
	}
	return out
}

func (r *threads) waiting(agent desk.Email, on string) (out []string) {
	r.Helper()
	for _, u := range of(r.app().Uploads(ctx, agent))(r)[on] {
		out = append(out, string(u.ID)+" "+u.Alt)
	}
	return out
}

// A picture is bound to the reply in its transaction, is there for all once the reply has
// gone out, changes with an edit, and goes with the reply.
func TestFilesOfAReply(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		on, by := app.DraftOnIssue(a), app.By{Agent: bo}
		f, g := r.upload(bo, on), r.upload(bo, on)
		fine(r.T, r.app().Describe(ctx, by, []app.FileInput{{ID: "gone", Alt: "x"}, {ID: g, Alt: "a red light"}}))
		r.same("in the form", r.waiting(bo, on), []string{string(f) + " ", string(g) + " a red light"})
		r.same("not yet", [][]string{r.seen(bo, f), r.seen(cy, f)}, [][]string{{"false true"}, {"false false"}})

		refused := func(why string, in app.ReplyInput, by app.By) {
			r.Helper()
			_, err := r.app().Reply(ctx, by, in)
			r.same("refused", desk.ErrorID(err), why)
			r.same("still in the form", len(r.waiting(bo, on)), 2)
		}
		refused("file_not_found", app.ReplyInput{Issue: a, Text: "x", Files: []app.FileInput{{ID: f}, {ID: "other"}}}, by)
		refused("file_not_found", app.ReplyInput{Issue: a, Text: "x", Files: []app.FileInput{{ID: f}}}, app.By{Agent: cy})
		refused("file_twice", app.ReplyInput{Issue: a, Text: "x", Files: []app.FileInput{{ID: f}, {ID: f}}}, by)
		refused("files_too_many", app.ReplyInput{Issue: a, Text: "x", Files: make([]app.FileInput, 5)}, by)
		refused("alt_too_long", app.ReplyInput{Issue: a, Text: "x", Files: []app.FileInput{{ID: f, Alt: strings.Repeat("x", desk.MaxAlt+1)}}}, by)
		refused("visibility_unknown", app.ReplyInput{Issue: a, Text: "x", Visibility: "nonsense", Files: []app.FileInput{{ID: f}}}, by)

		in := app.ReplyInput{Issue: a, Text: "Which light?", Files: []app.FileInput{{ID: g, Alt: "a red light"}, {ID: f, Alt: " all\r\nlights "}}}
		p := of(r.app().Reply(ctx, app.By{Agent: bo, Key: "k"}, in))(r)
		again := of(r.app().Reply(ctx, app.By{Agent: bo, Key: "k"}, in))(r)
		r.same("the same reply", again.ID, p.ID)
		r.same("as it is", p.Attachments, []desk.Attachment{
			{URL: "https://help.acme.example/files/" + string(g), MediaType: "image/jpeg", Alt: "a red light", File: g, Width: 40, Height: 20},
			{URL: "https://help.acme.example/files/" + string(f), MediaType: "image/jpeg", Alt: "all\nlights", File: f, Width: 40, Height: 20}})
		r.same("no longer in the form", len(r.waiting(bo, on)), 0)
		r.same("for agents", r.seen(cy, f, g), []string{"false true", "false true"})

		of(r.app().Undo(ctx, by, string(p.ID)))(r)
		r.same("in the form again", r.waiting(bo, on), []string{string(g) + " a red light", string(f) + " all\nlights"})
		r.same("taken back", r.seen(bo, f, g), []string{"false true", "false true"})

		p = of(r.app().Reply(ctx, by, in))(r)
		r.publish(a, b)
		r.same("gone out", r.seen(cy, f, g), []string{"true true", "true true"})
		h := r.upload(bo, "")
		p = of(r.app().EditPost(ctx, by, p.ID, "Which lamp?", []app.FileInput{{ID: f, Alt: "lamps"}, {ID: h}}))(r)
		r.same("edited", []string{p.Attachments[0].Alt, p.Attachments[1].Alt, fmt.Sprint(p.Edits)}, []string{"lamps", "", "1"})
		r.same("one was taken away", r.seen(cy, f, g, h), []string{"true true", "false false", "true true"})
		p = of(r.app().EditPost(ctx, by, p.ID, "Which lamps?"))(r)
		r.same("an edit of the words", len(p.Attachments), 2)

		of(r.app().UndoChange(ctx, by, app.UndoInput{Issue: a, Kind: desk.KindMerge}))(r)
		of(r.app().RetractPost(ctx, by, p.ID))(r)
		r.same("the copy has it still", r.seen(cy, f, h), []string{"true true", "true true"})
		of(r.app().RetractPost(ctx, by, p.Copies[0]))(r)
		r.same("gone", r.seen(cy, f, h), []string{"false false", "false false"})
	})
}

// Other files are refused, a large picture is made small, and nobody fills the store.
func TestUploadsAreBounded(t *testing.T) {
	onStores(t, func(r *threads) {
		a, _ := r.two()
		for why, raw := range map[string][]byte{
			"picture_type":    []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
			"picture_damaged": photo(r.T, 40, 20)[:80],
			"picture_bytes":   make([]byte, app.MaxUpload+1),
		} {
			_, err := r.app().Upload(ctx, app.By{Agent: bo}, "", raw)
			r.same("refused", desk.ErrorID(err), why)
		}
		_, err := r.app().Upload(ctx, app.By{Agent: bo}, "issues/none", photo(r.T, 4, 4))
		r.same("no such form", desk.ErrorID(err), "issue_not_found")
		wide := of(r.app().Upload(ctx, app.By{Agent: bo}, "", photo(r.T, 4096, 40)))(r)
		r.same("made small", []int{wide.Width, wide.Height}, []int{2048, 20})
		for range desk.MaxFiles {
			r.upload(bo, app.DraftOnIssue(a))
		}
		_, err = r.app().Upload(ctx, app.By{Agent: bo}, app.DraftOnIssue(a), photo(r.T, 4, 4))
		r.same("one more in the form", desk.ErrorID(err), "files_too_many")
		for range 15 {
			r.upload(bo, "")
		}
		_, err = r.app().Upload(ctx, app.By{Agent: bo}, "", photo(r.T, 4, 4))
		r.same("one more", desk.ErrorID(err), "uploads_full")
		kept := r.upload(cy, app.DraftOnIssue(a))
		first := of(r.app().Upload(ctx, app.By{Agent: cy, Key: "k"}, "", photo(r.T, 4, 4)))(r)
		r.same("once", of(r.app().Upload(ctx, app.By{Agent: cy, Key: "k"}, "", photo(r.T, 4, 4)))(r).ID, first.ID)
		fine(r.T, r.app().RemoveUpload(ctx, app.By{Agent: bo}, wide.ID))
		r.same("another's", desk.ErrorID(r.app().RemoveUpload(ctx, app.By{Agent: bo}, kept)), "file_not_found")
		r.same("removed", r.seen(bo, wide.ID), []string{"false false"})

		r.clock.Advance(25 * time.Hour)
		of(r.app().ExpireWords(ctx))(r)
		r.same("after a day", []int{len(r.waiting(bo, "")), len(r.waiting(bo, app.DraftOnIssue(a)))}, []int{0, 4})
		r.same("their bytes", r.seen(cy, first.ID, kept), []string{"false false", "false true"})
		r.clock.Advance(r.app().WordsExpire())
		of(r.app().ExpireWords(ctx))(r)
		r.same("with old drafts", []int{len(r.waiting(bo, app.DraftOnIssue(a))), len(r.waiting(cy, app.DraftOnIssue(a)))}, []int{0, 0})
		r.same("their bytes", r.seen(cy, kept), []string{"false false"})
	})
}

// A transparent picture that would be long becomes a photo.
func TestUploadIsShort(t *testing.T) {
	h := newHouse(t)
	u, err := h.Upload(ctx, app.By{}, "", noise(t, 900))
	h.ok(err)
	f, ok, err := h.FileFor(ctx, "", u.ID)
	h.ok(err)
	if !ok || f.Size > 4<<20 || f.Type != u.Type {
		t.Errorf("%d bytes of %s", f.Size, f.Type)
	}
}

// A reply that is taken back alone leaves the picture to the copy that goes out; its form has one
// of its own, which is forgotten with it.
func TestTakingBackLeavesTheCopyItsFiles(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		on, by := app.DraftOnIssue(a), app.By{Agent: bo}
		f := r.upload(bo, on)
		p := of(r.app().Reply(ctx, by, app.ReplyInput{Issue: a, Text: "Which light?", Files: []app.FileInput{{ID: f, Alt: "a light"}}}))(r)
		of(r.app().UndoChange(ctx, by, app.UndoInput{Issue: a, Kind: desk.KindMerge}))(r)
		of(r.app().Undo(ctx, by, string(p.ID)))(r)
		waits := of(r.app().Uploads(ctx, bo))(r)[on]
		if len(waits) != 1 || waits[0].ID == f || waits[0].Alt != "a light" {
			r.Fatalf("the form has %+v", waits)
		}
		r.same("its own picture", r.seen(bo, waits[0].ID), []string{"false true"})
		r.publish(b)
		r.same("the copy went out with it", r.seen(cy, f), []string{"true true"})
		fine(r.T, r.app().DiscardDraft(ctx, by, on))
		r.same("the form is discarded", r.seen(bo, f, waits[0].ID), []string{"true true", "false false"})
		of(r.app().RetractPost(ctx, by, p.Copies[0]))(r)
		r.same("gone with the copy", r.seen(bo, f), []string{"false false"})
	})
}

// Pictures of a reply that a colleague took back, or that was withheld, go into the form of who
// wrote it, also where the form has words.
func TestPicturesComeBackToTheirAgent(t *testing.T) {
	onStores(t, func(r *threads) {
		a, _ := r.two()
		on, by := app.DraftOnIssue(a), app.By{Agent: bo}
		say := func() (desk.Post, desk.FileID) {
			f := r.upload(bo, on)
			return of(r.app().Reply(ctx, by, app.ReplyInput{Issue: a, Text: "Which light?", Files: []app.FileInput{{ID: f, Alt: "a light"}}}))(r), f
		}
		p, f := say()
		fine(r.T, r.app().SaveDraft(ctx, by, store.Draft{On: on, Text: "next"}))
		of(r.app().Undo(ctx, app.By{Agent: cy}, string(p.ID)))(r)
		r.same("taken back by a colleague", r.waiting(bo, on), []string{string(f) + " a light"})
		p, g := say()
		fine(r.T, r.app().Unseen(ctx, p.ID))
		r.same("withheld", r.waiting(bo, on), []string{string(f) + " a light", string(g) + " a light"})
		r.same("still of its agent", r.seen(cy, g), []string{"false false"})
	})
}
