package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// The bounds of a picture.
const (
	// MaxBytes is how long a fetched one may be.
	MaxBytes = 10 << 20
	// MaxPixels is how many it may have: 4096 × 4096.
	MaxPixels = 1 << 24
	// maxSide is how wide or high it may be.
	maxSide = 1 << 15
	// maxScans is in how many steps a JPEG may become sharp: usual ones have ten. Each
	// costs as much as decoding all of it, and needs few bytes. One with over
	// manyPixels may have maxScansOfLarge.
	maxScans        = 64
	maxScansOfLarge = 16
	manyPixels      = 1 << 20
	// Side is how wide or high a picture is shown at most, and FaceSide a face.
	Side     = 2560
	FaceSide = 128
	// maxPNG is the length of a PNG over which one without transparency is a JPEG.
	maxPNG = 1 << 20
	// quality is that of JPEGs.
	quality = 85
)

// Why something is not made.
var (
	// ErrKind: it is none of the four kinds.
	ErrKind = errors.New("no JPEG, PNG, GIF or WebP")
	// ErrBytes: it is too long.
	ErrBytes = errors.New("too long a picture")
	// ErrPixels: it has more pixels than MaxPixels, or more scans.
	ErrPixels = errors.New("too large a picture")
	// ErrFew: it has too few pixels.
	ErrFew = errors.New("too small a picture")
	// ErrBroken: it cannot be decoded.
	ErrBroken = errors.New("a broken picture")
	// ErrBusy: others were decoded until its time was over.
	ErrBusy = errors.New("too many pictures are being decoded")
)

// Picture is one that can be shown.
type Picture struct {
	Body []byte
	Type string // image/jpeg or image/png
}

// kind is how pictures of one sort are read.
type kind struct {
	begins func([]byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// bytes is how much memory a pixel takes at most: decoded, drawn, and turned.
	bytes int
	// lossy ones are written as JPEG.
	lossy bool
}

func beginning(with string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(with)) }
}

var isJPEG = beginning("\xff\xd8\xff")

