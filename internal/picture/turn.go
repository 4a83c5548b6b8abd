package picture

import (
	"encoding/binary"
	"image"
)

// pixels iterates over the pixels of a row.
func pixels(row []byte) func(func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		for n := 0; n < len(row); n += 4 {
			if !yield(n, row[n:n+4]) {
				return
			}
		}
	}
}

// turn shows a picture as its camera was held: the value of the Exif tag Orientation.
func turn(m *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation > 4 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			at := [9]image.Point{2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y}, 5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x}}[orientation]
			copy(out.Pix[out.PixOffset(at.X, at.Y):][:4], m.Pix[m.PixOffset(x, y):][:4])
		}
	}
	return out
}

// orientation reads the Exif tag of that name from a JPEG; 1, which is upright, where
// none can be read.
func orientation(body []byte) int {
	for at := 2; at+4 <= len(body) && body[at] == 0xff; {
		marker, n := body[at+1], int(binary.BigEndian.Uint16(body[at+2:]))
		if marker == 0xda || n < 2 || at+2+n > len(body) {
			break
		}
		if data := body[at+4 : at+2+n]; marker == 0xe1 && len(data) > 6 && string(data[:6]) == "Exif\x00\x00" {
			return orientationOf(data[6:])
		}
		at += 2 + n
	}
	return 1
}

// orientationOf reads it from the TIFF inside of Exif: from its first directory.
func orientationOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := uint64(order.Uint16(tiff[at:]))
	for n := range min(entries, 256) {
		e := at + 2 + 12*n
		if e+12 > uint64(len(tiff)) {
			return 1
		}
		const tagOrientation, typeShort = 0x0112, 3
		if order.Uint16(tiff[e:]) == tagOrientation && order.Uint16(tiff[e+2:]) == typeShort {
			return int(order.Uint16(tiff[e+8:]))
		}
	}
	return 1
}
