// Package picture makes pictures safe to serve: it looks at bytes that others
// made, and answers with bytes of its own. Nothing but the pixels is kept: no
// place, no camera, no profile, no second picture behind the first.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// The errors of Clean.
var (
	ErrType  = errors.New("picture: not a JPEG, PNG or GIF")
	ErrBytes = errors.New("picture: too many bytes")
	ErrSize  = errors.New("picture: too many pixels, or too few")
	ErrRead  = errors.New("picture: damaged")
)

// Limits bound what is read and what is made.
type Limits struct {
	Bytes  int // of the file
	Pixels int // before decoding: decoding takes four to eight bytes for each
	Least  int // pixels of the shorter side
	// The picture that is made fits into Width and Height. Fill: it has their
	// proportions, and what is more is cut off around the middle.
	Width, Height int
	Fill          bool
	// Photo: it is always a JPEG, over white. Else PNG and GIF become a PNG.
	Photo bool
}

// Picture is a clean picture.
type Picture struct {
	Bytes         []byte
	Type          string // image/jpeg or image/png
	Width, Height int
}

// format is how one type is read.
type format struct {
	magic  string
	config func(*bytes.Reader) (image.Config, error)
	decode func(*bytes.Reader) (image.Image, error)
	photo  bool
}

var formats = []format{
	{"\xff\xd8\xff", func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) }, func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }, true},
	{"\x89PNG\r\n\x1a\n", func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) }, func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }, false},
	{"GIF87a", gifConfig, gifFirst, false},
	{"GIF89a", gifConfig, gifFirst, false},
}

func gifConfig(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) }

// gifFirst reads the first frame only, however many there are.
func gifFirst(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }

// Clean reads a picture by its first bytes, whatever its name says, and makes a
// new one within the limits. A JPEG is turned the way its camera was held, for
// that is said in what is stripped.
func Clean(in []byte, l Limits) (Picture, error) {
	if len(in) > l.Bytes {
		return Picture{}, ErrBytes
	}
	for _, f := range formats {
		if bytes.HasPrefix(in, []byte(f.magic)) {
			return f.clean(in, l)
		}
	}
	return Picture{}, ErrType
}

func (f format) clean(in []byte, l Limits) (Picture, error) {
	is, err := f.config(bytes.NewReader(in))
	if err != nil {
		return Picture{}, ErrRead
	}
	if min(is.Width, is.Height) < max(l.Least, 1) || is.Width > l.Pixels/is.Height {
		return Picture{}, ErrSize
	}
	read, err := f.decode(bytes.NewReader(in))
	if err != nil || read.Bounds().Empty() {
		return Picture{}, ErrRead
	}
	turn := 1
	if f.photo {
		turn = orientation(in)
	}
	made := shrink(upright(flat(read), turn), l)
	out := Picture{Width: made.Rect.Dx(), Height: made.Rect.Dy()}
	var b bytes.Buffer
	if f.photo || l.Photo {
		out.Type, err = "image/jpeg", jpeg.Encode(&b, overWhite(made), &jpeg.Options{Quality: 88})
	} else {
		out.Type, err = "image/png", png.Encode(&b, made)
	}
	out.Bytes = b.Bytes()
	return out, err
}

// flat copies the pixels to where the others can be found quickly.
func flat(in image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, in.Bounds().Dx(), in.Bounds().Dy()))
	draw.Draw(out, out.Rect, in, in.Bounds().Min, draw.Src)
	return out
}

func overWhite(in *image.RGBA) *image.RGBA {
	out := image.NewRGBA(in.Rect)
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, in, in.Rect.Min, draw.Over)
	return out
}

// shrink makes a picture that fits, each pixel the mean of those that it stands
// for. A small picture stays as small as it is.
func shrink(in *image.RGBA, l Limits) *image.RGBA {
	from, w, h := in.Rect, in.Rect.Dx(), in.Rect.Dy()
	if l.Fill {
		if w*l.Height > h*l.Width {
			cut := max(h*l.Width/l.Height, 1)
			from.Min.X, from.Max.X = (w-cut)/2, (w-cut)/2+cut
		} else {
			cut := max(w*l.Height/l.Width, 1)
			from.Min.Y, from.Max.Y = (h-cut)/2, (h-cut)/2+cut
		}
		w, h = from.Dx(), from.Dy()
	}
	toW, toH := w, h
	if toW > l.Width {
		toW, toH = l.Width, max(h*l.Width/w, 1)
	}
	if toH > l.Height {
		toW, toH = max(w*l.Height/h, 1), l.Height
	}
	out := image.NewRGBA(image.Rect(0, 0, toW, toH))
	for y := range toH {
		y0, y1 := from.Min.Y+y*h/toH, from.Min.Y+(y+1)*h/toH
		for x := range toW {
			x0, x1 := from.Min.X+x*w/toW, from.Min.X+(x+1)*w/toW
			out.SetRGBA(x, y, mean(in, image.Rect(x0, y0, max(x1, x0+1), max(y1, y0+1))))
		}
	}
	return out
}

// mean is the colour of a part. Colours are premultiplied, so what is
// transparent has no say in it.
func mean(in *image.RGBA, part image.Rectangle) color.RGBA {
	var r, g, b, a int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := in.Pix[in.PixOffset(part.Min.X, y):in.PixOffset(part.Max.X, y)]
		for n := 0; n < len(row); n += 4 {
			r, g, b, a = r+int(row[n]), g+int(row[n+1]), b+int(row[n+2]), a+int(row[n+3])
		}
	}
	n := part.Dx() * part.Dy()
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), uint8(a / n)}
}