// The kinds. GIFs stand still: gif.Decode reads the first frame alone.
var kinds = []kind{
	{isJPEG, jpeg.DecodeConfig, jpeg.Decode, 24 + 8, true},
	{beginning("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, 16 + 4, false},
	{func(b []byte) bool { return beginning("GIF87a")(b) || beginning("GIF89a")(b) }, gif.DecodeConfig, gif.Decode, 2 + 4, false},
	{func(b []byte) bool { return len(b) > 12 && beginning("RIFF")(b) && string(b[8:12]) == "WEBP" }, webp.DecodeConfig, webp.Decode, 12 + 4, true},
}

// places bound the memory of decoding, in all of the program: two that need little
// and one that needs much may be decoded at a time.
var (
	smallPlaces = make(chan struct{}, 2)
	largePlaces = make(chan struct{}, 1)
)

// small is how much memory decoding a picture takes at most that needs little.
const small = 64 << 20

// Clean makes of foreign bytes a picture with no side over side. It stops waiting with
// ctx, and decoding when the decoder reads next: work between two reads goes on.
func Clean(ctx context.Context, body []byte, side int) (p Picture, err error) {
	if len(body) > MaxBytes {
		return p, ErrBytes
	}
	out, k, err := open(ctx, body, side)
	if err != nil {
		return p, err
	}
	return encode(out, k.lossy)
}

// open decodes the first frame of a file, shrinks it, and turns it as its camera was held.
func open(ctx context.Context, body []byte, side int) (out *image.RGBA, k kind, err error) {
	defer broken(&err)
	if k, err = kindOf(body); err != nil {
		return nil, k, err
	}
	body = still(body)
	config, err := configOf(k, body)
	if err != nil {
		return nil, k, err
	}
	places := smallPlaces
	if config.Width*config.Height*k.bytes > small || hasTables(body) {
		places = largePlaces
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
		return nil, k, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
	decoded, err := decode(ctx, k, body)
	if err != nil {
		return nil, k, err
	}
	// The first frame of a GIF may be smaller.
	if s := decoded.Bounds().Size(); s.X <= 0 || s.Y <= 0 || s.X > config.Width || s.Y > config.Height {
		return nil, k, fmt.Errorf("%w: it is %d × %d and said %d × %d", ErrBroken, s.X, s.Y, config.Width, config.Height)
	}
	out = fit(decoded, Limits{Width: side, Height: side})
	if k.lossy {
		out = turn(out, orientation(body))
	}
	return out, k, nil
}

// hasTables says whether a part of a WebP is lossless: the tables of that take memory
// however few pixels there are.
func hasTables(body []byte) bool {
	return bytes.HasPrefix(body, []byte("RIFF")) && (bytes.Contains(body, []byte("VP8L")) || bytes.Contains(body, []byte("ALPH")))
}

func kindOf(body []byte) (kind, error) {
	for _, k := range kinds {
		if k.begins(body) {
			return k, nil
		}
	}
	return kind{}, ErrKind
}

// configOf reads the size of a picture, and refuses a large one.
func configOf(k kind, body []byte) (config image.Config, err error) {
	if config, err = k.config(bytes.NewReader(body)); err != nil {
		return config, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if config.Width <= 0 || config.Height <= 0 {
		return config, fmt.Errorf("%w: it has no pixel", ErrBroken)
	}
	if config.Width > maxSide || config.Height > maxSide || config.Width*config.Height > MaxPixels {
		return config, fmt.Errorf("%w: %d × %d pixels", ErrPixels, config.Width, config.Height)
	}
	// In a JPEG's pixels the byte ff is followed by 00, so this counts scans; those of
	// a small preview in its metadata too.
	most := maxScans
	if config.Width*config.Height > manyPixels {
		most = maxScansOfLarge
	}
	if n := bytes.Count(body, []byte{0xff, 0xda}); isJPEG(body) && n > most {
		return config, fmt.Errorf("%w: %d scans", ErrPixels, n)
	}
	return config, nil
}

func decode(ctx context.Context, k kind, body []byte) (m image.Image, err error) {
	if m, err = k.decode(timely{ctx, bytes.NewReader(body)}); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return m, nil
}

// broken makes an error of a panic: decoders had some, and their input is hostile.
func broken(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrBroken, r)
	}
}

// timely is a reader that ends with a context, and the decoder that reads with it.
type timely struct {
	ctx  context.Context
	from io.Reader
}

func (t timely) Read(b []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	return t.from.Read(b)
}

func encode(m *image.RGBA, lossy bool) (p Picture, err error) {
	opaque := m.Opaque()
	var b bytes.Buffer
	if !lossy || !opaque {
		fast := png.Encoder{CompressionLevel: png.BestSpeed}
		if err := fast.Encode(&b, m); err != nil {
			return p, err
		}
		if !opaque || b.Len() <= maxPNG {
			return Picture{b.Bytes(), "image/png"}, nil
		}
		b.Reset()
	}
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		return p, err
	}
	return Picture{b.Bytes(), "image/jpeg"}, nil
}

// still returns the first frame of a WebP that moves as a file of its own; anything
// else as it is.
func still(body []byte) []byte {
	if len(body) < 12 || string(body[:4]) != "RIFF" {
		return body
	}
	for _, c := range chunksOf(body[12:]) {
		if c.name != "ANMF" || len(c.data) < 16 {
			continue
		}
		var clear []chunk
		for _, part := range chunksOf(c.data[16:]) {
			switch part.name {
			case "ALPH": // the header of a file that has it repeats the size of the frame
				const hasAlpha = 0x10
				clear = []chunk{{"VP8X", append([]byte{hasAlpha, 0, 0, 0}, c.data[6:12]...)}, part}
			case "VP8 ":
				return riff(append(clear, part)...)
			case "VP8L":
				return riff(part)
			}
		}
	}
	return body
}

// chunk is a part of a RIFF file.
type chunk struct {
	name string
	data []byte
}

// maxChunks is how many chunks of a file are read.
const maxChunks = 64

func chunksOf(b []byte) (out []chunk) {
	for len(b) >= 8 && len(out) < maxChunks {
		n := uint64(b[4]) | uint64(b[5])<<8 | uint64(b[6])<<16 | uint64(b[7])<<24
		if n > uint64(len(b)-8) {
			return out
		}
		out = append(out, chunk{string(b[:4]), b[8 : 8+n]})
		b = b[min(uint64(len(b)), 8+n+n%2):]
	}
	return out
}

// riff is a WebP of these chunks.
func riff(chunks ...chunk) []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		out = binary.LittleEndian.AppendUint32(append(out, c.name...), uint32(len(c.data)))
		out = append(append(out, c.data...), make([]byte, len(c.data)%2)...)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// colorOf is a colour as the mean of n.
func colorOf(sum [4]uint64, n uint64) color.RGBA {
	return color.RGBA{uint8((sum[0] + n/2) / n), uint8((sum[1] + n/2) / n), uint8((sum[2] + n/2) / n), uint8((sum[3] + n/2) / n)}
}
