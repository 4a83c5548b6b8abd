package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// tinyPicture is a black PNG of 48×48 pixels.
const tinyPicture = "iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAQAAAAB/ecQqAAAADUlEQVR42mNgGAXUBAABUAABNLg62QAAAABJRU5ErkJggg=="

func TestFaceOfADesk(t *testing.T) {
	f := newFixture(t)
	ask := func(method, path, body string, want int, holds string) {
		t.Helper()
		if w := f.do(method, Root+path, body, nil); w.Code != want || !strings.Contains(w.Body.String(), holds) {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	ask("PATCH", "/desks/help", `{"colour":"#0b6b66","links":[{"name":"Web","url":"https://acme.example/"}]}`, http.StatusOK, `"icon":null,"header":null,"colour":"#0b6b66","links":[{"name":"Web","url":"https://acme.example/","proven_at":""}]`)
	ask("PATCH", "/desks/help", `{"colour":"#ffff00"}`, http.StatusBadRequest, "desk_colour_faint")
	ask("POST", "/desks/help/links/check", "", http.StatusOK, `"proven_at":"20`)
	picture := `{"data":"` + tinyPicture + `"}`
	ask("PUT", "/desks/help/pictures/icon", picture, http.StatusOK, `"type":"image/png","width":48,"height":48`)
	ask("PUT", "/desks/help/pictures/other", picture, http.StatusNotFound, "picture_role_unknown")
	ask("PUT", "/desks/none/pictures/icon", picture, http.StatusNotFound, "desk_not_found")
	ask("PUT", "/desks/help/pictures/icon", `{"data":"PHN2Zz4="}`, http.StatusBadRequest, "picture_type")
	ask("PUT", "/desks/help/pictures/icon", `{"data":"`+strings.Repeat("A", maxPicture)+`"}`, http.StatusRequestEntityTooLarge, "")
	ask("DELETE", "/desks/help/pictures/icon", "", http.StatusNoContent, "")
	ask("GET", "/desks/help", "", http.StatusOK, `"icon":null`)
}

// The bytes that are read before a request has a place fit the routes.
func TestMostFitsTheRoutes(t *testing.T) {
	for _, r := range routes() {
		path := Root + strings.NewReplacer("{desk}", "help", "{role}", "icon").Replace(r.path)
		if got, want := Most(httptest.NewRequest(r.method, path, nil)), max(r.most, maxBody); got != want {
			t.Errorf("%s %s: %d bytes, want %d", r.method, path, got, want)
		}
	}
}
