package bolt

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// noRoom says whether a commit failed for want of room only, so that nothing
// of it is in the file and later commits may work. In bbolt 1.5 a commit
// fails in one of these ways:
//
//   - errors.ErrMaxSizeReached while pages are allocated. Nothing was written.
//   - "file resize error: …" from growing the file, which hides its cause but
//     ends in the errno's text. Nothing was written.
//   - a *fs.PathError of the operation "write" from (*os.File).WriteAt. Pages
//     are written only where no committed state is, and the meta page, which
//     makes them count, only after they were synced; bbolt goes back to the
//     free list of the last good meta page. After ENOSPC, EDQUOT and EFBIG the
//     file's earlier content is intact. Any other errno (EIO) says that the
//     disk is failing.
//   - a bare syscall.Errno from fdatasync, or "file sync error: …" from fsync
//     after growing: the kernel has given up on pages, and may say that they
//     are clean from now on. Also with ENOSPC (delayed allocation, NFS): final.
//   - "mmap allocate error: …": bbolt has no map any more. Final.
//
// So a write's errno counts only inside a PathError. The tests provoke each of
// the first four for real and will notice when bbolt changes them.
func noRoom(err error) bool {
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return true
	}
	full := []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
	if write, ok := errors.AsType[*fs.PathError](err); ok {
		for _, errno := range full {
			if write.Op == "write" && errors.Is(write.Err, errno) {
				return true
			}
		}
		return false
	}
	if text := err.Error(); strings.HasPrefix(text, "file resize error: ") {
		for _, errno := range full {
			if strings.HasSuffix(text, ": "+errno.Error()) {
				return true
			}
		}
	}
	return false
}
