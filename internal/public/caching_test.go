package public

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/problem"
)

func TestPagesAreAskedForAgain(t *testing.T) {
	p := newPlace(t)
	first := p.get("/@help")
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Cache-Control") != "public, no-cache" {
		t.Fatalf("headers %v", first.Header())
	}
	again := p.get("/@help", "If-None-Match", tag)
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("Vary") != "Accept, Accept-Language" {
		t.Errorf("again: %d %v", again.Code, again.Header())
	}
	if w := p.do(http.MethodHead, "/@help"); w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
	b := p.broadcast("help", "All is well")
	if w := p.get("/@help", "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("after a broadcast: %d", w.Code)
	}
	before := p.get("/posts/" + string(b.ID)).Header().Get("ETag")
	p.clock.Advance(1e9)
	must(p.app.EditPost(t.Context(), app.By{}, b.ID, "All is not well"))(t)
	w := p.get("/posts/"+string(b.ID), "If-None-Match", before)
	if w.Code != http.StatusOK {
		t.Errorf("after an edit: %d", w.Code)
	}
	wants(t, w.Body.String(), "All is not well", "edited <time")
}

func TestAssets(t *testing.T) {
	p := newPlace(t)
	path := regexp.MustCompile(`/static/[0-9a-f]{16}-style\.css`).FindString(p.page("/"))
	for path, want := range map[string][2]string{
		path:           {"text/css; charset=utf-8", "immutable"},
		"/favicon.svg": {"image/svg+xml", "max-age"},
		"/favicon.ico": {"image/svg+xml", "max-age"},
		"/robots.txt":  {"text/plain; charset=utf-8", "max-age"},
	} {
		w := p.get(path)
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("Content-Type") != want[0] || !strings.Contains(h.Get("Cache-Control"), want[1]) {
			t.Errorf("GET %s: %d %v", path, w.Code, h)
		}
		if w.Body.Len() > 20_000 {
			t.Errorf("%s has %d bytes", path, w.Body.Len())
		}
		if again := p.get(path, "If-None-Match", h.Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("GET %s again: %d", path, again.Code)
		}
	}
	css := p.get(path).Body.String()
	if strings.Contains(css, "@import") {
		t.Error("the stylesheet loads another")
	}
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(css, -1) {
		w := p.get("/static/" + m[1])
		if h := w.Header(); w.Code != http.StatusOK || h.Get("Content-Type") != "font/woff2" || !strings.Contains(h.Get("Cache-Control"), "immutable") || w.Body.Len() > 25_000 {
			t.Errorf("the stylesheet loads %s: %d, %d bytes, %v", m[1], w.Code, w.Body.Len(), h)
		}
	}
	if strings.Contains(p.get("/robots.txt").Body.String(), "/issues") {
		t.Error("robots.txt hides the noindex of issues")
	}
}

func TestErrorKeepsTheServersRequestID(t *testing.T) {
	p := newPlace(t)
	w := httptest.NewRecorder()
	w.Header().Set(problem.HeaderRequest, "req-42")
	w.Header().Set("ETag", `"old"`)
	p.pages.Error(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusInternalServerError)
	if w.Code != http.StatusInternalServerError || w.Header().Get("ETag") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	wants(t, w.Body.String(), "req-42", "on our side")
}
