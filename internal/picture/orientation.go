package picture

import (
	"encoding/binary"
	"image"
)

// The parts of a JPEG that matter here (ITU T.81, Exif 2.3).
const (
	markerExif     = 0xe1
	markerScan     = 0xda
	tagOrientation = 0x0112
)

// orientation is how a JPEG's camera was held, as Exif counts it, 1 to 8. It is 1
// where nothing says so.
func orientation(in []byte) int {
	for at := 2; at+4 <= len(in) && in[at] == 0xff && in[at+1] != markerScan; {
		size := int(binary.BigEndian.Uint16(in[at+2:]))
		if size < 2 || at+2+size > len(in) {
			return 1
		}
		if part := in[at+4 : at+2+size]; in[at+1] == markerExif && len(part) > 14 && string(part[:6]) == "Exif\x00\x00" {
			return exifOrientation(part[6:])
		}
		at += 2 + size
	}
	return 1
}

// exifOrientation reads the first directory of a TIFF.
func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := uint64(order.Uint16(tiff[at:]))
	for at += 2; entries > 0 && at+12 <= uint64(len(tiff)); at, entries = at+12, entries-1 {
		if order.Uint16(tiff[at:]) != tagOrientation {
			continue
		}
		if v := int(order.Uint16(tiff[at+8:])); v >= 1 && v <= 8 {
			return v
		}
		return 1
	}
	return 1
}

// upright turns a picture the way that Exif says.
func upright(in *image.RGBA, turn int) *image.RGBA {
	if turn == 1 {
		return in
	}
	w, h := in.Rect.Dx(), in.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if turn >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			to := [...][2]int{2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y}, 5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x}}[turn]
			out.SetRGBA(to[0], to[1], in.RGBAAt(x, y))
		}
	}
	return out
}
