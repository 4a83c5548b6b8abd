package picture

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"
)

// scene is wide, red on its left, and blue on its right.
func scene(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{255, 0, 0, 255})
			if x >= w/2 {
				m.SetRGBA(x, y, color.RGBA{0, 0, 255, 255})
			}
		}
	}
	return m
}

func aJPEG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func aPNG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// spot is where the pictures of these tests were taken.
const spot = "GPS 52.5200 N 13.4050 E"

// exif puts a segment with an orientation and a place into a JPEG.
func exif(body []byte, orientation uint16) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00" + spot)
	binary.BigEndian.PutUint16(tiff[18:], orientation)
	data := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(data)+2))
	return slices.Concat(body[:2], head, data, body[2:])
}

// text puts a chunk with a place into a PNG, behind its header.
func text(body []byte) []byte {
	chunk := append([]byte("tEXt"), "Comment\x00"+spot...)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(chunk)-4))
	out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
	return slices.Concat(body[:33], out, body[33:])
}

// The smallest WebPs, with a lossy and a lossless picture of one pixel.
var lossy, lossless = decoded("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"), decoded("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")

func decoded(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// moving is a WebP that moves, of one frame.
func moving() []byte {
	frame := riff(chunk{"ANMF", append(make([]byte, 16), lossy[12:]...)})
	first := riff(chunk{"VP8X", []byte{2, 0, 0, 0, 0, 0, 0, 0, 0, 0}})
	return slices.Concat(first, frame[12:])
}

// movingClear is one whose frame has transparency of its own.
func movingClear() []byte {
	half := riff(chunk{"ALPH", []byte{0, 128}})[12:]
	frame := riff(chunk{"ANMF", slices.Concat(make([]byte, 16), half, lossy[12:])})
	return slices.Concat(riff(chunk{"VP8X", []byte{0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0}}), frame[12:])
}

// film is a GIF of many frames.
func film(t testing.TB, frames int) []byte {
	one := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White})
	g := gif.GIF{}
	for range frames {
		g.Image, g.Delay = append(g.Image, one), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func clean(t *testing.T, body []byte, side int) (Picture, image.Image) {
	t.Helper()
	p, err := Clean(t.Context(), body, side)
	if err != nil {
		t.Fatal(err)
	}
	m, kind, err := image.Decode(bytes.NewReader(p.Body))
	if err != nil || "image/"+kind != p.Type {
		t.Fatalf("%s is %s: %v", p.Type, kind, err)
	}
	return p, m
}

// Every kind is shown, as one of two, and nothing of the place comes along.
func TestClean(t *testing.T) {
	transparent := scene(40, 20)
	transparent.SetRGBA(0, 0, color.RGBA{})
	for name, c := range map[string]struct {
		body []byte
		want string
		size image.Point
	}{
		"JPEG":             {exif(aJPEG(t, scene(40, 20)), 1), "image/jpeg", image.Pt(40, 20)},
		"turned JPEG":      {exif(aJPEG(t, scene(40, 20)), 6), "image/jpeg", image.Pt(20, 40)},
		"PNG":              {text(aPNG(t, scene(40, 20))), "image/png", image.Pt(40, 20)},
		"transparent PNG":  {text(aPNG(t, transparent)), "image/png", image.Pt(40, 20)},
		"film":             {film(t, 10_000), "image/png", image.Pt(8, 8)},
		"lossy WebP":       {lossy, "image/jpeg", image.Pt(1, 1)},
		"transparent WebP": {lossless, "image/png", image.Pt(1, 1)},
		"moving WebP":      {moving(), "image/jpeg", image.Pt(1, 1)},
		"script behind":    {append(aPNG(t, scene(4, 4)), "<script>alert(1)</script>"+spot...), "image/png", image.Pt(4, 4)},
		"large":            {aJPEG(t, scene(6000, 30)), "image/jpeg", image.Pt(2560, 12)},
		"a little large":   {aPNG(t, scene(2600, 26)), "image/png", image.Pt(2560, 25)},
		"clear moving":     {movingClear(), "image/png", image.Pt(1, 1)},
	} {
		p, m := clean(t, c.body, Side)
		if p.Type != c.want || m.Bounds().Size() != c.size {
			t.Errorf("%s: %s of %v", name, p.Type, m.Bounds().Size())
		}
		if bytes.Contains(p.Body, []byte("GPS")) || bytes.Contains(p.Body, []byte("script")) {
			t.Errorf("%s: something came along", name)
		}
	}
}

func TestCleanShrinks(t *testing.T) {
	_, m := clean(t, aPNG(t, scene(1000, 500)), 128)
	if s := m.Bounds().Size(); s != image.Pt(128, 64) {
		t.Errorf("it is %v", s)
	}
	for x, want := range map[int]color.RGBA{3: {255, 0, 0, 255}, 120: {0, 0, 255, 255}} {
		if got := color.RGBAModel.Convert(m.At(x, 30)); got != want {
			t.Errorf("at %d it is %v", x, got)
		}
	}
}

// A camera that was turned says so in its metadata, which we remove.
func TestTurn(t *testing.T) {
	red := func(c color.Color) bool { r, _, b, _ := c.RGBA(); return r > b }
	// Where the left side of the scene is then: at the start or the end of x or y.
	for orientation, at := range map[uint16]func(image.Rectangle) image.Point{
		1: func(r image.Rectangle) image.Point { return image.Pt(1, r.Dy()/2) },
		2: func(r image.Rectangle) image.Point { return image.Pt(r.Dx()-2, r.Dy()/2) },
		3: func(r image.Rectangle) image.Point { return image.Pt(r.Dx()-2, r.Dy()/2) },
		4: func(r image.Rectangle) image.Point { return image.Pt(1, r.Dy()/2) },
		5: func(r image.Rectangle) image.Point { return image.Pt(r.Dx()/2, 1) },
		6: func(r image.Rectangle) image.Point { return image.Pt(r.Dx()/2, 1) },
		7: func(r image.Rectangle) image.Point { return image.Pt(r.Dx()/2, r.Dy()-2) },
		8: func(r image.Rectangle) image.Point { return image.Pt(r.Dx()/2, r.Dy()-2) },
		9: func(r image.Rectangle) image.Point { return image.Pt(1, r.Dy()/2) },
	} {
		_, m := clean(t, exif(aJPEG(t, scene(64, 32)), orientation), Side)
		p := at(m.Bounds())
		opposite := m.Bounds().Size().Sub(p)
		if !red(m.At(p.X, p.Y)) || red(m.At(opposite.X-1, opposite.Y-1)) {
			t.Errorf("orientation %d: the scene is the wrong way round", orientation)
		}
	}
}

// header is the beginning of a PNG that claims a size.
func header(w, h uint32) []byte {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	data = append(data, 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, data...), crc32.ChecksumIEEE(data))
}

