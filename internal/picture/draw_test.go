package picture

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"testing"
)

var icon = Limits{Bytes: 1 << 20, Least: 8, Width: 32, Height: 32, Fill: true}

func TestDraw(t *testing.T) {
	for name, c := range map[string]struct {
		body []byte
		want string
	}{"PNG": {aPNG(t, scene(200, 100)), "image/png"}, "JPEG": {exif(aJPEG(t, scene(200, 100)), 1), "image/jpeg"}} {
		got, err := Draw(t.Context(), c.body, icon)
		if err != nil || got.Type != c.want || got.Width != 32 || got.Height != 32 || bytes.Contains(got.Body, []byte("GPS")) {
			t.Fatalf("%s: %s %d×%d, %v", name, got.Type, got.Width, got.Height, err)
		}
		m, kind, err := image.Decode(bytes.NewReader(got.Body))
		if err != nil || "image/"+kind != c.want || m.Bounds().Dx() != 32 {
			t.Errorf("%s: decoded as %s, %v", name, kind, err)
		}
		if r, _, b, _ := m.At(2, 2).RGBA(); r>>8 < 200 || b>>8 > 60 {
			t.Errorf("%s: its left half is no longer red: %d %d", name, r>>8, b>>8)
		}
	}
	header := icon
	header.Width, header.Height, header.Fill, header.Photo = 60, 60, false, true
	if got, err := Draw(t.Context(), aPNG(t, scene(200, 100)), header); err != nil || got.Type != "image/jpeg" || got.Width != 60 || got.Height != 30 {
		t.Errorf("a header: %s %d×%d, %v", got.Type, got.Width, got.Height, err)
	}
	if got, err := Draw(t.Context(), exif(aJPEG(t, scene(200, 100)), 6), header); err != nil || got.Width != 30 || got.Height != 60 {
		t.Errorf("a turned header: %d×%d, %v", got.Width, got.Height, err)
	}
	if got, err := Draw(t.Context(), aPNG(t, scene(16, 16)), icon); err != nil || got.Width != 16 {
		t.Errorf("a small picture was made larger: %d, %v", got.Width, err)
	}
	clear := image.NewRGBA(image.Rect(0, 0, 64, 64))
	if got, err := Draw(t.Context(), aPNG(t, clear), header); err != nil {
		t.Error(err)
	} else if m, _, err := image.Decode(bytes.NewReader(got.Body)); err != nil || m.At(5, 5) == clear.At(5, 5) {
		t.Errorf("what was transparent is %v: %v", m.At(5, 5), err)
	}
}

func TestDrawRefuses(t *testing.T) {
	good := aPNG(t, scene(100, 100))
	short := icon
	short.Bytes = len(good) - 1
	for name, c := range map[string]struct {
		body []byte
		l    Limits
		want error
	}{
		"SVG":            {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), icon, ErrKind},
		"many bytes":     {good, short, ErrBytes},
		"a bomb":         {header(60_000, 60_000), icon, ErrPixels},
		"too few pixels": {aPNG(t, scene(100, 7)), icon, ErrFew},
		"cut off":        {good[:len(good)/2], icon, ErrBroken},
	} {
		if _, err := Draw(t.Context(), c.body, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, wanted %v", name, err, c.want)
		}
	}
}

func FuzzDraw(f *testing.F) {
	f.Add(aPNG(f, scene(20, 10)), 32, 32, true)
	f.Add(exif(aJPEG(f, scene(20, 10)), 8), 7, 90, false)
	f.Fuzz(func(t *testing.T, body []byte, w, h int, fill bool) {
		l := Limits{Bytes: 1 << 16, Least: 1, Width: 1 + w&63, Height: 1 + h&63, Fill: fill}
		if config, err := png.DecodeConfig(bytes.NewReader(body)); err == nil && config.Width*config.Height > 1<<14 {
			return
		}
		got, err := Draw(t.Context(), body, l)
		if err != nil {
			return
		}
		if m, _, err := image.Decode(bytes.NewReader(got.Body)); err != nil || m.Bounds().Dx() != got.Width || got.Width > l.Width || got.Height > l.Height {
			t.Errorf("%d×%d, %v", got.Width, got.Height, err)
		}
	})
}
