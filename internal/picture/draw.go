package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
)

// Limits bound what is drawn.
type Limits struct {
	Bytes int // of the file that is read
	Least int // pixels of its shorter side
	// The picture that is drawn fits into Width and Height. Fill: it has their
	// proportions, and what is more is cut off around the middle.
	Width, Height int
	Fill          bool
	// Photo: it is always a JPEG, over white.
	Photo bool
}

// Drawn is a picture of ours with its size.
type Drawn struct {
	Picture
	Width, Height int
}

// Draw makes a picture for others to see of a file that an agent chose, as Clean does
// of a stranger's.
func Draw(ctx context.Context, body []byte, l Limits) (d Drawn, err error) {
	if len(body) > l.Bytes {
		return d, ErrBytes
	}
	whole, k, err := open(ctx, body, maxSide)
	if err != nil {
		return d, err
	}
	if s := whole.Rect.Size(); min(s.X, s.Y) < l.Least {
		return d, fmt.Errorf("%w: %d × %d", ErrFew, s.X, s.Y)
	}
	out := fit(whole, l)
	d.Width, d.Height = out.Rect.Dx(), out.Rect.Dy()
	if !l.Photo {
		d.Picture, err = encode(out, k.lossy)
		return d, err
	}
	white := image.NewRGBA(out.Rect)
	draw.Draw(white, white.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(white, white.Rect, out, out.Rect.Min, draw.Over)
	var b bytes.Buffer
	err = jpeg.Encode(&b, white, &jpeg.Options{Quality: quality})
	d.Picture = Picture{b.Bytes(), "image/jpeg"}
	return d, err
}

// fit makes a picture that fits, each pixel the mean of those that it stands for. A
// small picture stays as small as it is.
func fit(in image.Image, l Limits) *image.RGBA {
	from, w, h := in.Bounds(), in.Bounds().Dx(), in.Bounds().Dy()
	if l.Fill {
		if w*l.Height > h*l.Width {
			cut := max(h*l.Width/l.Height, 1)
			from.Min.X += (w - cut) / 2
			from.Max.X = from.Min.X + cut
		} else {
			cut := max(w*l.Height/l.Width, 1)
			from.Min.Y += (h - cut) / 2
			from.Max.Y = from.Min.Y + cut
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
	if toW == w && toH == h {
		draw.Draw(out, out.Rect, in, from.Min, draw.Src)
		return out
	}
	strip := image.NewRGBA(image.Rect(0, 0, w, h/toH+1)) // the rows of one row of out
	for y := range toH {
		y0, y1 := y*h/toH, (y+1)*h/toH
		draw.Draw(strip, image.Rect(0, 0, w, y1-y0), in, from.Min.Add(image.Pt(0, y0)), draw.Src)
		for x := range toW {
			x0, x1 := x*w/toW, (x+1)*w/toW
			var sum [4]uint64
			for row := range y1 - y0 {
				for _, p := range pixels(strip.Pix[strip.PixOffset(x0, row):strip.PixOffset(x1, row)]) {
					for n := range sum {
						sum[n] += uint64(p[n])
					}
				}
			}
			out.SetRGBA(x, y, colorOf(sum, uint64((x1-x0)*(y1-y0))))
		}
	}
	return out
}
