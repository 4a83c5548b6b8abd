package api

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
)

// tinyPicture is a black PNG of 48×48 pixels.
const tinyPicture = "iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAQAAAAB/ecQqAAAADUlEQVR42mNgGAXUBAABUAABNLg62QAAAABJRU5ErkJggg=="

func TestFaceOfADesk(t *testing.T) {
	f := newFixture(t)
	c, ctx := f.client(), t.Context()
	colour, links := desk.Colour("#0b6b66"), []NewDeskLink{{Name: "Web", URL: "https://acme.example/"}}
	d, err := c.EditDesk(ctx, "help", DeskEdit{Colour: &colour, Links: &links})
	if err != nil || d.Colour != colour || len(d.Links) != 1 || !d.Links[0].ProvenAt.IsZero() || d.Icon != nil {
		t.Fatalf("%+v, %v", d, err)
	}
	if d, err = c.ProveLinks(ctx, "help"); err != nil || d.Links[0].ProvenAt.IsZero() {
		t.Errorf("after the check: %+v, %v", d.Links, err)
	}
	status, body := f.raw(http.MethodPut, "/desks/help/pictures/icon", `{"data":"`+tinyPicture+`"}`)
	if status != http.StatusOK || !strings.Contains(body, `"type":"image/png","width":48,"height":48`) {
		t.Errorf("a picture: %d %s", status, body)
	}
	for path, want := range map[string]int{"/desks/help/pictures/other": http.StatusNotFound, "/desks/none/pictures/icon": http.StatusNotFound} {
		if status, body := f.raw(http.MethodPut, path, `{"data":"`+tinyPicture+`"}`); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := f.raw(http.MethodPut, "/desks/help/pictures/icon", `{"data":"PHN2Zz4="}`); status != http.StatusBadRequest || !strings.Contains(body, "picture_type") {
		t.Errorf("an SVG: %d %s", status, body)
	}
	if err := c.RemovePicture(ctx, "help", desk.PictureIcon); err != nil {
		t.Error(err)
	}
	if d, err = c.Desk(ctx, "help"); err != nil || d.Icon != nil {
		t.Errorf("after its removal: %+v, %v", d.Icon, err)
	}
}
