package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

var icon = Limits{Bytes: 1 << 20, Pixels: 1 << 20, Least: 8, Width: 32, Height: 32, Fill: true}

// painted is red in its left half and blue in its right one.
func painted(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{255, 0, 0, 255})
			if x >= w/2 {
				m.Set(x, y, color.RGBA{0, 0, 255, 255})
			}
		}
	}
	return m
}

func encoded(t testing.TB, kind string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, m)
	case "jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "gif":
		err = gif.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif puts a part with an orientation and a secret into a JPEG.
func exif(in []byte, turn uint16) []byte {
	part := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	part = binary.BigEndian.AppendUint16(part, turn)
	part = append(part, "\x00\x00\x00\x00\x00\x00secret place"...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(part)+2))
	return bytes.Join([][]byte{in[:2], head, part, in[2:]}, nil)
}

// pngSaying is a PNG whose header claims a size.
func pngSaying(t testing.TB, w, h uint32) []byte {
	out := encoded(t, "png", painted(16, 16))
	binary.BigEndian.PutUint32(out[16:], w)
	binary.BigEndian.PutUint32(out[20:], h)
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}

func TestClean(t *testing.T) {
	for kind, want := range map[string]string{"png": "image/png", "gif": "image/png", "jpeg": "image/jpeg"} {
		got, err := Clean(encoded(t, kind, painted(200, 100)), icon)
		if err != nil || got.Type != want || got.Width != 32 || got.Height != 32 {
			t.Fatalf("%s: %s %d×%d, %v", kind, got.Type, got.Width, got.Height, err)
		}
		m, name, err := image.Decode(bytes.NewReader(got.Bytes))
		if err != nil || "image/"+name != want || m.Bounds().Dx() != 32 {
			t.Errorf("%s: decoded as %s, %v", kind, name, err)
		}
		r, _, b, _ := m.At(2, 2).RGBA()
		if r>>8 < 200 || b>>8 > 60 {
			t.Errorf("%s: its left half is no longer red: %d %d", kind, r>>8, b>>8)
		}
	}
	header := icon
	header.Width, header.Height, header.Fill, header.Photo = 60, 60, false, true
	if got, err := Clean(encoded(t, "png", painted(200, 100)), header); err != nil || got.Type != "image/jpeg" || got.Width != 60 || got.Height != 30 {
		t.Errorf("a header: %s %d×%d, %v", got.Type, got.Width, got.Height, err)
	}
	if got, err := Clean(encoded(t, "png", painted(16, 16)), icon); err != nil || got.Width != 16 {
		t.Errorf("a small picture was made larger: %d, %v", got.Width, err)
	}
}

func TestCleanKeepsPixelsOnly(t *testing.T) {
	in := append(exif(encoded(t, "jpeg", painted(200, 100)), 6), "<script>secret tail</script>"...)
	got, err := Clean(in, icon)
	if err != nil || bytes.Contains(got.Bytes, []byte("secret")) || bytes.Contains(got.Bytes, []byte("Exif")) {
		t.Fatalf("what was not a pixel was kept: %v", err)
	}
}

func TestCleanTurns(t *testing.T) {
	l := icon
	l.Fill, l.Width, l.Height = false, 200, 200
	red := map[uint16]image.Point{1: {5, 50}, 2: {195, 50}, 3: {195, 50}, 4: {5, 50}, 5: {50, 5}, 6: {50, 5}, 7: {50, 195}, 8: {50, 195}}
	for turn, at := range red {
		got, err := Clean(exif(encoded(t, "jpeg", painted(200, 100)), turn), l)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(got.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := m.At(at.X, at.Y).RGBA(); r>>8 < 200 || b>>8 > 60 {
			t.Errorf("orientation %d: %v is not red", turn, at)
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	good := encoded(t, "png", painted(100, 100))
	small := icon
	small.Bytes = len(good) - 1
	for name, c := range map[string]struct {
		in   []byte
		l    Limits
		want error
	}{
		"svg":            {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), icon, ErrType},
		"html":           {[]byte("<!doctype html><script>"), icon, ErrType},
		"nothing":        {nil, icon, ErrType},
		"many bytes":     {good, small, ErrBytes},
		"a bomb":         {pngSaying(t, 60000, 60000), icon, ErrSize},
		"more than int":  {pngSaying(t, 1<<31-1, 1<<31-1), icon, ErrRead},
		"too few pixels": {encoded(t, "png", painted(100, 7)), icon, ErrSize},
		"cut off":        {good[:len(good)/2], icon, ErrRead},
		"only a name":    {[]byte("GIF89a"), icon, ErrRead},
	} {
		if _, err := Clean(c.in, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, wanted %v", name, err, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, kind := range []string{"png", "jpeg", "gif"} {
		f.Add(encoded(f, kind, painted(20, 10)))
	}
	f.Add(exif(encoded(f, "jpeg", painted(20, 10)), 8))
	l := icon
	l.Pixels = 1 << 14
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := Clean(in, l)
		if err != nil {
			return
		}
		if m, _, err := image.Decode(bytes.NewReader(got.Bytes)); err != nil || m.Bounds().Dx() != got.Width || got.Width > l.Width || got.Height > l.Height {
			t.Errorf("%d×%d, %v", got.Width, got.Height, err)
		}
	})
}