func TestCleanRefuses(t *testing.T) {
	scans := aJPEG(t, scene(8, 8))
	for range maxScans {
		scans = append(scans, 0xff, 0xda)
	}
	largeScans := aJPEG(t, scene(1025, 1024))
	for range maxScansOfLarge {
		largeScans = append(largeScans, 0xff, 0xda)
	}
	bombGIF := film(t, 1)
	binary.LittleEndian.PutUint16(bombGIF[6:], 50_000)
	binary.LittleEndian.PutUint16(bombGIF[8:], 50_000)
	bombJPEG := aJPEG(t, scene(8, 8))
	at := bytes.Index(bombJPEG, []byte{0xff, 0xc0})
	copy(bombJPEG[at+5:], []byte{0xc3, 0x50, 0xc3, 0x50})
	bombWebP := riff(chunk{"VP8X", []byte{0, 0, 0, 0, 0x3f, 0x9c, 0, 0x3f, 0x9c, 0}})
	two := slices.Concat(riff(chunk{"VP8X", make([]byte, 10)}), riff(chunk{"VP8L", []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0}})[12:])
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"nothing":                        {nil, ErrKind},
		"SVG":                            {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), ErrKind},
		"HTML":                           {[]byte("<!doctype html><script>alert(1)</script>"), ErrKind},
		"HTML behind a blank":            {[]byte("\n\xff\xd8\xff"), ErrKind},
		"50,000 x 50,000 PNG":            {header(50_000, 50_000), ErrPixels},
		"the widest PNG":                 {header(1<<31-1, 1), ErrPixels},
		"50,000 x 50,000 GIF":            {bombGIF, ErrPixels},
		"50,000 x 50,000 JPEG":           {bombJPEG, ErrPixels},
		"40,000 x 40,000 WebP":           {bombWebP, ErrPixels},
		"a small WebP with a large part": {two, ErrBroken},
		"many scans":                     {scans, ErrPixels},
		"many scans of many pixels":      {largeScans, ErrPixels},
		"too long":                       {append(aJPEG(t, scene(8, 8)), make([]byte, MaxBytes)...), ErrBytes},
		"a header alone":                 {header(8, 8), ErrBroken},
		"a PNG without pixels":           {header(0, 8), ErrBroken},
	} {
		if p, err := Clean(t.Context(), c.body, Side); !errors.Is(err, c.want) {
			t.Errorf("%s: %s, %v", name, p.Type, err)
		}
	}
	for _, whole := range [][]byte{aJPEG(t, scene(64, 64)), aPNG(t, scene(64, 64)), lossy, moving(), film(t, 1)} {
		for n := range len(whole) {
			if _, err := Clean(t.Context(), whole[:n], Side); err != nil && !errors.Is(err, ErrBroken) && !errors.Is(err, ErrKind) {
				t.Errorf("the first %d bytes of %.4q: %v", n, whole, err)
			}
		}
	}
}

// One lossless WebP is decoded at a time, however small: its tables need memory.
func TestLosslessWaits(t *testing.T) {
	largePlaces <- struct{}{}
	defer func() { <-largePlaces }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for _, body := range [][]byte{lossless, movingClear()} {
		if _, err := Clean(ctx, body, Side); !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
	if _, err := Clean(t.Context(), lossy, Side); err != nil {
		t.Error(err)
	}
}

// Decoding ends with its context.
func TestCleanEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Clean(ctx, aPNG(t, scene(64, 64)), Side); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzClean(f *testing.F) {
	for _, b := range [][]byte{exif(aJPEG(f, scene(16, 8)), 6), text(aPNG(f, scene(16, 8))), film(f, 2), lossy, lossless, moving(), movingClear(), header(50_000, 50_000)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := Clean(t.Context(), body, 64)
		if err != nil {
			if !errors.Is(err, ErrBroken) && !errors.Is(err, ErrKind) && !errors.Is(err, ErrPixels) && !errors.Is(err, ErrBytes) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		m, _, err := image.Decode(bytes.NewReader(p.Body))
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Bounds().Size(); max(s.X, s.Y) > 64 || !strings.HasPrefix(p.Type, "image/") {
			t.Errorf("%s of %v", p.Type, s)
		}
	})
}
